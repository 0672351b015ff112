-- department_list: what follows for years of cover. A death ends the years that it reaches; work and
-- other cover suspend the resident year in which they begin and end the later ones; the end of work
-- ends its spell and tells its months. Reads enrollment by key: one look-up a year (`years`) and spell
-- of a person.
WITH facts AS (
    SELECT person_id,
           max(on_day) FILTER (WHERE event = 'death') AS died_on,
           min(on_day) FILTER (WHERE event IN ('employee_start', 'other_cover_start')) AS covered_on,
           CASE WHEN bool_or(event = 'employee_start') THEN 'employee_scheme'
                ELSE 'other_cover' END AS covered_by,
           max(on_day) FILTER (WHERE event = 'employee_end') AS work_ended,
           max(spell) FILTER (WHERE NOT begins) AS spell,
           max(months) FILTER (WHERE NOT begins) AS months
      FROM staging_department_list
     WHERE problem IS NULL
       AND outcome = 'applied'
       AND event IN ('death', 'employee_start', 'employee_end', 'other_cover_start')
     GROUP BY person_id
), reached AS (
    SELECT e.id, e.person_id, e.suspended_from, e.ended_on, e.ended_for, e.months,
           f.died_on, f.covered_on, f.covered_by, f.work_ended, f.months AS told_months,
           e.id = f.spell AS is_spell, y.year, spell.part = 100000000000 AS is_resident,
           make_date(y.year::int, 1, 1) AS year_start, make_date(y.year::int, 12, 31) AS year_end
      FROM facts f
      JOIN unnest(%(years)s::bigint[]) y (year)
        ON y.year >= extract(year FROM least(f.died_on, f.covered_on, f.work_ended))
     CROSS JOIN (SELECT 100000000000 UNION ALL
                 SELECT 200000000000 + slot * 10000000000
                   FROM generate_series(0::bigint, 9) slot) spell (part)
      JOIN enrollment e ON e.id = y.year * 1000000000000 + spell.part + f.person_id
), becomes AS (
    SELECT id, person_id, suspended_from AS was_suspended, ended_on AS was_ended,
           ended_for AS was_for, months AS was_months,
           CASE WHEN is_resident AND ended_on IS NULL AND suspended_from IS NULL
                 AND covered_on BETWEEN year_start AND year_end
                THEN covered_on ELSE suspended_from END AS suspended_from,
           CASE WHEN ended_on IS NOT NULL THEN ended_on
                WHEN died_on <= year_end THEN died_on
                WHEN is_resident AND covered_on < year_start THEN year_start - 1
                WHEN NOT is_resident AND work_ended IS NOT NULL
                 AND (is_spell OR work_ended < year_start)
                THEN greatest(work_ended, year_start) END AS ended_on,
           CASE WHEN ended_on IS NOT NULL THEN ended_for
                WHEN died_on <= year_end THEN 'deceased'
                WHEN is_resident AND covered_on < year_start THEN covered_by
                WHEN NOT is_resident AND work_ended IS NOT NULL
                 AND (is_spell OR work_ended < year_start)
                THEN 'resident_scheme' ELSE '' END AS ended_for,
           CASE WHEN is_spell THEN months | told_months ELSE months END AS months
      FROM reached
), told AS (
    UPDATE enrollment e
       SET suspended_from = b.suspended_from, ended_on = b.ended_on, ended_for = b.ended_for,
           months = b.months
      FROM becomes b
     WHERE e.id = b.id
       AND (b.suspended_from, b.ended_on, b.ended_for, b.months)
           IS DISTINCT FROM (b.was_suspended, b.was_ended, b.was_for, b.was_months)
    RETURNING e.id, e.person_id,
              jsonb_build_object('suspended_from', b.was_suspended, 'ended_on', b.was_ended,
                                 'ended_for', b.was_for, 'months', b.was_months) AS was,
              jsonb_build_object('suspended_from', e.suspended_from, 'ended_on', e.ended_on,
                                 'ended_for', e.ended_for, 'months', e.months) AS became
)
INSERT INTO import_effect (source_id, table_name, row_id, person_id, was, became)
SELECT %(import)s, 'enrollment', id, person_id, was, became
  FROM told
