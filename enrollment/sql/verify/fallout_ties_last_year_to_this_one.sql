-- insured last year - fallout + joined = insured, by city, and each reason has its rows.
SELECT year, city, item, counted, present
  FROM (SELECT r.year, c.county / 100 AS city, 'insured' AS item,
               sum(c.persons) FILTER (WHERE c.item = 'insured_last_year')
               - coalesce(sum(c.persons) FILTER (WHERE c.item LIKE 'fallout:%'), 0)
               + coalesce(sum(c.persons) FILTER (WHERE c.item = 'joined'), 0) AS counted,
               sum(c.persons) FILTER (WHERE c.item = 'insured') AS present
          FROM year_run r
          JOIN year_step s ON s.run_id = r.id AND s.name = 'activate' AND s.state = 'done'
          JOIN step_shard h ON h.step_id = s.id
          JOIN shard_total c ON c.shard_id = h.id
         WHERE r.mode = 'real' AND s.area IS NULL
         GROUP BY r.year, c.county / 100) insured
 WHERE coalesce(counted, 0) <> coalesce(present, 0)
 UNION ALL
SELECT coalesce(t.year, f.year), coalesce(t.city, f.city), coalesce(t.reason, f.reason),
       t.persons, f.persons
  FROM (SELECT r.year, c.county / 100 AS city, substr(c.item, 9) AS reason,
               sum(c.persons) AS persons
          FROM year_run r
          JOIN year_step s ON s.run_id = r.id AND s.name = 'activate' AND s.state = 'done'
          JOIN step_shard h ON h.step_id = s.id
          JOIN shard_total c ON c.shard_id = h.id AND c.item LIKE 'fallout:%'
         WHERE r.mode = 'real' AND s.area IS NULL
         GROUP BY 1, 2, 3) t
  FULL JOIN (SELECT f.id / 1000000000000 AS year, f.county / 100 AS city, f.reason,
                    count(*) AS persons
               FROM fallout f GROUP BY 1, 2, 3) f
         ON f.year = t.year AND f.city = t.city AND f.reason = t.reason
 WHERE t.persons IS DISTINCT FROM f.persons
