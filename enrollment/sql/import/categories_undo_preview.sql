-- categories: how many rows still say what the import wrote, and how many do not.
-- Reads person_category by key.
SELECT count(*) FILTER (WHERE to_jsonb(c) @> e.became),
       count(*) FILTER (WHERE (to_jsonb(c) @> e.became) IS NOT TRUE)
  FROM import_effect e
  LEFT JOIN person_category c ON c.id = e.row_id
 WHERE e.source_id = %(import)s
