-- department_list: who goes to a school, since when and where.
WITH told AS (
    INSERT INTO school_attendance (person_id, since, region, source_id)
    SELECT person_id, on_day, region, %(import)s
      FROM staging_department_list
     WHERE problem IS NULL
       AND outcome = 'applied'
       AND event = 'student'
    RETURNING id, person_id, since, region
)
INSERT INTO import_effect (source_id, table_name, row_id, person_id, became)
SELECT %(import)s, 'school_attendance', id, person_id,
       jsonb_build_object('since', since, 'region', region)
  FROM told
