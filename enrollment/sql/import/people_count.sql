-- people: inserted, updated, unchanged.
SELECT count(*) FILTER (WHERE person_id IS NULL),
       count(*) FILTER (WHERE changed),
       count(*) FILTER (WHERE NOT changed)
  FROM staging_people
 WHERE problem IS NULL
