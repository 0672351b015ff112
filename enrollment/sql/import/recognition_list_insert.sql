-- recognition_list: rows that begin; each stays with the import.
WITH told AS (
    INSERT INTO person_category (person_id, category, valid, source, qualified)
    SELECT person_id, category, valid, %(source)s, qualified
      FROM staging_list_act
     WHERE act = 'begin'
     ORDER BY person_id, category
    RETURNING id, to_jsonb(person_category) AS became
)
INSERT INTO import_effect (source_id, row_id, became)
SELECT %(import)s, id, became
  FROM told
