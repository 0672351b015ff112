-- claims: a change for each person and year, where the year or one after it was assessed already.
-- Bulk work before that leaves none, because the step will read the claims.
INSERT INTO change (person_id, year, cause)
SELECT DISTINCT s.person_id, extract(year FROM s.settled_on)::int, 'claim'
  FROM staging_claims s
 WHERE s.problem IS NULL
   AND s.known IS NULL
   AND extract(year FROM s.settled_on) <= (
           SELECT max(r.year)
             FROM year_step t
             JOIN year_run r ON r.id = t.run_id
            WHERE t.name = 'assess'
              AND t.state <> 'refused'
              AND r.mode = 'real')
 ORDER BY 1, 2
