-- recognition_list: what the list means for each row of the department on file, and which it begins.
-- Who is absent has left: the row ends the day before the list's. Nobody is dropped whose own line was
-- refused, nor who bears the name and birth date of a line whose number leads to nobody ('held'); nor
-- what began on the list's day itself. A category that another department told stays that one's.
-- Reads person_category and person once, staging_recognition_list four times.
INSERT INTO staging_list_act (person_id, category, act, row_id, was_valid, valid, qualified)
WITH listed AS (
    SELECT person_id, category, valid_from, valid_until, open_ended, qualified
      FROM staging_recognition_list
     WHERE problem IS NULL
), slip AS (
    SELECT DISTINCT person_id
      FROM staging_recognition_list
     WHERE problem <> 'same_line' AND person_id IS NOT NULL
), stranger AS (
    SELECT DISTINCT name, born
      FROM staging_recognition_list
     WHERE problem IS NOT NULL AND person_id IS NULL AND name IS NOT NULL AND born IS NOT NULL
), missing AS (
    SELECT c.id, c.person_id, c.category, c.valid, c.qualified, p.name, p.birth_date
      FROM person_category c
      JOIN person p ON p.id = c.person_id
      LEFT JOIN listed l ON l.person_id = c.person_id AND l.category = c.category
     WHERE c.source = %(source)s
       AND c.category = ANY(%(categories)s)
       AND c.valid @> %(day)s::date
       AND (c.qualified OR c.category = 'monitored')
       AND p.insured_region BETWEEN %(area_first)s AND %(area_last)s
       AND l.person_id IS NULL
), found AS (
    SELECT l.*, c.id, c.valid, c.source, c.qualified AS was_qualified
      FROM listed l
      LEFT JOIN person_category c ON c.person_id = l.person_id
                                 AND c.category = l.category
                                 AND c.valid @> %(day)s::date
), told AS (
    -- what each line wants the row to say; others of the same category are never run into
    SELECT f.*,
           CASE WHEN f.id IS NULL
                THEN daterange(greatest(coalesce(f.valid_from, %(day)s), n.ended),
                               least(f.valid_until, n.begins))
                WHEN f.source <> %(source)s THEN f.valid
                WHEN f.open_ended THEN daterange(lower(f.valid), n.begins)
                WHEN f.valid_until IS NOT NULL
                THEN daterange(lower(f.valid), least(f.valid_until, n.begins))
                ELSE f.valid END AS says,
           CASE WHEN f.id IS NULL THEN coalesce(f.qualified, true)
                WHEN f.source <> %(source)s THEN f.was_qualified
                WHEN f.category = 'monitored' THEN coalesce(f.qualified, f.was_qualified)
                ELSE coalesce(f.qualified, true) END AS counts
      FROM found f
      LEFT JOIN LATERAL (
        SELECT max(upper(o.valid)) FILTER (WHERE upper(o.valid) <= %(day)s) AS ended,
               min(lower(o.valid)) FILTER (WHERE lower(o.valid) > %(day)s) AS begins
          FROM person_category o
         WHERE o.person_id = f.person_id AND o.category = f.category
           AND (f.id IS NULL OR f.open_ended OR f.valid_until IS NOT NULL)
      ) n ON true
)
SELECT person_id, category,
       CASE WHEN id IS NULL THEN 'begin'
            WHEN (says, counts) IS DISTINCT FROM (valid, was_qualified) THEN 'change'
            ELSE 'keep' END,
       id, valid, says, counts
  FROM told
 UNION ALL
SELECT m.person_id, m.category,
       CASE WHEN s.person_id IS NOT NULL OR x.name IS NOT NULL THEN 'held'
            WHEN lower(m.valid) = %(day)s THEN 'keep'
            ELSE 'end' END,
       m.id, m.valid, daterange(lower(m.valid), greatest(%(day)s, lower(m.valid) + 1)), m.qualified
  FROM missing m
  LEFT JOIN slip s ON s.person_id = m.person_id
  LEFT JOIN stranger x ON x.name = m.name AND x.born = m.birth_date
