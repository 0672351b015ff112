-- A person who had left or died before the year was opened has no open bill of it.
SELECT e.id AS enrollment, p.died_on, p.left_on, y.opened_on
  FROM year_run y
  JOIN enrollment e ON e.id >= y.year * 1000000000000 + 100000000000
                   AND e.id < y.year * 1000000000000 + 200000000000
  JOIN person p ON p.id = e.person_id
 WHERE y.mode = 'real' AND NOT y.from_history
   AND e.shard IS NOT NULL AND e.ended_on IS NULL
   AND (p.died_on <= y.opened_on OR p.left_on <= y.opened_on)
   -- what became known after the bill was made is still to be settled, and says so
   AND NOT EXISTS (SELECT FROM change c WHERE c.person_id = p.id AND c.year = y.year)
