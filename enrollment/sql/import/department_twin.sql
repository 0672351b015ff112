-- department_list: a child that got an identity number and is on file by its birth certificate, or the
-- other way round: same name, birth date and sex. No second file is opened. Reads person by
-- person_by_name.
UPDATE staging_department_list s
   SET other_id = t.id
  FROM (SELECT b.line, min(p.id) AS id
          FROM staging_department_list b
          JOIN person p ON p.name = b.name
                       AND p.birth_date = b.on_day
                       AND p.sex = b.sex
                       AND p.id_type <> b.id_type
         WHERE b.problem IS NULL
           AND b.event = 'birth'
           AND b.person_id IS NULL
           AND p.id_type IN ('birth_certificate', 'resident_id')
           AND p.insured_region BETWEEN %(area_first)s AND %(area_last)s
         GROUP BY b.line) t
 WHERE s.line = t.line
