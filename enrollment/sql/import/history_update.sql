-- history: bring known years of cover up to date. Reads enrollment by key.
UPDATE enrollment e
   SET region = s.region,
       due_on = s.due_on,
       paid_on = s.paid_on,
       months = s.months,
       repaired_years = s.repaired_years,
       repaired_on = s.repaired_on
  FROM staging_history s
 WHERE s.problem IS NULL
   AND s.changed
   AND e.id = s.key
