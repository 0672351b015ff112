-- history: the spell of each employee line. An area that the year already has keeps its spell; a
-- new one takes the next free of ten, earlier months first.
-- Reads enrollment by key: ten look-ups a person and year.
WITH told AS (
    SELECT line, person_id, year, region, months
      FROM staging_history
     WHERE problem IS NULL
       AND scheme = 2
), known AS (
    SELECT t.person_id, t.year, e.region, e.id, g.slot
      FROM (SELECT DISTINCT person_id, year FROM told) t
     CROSS JOIN generate_series(0::bigint, 9) g (slot)
      JOIN enrollment e
        ON e.id = t.year * 1000000000000 + 200000000000 + g.slot * 10000000000 + t.person_id
), same AS (
    SELECT t.line, min(k.id) AS key
      FROM told t
      JOIN known k USING (person_id, year, region)
     GROUP BY t.line
), fresh AS (
    SELECT t.line, t.person_id, t.year,
           row_number() OVER (PARTITION BY t.person_id, t.year
                              ORDER BY t.months & -t.months, t.line) AS place
      FROM told t
     WHERE NOT EXISTS (SELECT FROM same WHERE same.line = t.line)
), free AS (
    SELECT f.person_id, f.year, g.slot,
           row_number() OVER (PARTITION BY f.person_id, f.year ORDER BY g.slot) AS place
      FROM (SELECT DISTINCT person_id, year FROM fresh) f
     CROSS JOIN generate_series(0::bigint, 9) g (slot)
     WHERE NOT EXISTS (SELECT FROM known k
                        WHERE k.person_id = f.person_id AND k.year = f.year AND k.slot = g.slot)
), chosen AS (
    SELECT line, key FROM same
     UNION ALL
    SELECT f.line, f.year * 1000000000000 + 200000000000 + r.slot * 10000000000 + f.person_id
      FROM fresh f
      LEFT JOIN free r USING (person_id, year, place)
)
UPDATE staging_history s
   SET key = c.key,
       problem = CASE WHEN c.key IS NULL THEN 'too_many_spells' END,
       problem_column = CASE WHEN c.key IS NULL THEN 'region' END
  FROM chosen c
 WHERE s.line = c.line
