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
   -- a transfer moves a bill to another county, and its case says so
   AND NOT EXISTS (SELECT FROM agency_case k
                    WHERE k.kind = 'enrolment_transfer' AND k.state = 'effected'
                      AND k.year = coalesce(t.year, e.year))
