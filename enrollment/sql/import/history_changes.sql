-- history: a year that came or changed late is a changed fact of every later year that was run,
-- because standing follows from the years before. Reads year_run.
INSERT INTO change (person_id, year, cause)
SELECT DISTINCT s.person_id, y.year, 'history'
  FROM staging_history s
  JOIN (SELECT DISTINCT year FROM year_run WHERE NOT from_history) y ON y.year > s.year
 WHERE s.problem IS NULL
   AND s.scheme <> 0
   AND (s.known IS NULL OR s.changed)
