-- A round pushed the people that its shards counted, each on a list of the year's register.
SELECT coalesce(c.step_id, p.step_id) AS step_id, coalesce(c.county, p.county) AS county,
       c.rows AS counted, p.rows AS pushed, p.strangers
  FROM (SELECT h.step_id, t.county, sum(t.persons) AS rows
          FROM shard_total t
          JOIN step_shard h ON h.id = t.shard_id
          JOIN year_step s ON s.id = h.step_id
          JOIN year_run r ON r.id = s.run_id
         WHERE s.name = 'chase' AND r.mode = 'real'
         GROUP BY 1, 2) c
  FULL JOIN (SELECT u.step_id, u.county, count(*) AS rows, count(*) - count(q.id) AS strangers
               FROM push u
               LEFT JOIN person q ON q.id = u.person_id
              GROUP BY 1, 2) p USING (step_id, county)
 WHERE c.rows IS DISTINCT FROM p.rows OR p.strangers > 0
