-- recognition_list: over all departments, what the people whose rows move hold today and would hold;
-- the highest category in the order of %(order)s decides (enrollment/rules/recognition.py).
-- Reads person_category by (person, category, valid), person by key.
INSERT INTO staging_list_person (person_id, region, before, after, was, becomes, outcome)
WITH held AS (
    SELECT c.person_id, c.category,
           c.qualified AND c.valid @> %(today)s::date AS before,
           CASE a.act WHEN 'end' THEN false
                      WHEN 'change' THEN a.qualified AND a.valid @> %(today)s::date
                      ELSE c.qualified AND c.valid @> %(today)s::date END AS after
      FROM person_category c
      LEFT JOIN staging_list_act a ON a.row_id = c.id
     WHERE c.person_id IN (SELECT person_id FROM staging_list_act
                            WHERE act IN ('begin', 'end', 'change'))
       AND c.category = ANY(%(order)s)
     UNION ALL
    SELECT person_id, category, false, qualified AND valid @> %(today)s::date
      FROM staging_list_act
     WHERE act = 'begin'
), ranked AS (
    SELECT person_id,
           coalesce(array_agg(category) FILTER (WHERE before), '{}') AS before,
           coalesce(array_agg(DISTINCT category) FILTER (WHERE after), '{}') AS after,
           min(array_position(%(order)s::text[], category)) FILTER (WHERE before) AS was,
           min(array_position(%(order)s::text[], category)) FILTER (WHERE after) AS becomes
      FROM held
     GROUP BY person_id
)
SELECT r.person_id, p.insured_region, r.before, r.after,
       coalesce((%(order)s::text[])[r.was], ''), coalesce((%(order)s::text[])[r.becomes], ''),
       CASE WHEN r.was IS NOT DISTINCT FROM r.becomes THEN 'unchanged'
            WHEN r.was IS NULL THEN 'joined'
            WHEN r.becomes IS NULL THEN 'left'
            WHEN r.becomes < r.was THEN 'up'
            ELSE 'down' END
  FROM ranked r
  JOIN person p ON p.id = r.person_id
