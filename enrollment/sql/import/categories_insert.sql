-- categories: validities that are new, in the order of the lines.
INSERT INTO person_category (person_id, category, valid, source)
SELECT person_id, category, daterange(valid_from, valid_until), source
  FROM staging_categories
 WHERE problem IS NULL
   AND category_id IS NULL
 ORDER BY line
