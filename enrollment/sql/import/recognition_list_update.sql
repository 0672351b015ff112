-- recognition_list: end and change rows that still say what was compared; what each said before stays
-- with the import. Reads person_category by key.
WITH told AS (
    UPDATE person_category c
       SET valid = a.valid, qualified = a.qualified
      FROM staging_list_act a
      JOIN person_category o ON o.id = a.row_id
     WHERE a.act IN ('end', 'change')
       AND c.id = o.id
       AND c.valid = a.was_valid
    RETURNING c.id, to_jsonb(o) AS was, to_jsonb(c) AS became
)
INSERT INTO import_effect (source_id, row_id, was, became)
SELECT %(import)s, id, was, became
  FROM told
