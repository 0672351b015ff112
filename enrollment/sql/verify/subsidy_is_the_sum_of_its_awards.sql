-- Once a year's subsidies were awarded, every bill's subsidy is backed by awards, to the cent.
-- Bills made after the last award run (an area's step run again) are looked at by the next one.
SELECT e.id AS enrollment, e.subsidy, coalesce(a.amount, 0) AS awarded
  FROM (SELECT r.year, max(s.started_at) AS awarded_at
          FROM year_run r
          JOIN year_step s ON s.run_id = r.id AND s.name = 'subsidise' AND s.state = 'done'
         WHERE r.mode = 'real'
         GROUP BY r.year) y
  JOIN enrollment e ON e.id >= y.year * 1000000000000 AND e.id < (y.year + 1) * 1000000000000
  LEFT JOIN (SELECT enrollment_id, sum(amount) AS amount FROM award GROUP BY enrollment_id) a
         ON a.enrollment_id = e.id
  LEFT JOIN step_shard h ON h.id = e.shard
 WHERE e.subsidy <> coalesce(a.amount, 0)
   AND (h.id IS NULL OR h.finished_at < y.awarded_at)
