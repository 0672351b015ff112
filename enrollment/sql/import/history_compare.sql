-- history: which lines the register has already, and which say something else.
-- Reads enrollment by key, in the partitions between `first_key` and `last_key` alone.
UPDATE staging_history s
   SET known = true,
       changed = (s.region, s.due_on, s.paid_on, s.months, s.repaired_years, s.repaired_on)
                 IS DISTINCT FROM
                 (e.region, e.due_on, e.paid_on, e.months, e.repaired_years, e.repaired_on)
  FROM enrollment e
 WHERE s.problem IS NULL
   AND e.id = s.key
   AND e.id >= %(first_key)s
   AND e.id < %(last_key)s
