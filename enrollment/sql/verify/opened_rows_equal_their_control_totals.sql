-- The rows that the open step of a year made are those that its shards counted, by county.
SELECT coalesce(t.year, e.year) AS year, coalesce(t.county, e.county) AS county,
       t.persons AS counted, e.persons AS present
  FROM (SELECT r.year, c.county, sum(c.persons) AS persons, sum(c.standard) AS standard
          FROM year_run r
          JOIN year_step s ON s.run_id = r.id AND s.name = 'open' AND s.state = 'done'
          JOIN step_shard h ON h.step_id = s.id
          JOIN shard_total c ON c.shard_id = h.id
         WHERE r.mode = 'real'
         GROUP BY r.year, c.county) t
  FULL JOIN (SELECT e.id / 1000000000000 AS year,
                    min(e.county) AS county, count(*) AS persons, sum(e.standard) AS standard
               FROM enrollment e
              WHERE e.shard IS NOT NULL
                AND e.id / 100000000000 % 10 = 1
              GROUP BY e.id / 1000000000000, e.county) e
         ON e.year = t.year AND e.county = t.county
 WHERE (t.persons, t.standard) IS DISTINCT FROM (e.persons, e.standard)
   -- a transfer moves a bill between two counties, and its case names them
   AND NOT EXISTS (SELECT FROM agency_case k JOIN enrolment_transfer m ON m.case_ptr_id = k.id
                    WHERE k.state = 'effected' AND k.year = coalesce(t.year, e.year)
                      AND coalesce(t.county, e.county) IN (k.county, m.to_region / 1000000))
