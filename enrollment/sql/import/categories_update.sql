-- categories: close validities that were open, or name another department; what each row said before
-- stays with the import. Reads person_category by key.
WITH told AS (
    UPDATE person_category c
       SET valid = daterange(s.valid_from, s.valid_until), source = s.source
      FROM staging_categories s
      JOIN person_category o ON o.id = s.category_id
     WHERE s.problem IS NULL
       AND s.changed
       AND c.id = o.id
    RETURNING c.id, to_jsonb(o) AS was, to_jsonb(c) AS became
)
INSERT INTO import_effect (source_id, row_id, was, became)
SELECT %(import)s, id, was, became
  FROM told
