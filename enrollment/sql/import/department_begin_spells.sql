-- department_list: spells that begin, and those of which only the end was told. Who had died by then
-- was refused. Reads staging_department_list alone.
WITH told AS (
    INSERT INTO enrollment (id, person_id, region, months, benefit_start, ended_on, ended_for)
    SELECT spell, person_id, coalesce(region, known_region), months,
           CASE WHEN event = 'employee_start' THEN on_day
                ELSE make_date(extract(year FROM on_day)::int, 1, 1) END,
           CASE WHEN event = 'employee_end' THEN on_day END,
           CASE WHEN event = 'employee_end' THEN 'resident_scheme' ELSE '' END
      FROM staging_department_list
     WHERE problem IS NULL
       AND outcome = 'applied'
       AND begins
    RETURNING id, person_id, months, ended_on
)
INSERT INTO import_effect (source_id, table_name, row_id, person_id, became)
SELECT %(import)s, 'enrollment', id, person_id,
       jsonb_build_object('months', months, 'ended_on', ended_on)
  FROM told
