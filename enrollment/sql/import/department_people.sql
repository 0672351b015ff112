-- department_list: what is written about people: death, household, scheme, other cover. Where somebody
-- is insured is not moved: that is a transfer. Reads person by key.
WITH facts AS (
    SELECT person_id,
           max(on_day) FILTER (WHERE event = 'death') AS died_on,
           max(region) FILTER (WHERE event = 'moved') AS household,
           CASE WHEN bool_or(event = 'employee_start') THEN 2
                WHEN bool_or(event = 'employee_end') THEN 1 END AS scheme,
           max(on_day) FILTER (WHERE event = 'other_cover_start') AS left_on,
           bool_or(event = 'other_cover_end' AND known_left_for = 'other_cover') AS returns
      FROM staging_department_list
     WHERE problem IS NULL
       AND outcome = 'applied'
       AND event NOT IN ('birth', 'student')
     GROUP BY person_id
), told AS (
    UPDATE person p
       SET died_on = coalesce(f.died_on, p.died_on),
           household_region = coalesce(f.household, p.household_region),
           scheme = coalesce(f.scheme, p.scheme),
           left_on = CASE WHEN f.left_on IS NOT NULL THEN f.left_on
                          WHEN NOT f.returns THEN p.left_on END,
           left_for = CASE WHEN f.left_on IS NOT NULL THEN 'other_cover'
                           WHEN f.returns THEN '' ELSE p.left_for END
      FROM facts f
      JOIN person o ON o.id = f.person_id
     WHERE p.id = o.id
       AND (f.died_on, f.household, f.scheme, f.left_on) IS DISTINCT FROM (NULL, NULL, NULL, NULL)
        OR p.id = o.id AND f.returns
    RETURNING p.id,
              jsonb_build_object('died_on', o.died_on, 'household_region', o.household_region,
                                 'scheme', o.scheme, 'left_on', o.left_on, 'left_for', o.left_for)
                  AS was,
              jsonb_build_object('died_on', p.died_on, 'household_region', p.household_region,
                                 'scheme', p.scheme, 'left_on', p.left_on, 'left_for', p.left_for)
                  AS became
)
INSERT INTO import_effect (source_id, table_name, row_id, person_id, was, became)
SELECT %(import)s, 'person', id, id, was, became
  FROM told
