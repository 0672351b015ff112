-- categories: validities that are new, in the order of the lines; each row stays with the import.
WITH told AS (
    INSERT INTO person_category (person_id, category, valid, source)
    SELECT person_id, category, daterange(valid_from, valid_until), source
      FROM staging_categories
     WHERE problem IS NULL
       AND category_id IS NULL
     ORDER BY line
    RETURNING id, to_jsonb(person_category) AS became
)
INSERT INTO import_effect (source_id, row_id, became)
SELECT %(import)s, id, became
  FROM told
