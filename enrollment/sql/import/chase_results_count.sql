-- chase_results: answered for the first time, answered otherwise, unchanged; a line without an answer
-- changes nothing.
SELECT count(*) FILTER (WHERE changed AND NOT known),
       count(*) FILTER (WHERE changed AND known),
       count(*) FILTER (WHERE changed IS NOT TRUE)
  FROM staging_chase_results
 WHERE problem IS NULL
