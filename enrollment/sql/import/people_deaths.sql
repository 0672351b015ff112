-- people: a death that the file tells or corrects ends the years of cover it reaches, unless they
-- ended for another reason; a year that it no longer reaches is open again.
-- Reads enrollment by key: one look-up a year (`years`) and spell of a person.
WITH dead AS (
    SELECT person_id, died_on, extract(year FROM least(died_on, known_death)) AS first_year
      FROM staging_people
     WHERE problem IS NULL
       AND person_id IS NOT NULL
       AND died_on IS DISTINCT FROM known_death
), reached AS (
    SELECT d.died_on, y.year * 1000000000000 + spell.part + d.person_id AS key,
           make_date(y.year::int, 12, 31) >= d.died_on AS ends
      FROM dead d
      JOIN unnest(%(years)s::bigint[]) y (year) ON y.year >= d.first_year
     CROSS JOIN (SELECT 100000000000 UNION ALL
                 SELECT 200000000000 + slot * 10000000000
                   FROM generate_series(0::bigint, 9) slot) spell (part)
), told AS (
    UPDATE enrollment e
       SET ended_on = CASE WHEN r.ends THEN r.died_on END,
           ended_for = CASE WHEN r.ends THEN 'deceased' ELSE '' END
      FROM reached r
      JOIN enrollment o ON o.id = r.key
     WHERE e.id = o.id
       AND (e.ended_on IS NULL OR e.ended_for = 'deceased')
       AND (e.ended_on IS NOT NULL OR r.ends)
    RETURNING e.id, e.person_id,
              jsonb_build_object('ended_on', o.ended_on, 'ended_for', o.ended_for) AS was,
              jsonb_build_object('ended_on', e.ended_on, 'ended_for', e.ended_for) AS became
)
INSERT INTO import_effect (source_id, table_name, row_id, person_id, was, became)
SELECT %(import)s, 'enrollment', id, person_id, was, became
  FROM told
 WHERE EXISTS (SELECT FROM import i WHERE i.id = %(import)s AND i.by_screen)
