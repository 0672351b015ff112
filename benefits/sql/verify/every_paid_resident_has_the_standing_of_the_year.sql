-- Who is insured as a resident in an assessed year has a standing that says so, and nobody else has a
-- ceiling. Years whose changes are not taken yet are told by their own check.
SELECT coalesce(e.id, s.id) AS id
  FROM (SELECT DISTINCT r.year
          FROM year_run r
          JOIN year_step t ON t.run_id = r.id
         WHERE r.mode = 'real' AND r.activated_on IS NOT NULL
           AND t.name = 'assess' AND t.area IS NULL AND t.state = 'done') y
 CROSS JOIN LATERAL (
        SELECT id FROM enrollment
         WHERE id >= y.year * 1000000000000 + 100000000000
           AND id < y.year * 1000000000000 + 200000000000
           AND is_insured(id, payable, paid, ended_on)) e
  FULL JOIN (SELECT id FROM standing WHERE cover = 'R') s ON s.id = e.id
 WHERE (e.id IS NULL OR s.id IS NULL)
   AND NOT EXISTS (SELECT FROM year_run r
                    WHERE r.mode = 'real' AND r.activated_on IS NULL
                      AND r.year = coalesce(e.id, s.id) / 1000000000000)
