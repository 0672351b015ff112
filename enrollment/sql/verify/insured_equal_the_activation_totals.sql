-- Who is insured in an activated year is who its activation counted, by county. Who paid after
-- the activation came later and is not among them.
SELECT coalesce(t.year, e.year) AS year, coalesce(t.county, e.county) AS county,
       t.persons AS counted, e.persons AS insured
  FROM (SELECT r.year, c.county, sum(c.persons) AS persons
          FROM year_run r
          JOIN year_step s ON s.run_id = r.id AND s.name = 'activate' AND s.state = 'done'
          JOIN step_shard h ON h.step_id = s.id
          JOIN shard_total c ON c.shard_id = h.id AND c.item = 'insured'
         WHERE r.mode = 'real' AND s.area IS NULL
         GROUP BY r.year, c.county) t
  FULL JOIN (SELECT y.year, e.county, count(*) AS persons
               FROM (SELECT r.year, max(s.on) AS activated_on, max(s.finished_at) AS finished_at
                       FROM year_run r
                       JOIN year_step s ON s.run_id = r.id AND s.name = 'activate'
                                       AND s.state = 'done' AND s.area IS NULL
                      WHERE r.mode = 'real'
                      GROUP BY r.year) y
               JOIN enrollment e ON e.id >= y.year * 1000000000000 + 100000000000
                                AND e.id < y.year * 1000000000000 + 200000000000
               LEFT JOIN step_shard h ON h.id = e.shard
              WHERE is_insured(e.id, e.payable, e.paid, e.ended_on)
                AND coalesce(e.paid_on <= y.activated_on, true)
                AND coalesce(h.finished_at < y.finished_at, true)
              GROUP BY y.year, e.county) e
         ON e.year = t.year AND e.county = t.county
 WHERE t.persons IS DISTINCT FROM e.persons
   -- an effected case changes what its counties' activation counted
   AND NOT EXISTS (SELECT FROM agency_case k
                     LEFT JOIN enrolment_transfer m ON m.case_ptr_id = k.id
                    WHERE k.state = 'effected' AND k.year = coalesce(t.year, e.year)
                      AND coalesce(t.county, e.county) IN (k.county, m.to_region / 1000000))
