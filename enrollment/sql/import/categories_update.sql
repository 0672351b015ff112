-- categories: close validities that were open, or name another department. Reads person_category
-- by key.
UPDATE person_category c
   SET valid = daterange(s.valid_from, s.valid_until), source = s.source
  FROM staging_categories s
 WHERE s.problem IS NULL
   AND s.changed
   AND c.id = s.category_id
