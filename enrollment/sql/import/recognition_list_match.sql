-- recognition_list: the person of each line, and why it is not taken. The person stays with a refused
-- line, so that nobody is dropped for a slip of the pen.
-- Reads person by identity_number_has_one_file.
UPDATE staging_recognition_list s
   SET person_id = p.id,
       problem = CASE WHEN s.told_problem IS NOT NULL THEN s.told_problem
                      WHEN s.doubtful AND r.is_rounded THEN 'identity_rounded'
                      WHEN p.insured_region NOT BETWEEN %(area_first)s AND %(area_last)s
                      THEN 'outside_area'
                      WHEN p.name <> s.name THEN 'name_differs'
                      WHEN p.died_on <= %(day)s THEN 'died_before'
                      WHEN s.valid_from < p.birth_date THEN 'begins_before_birth' END
  FROM person p
 CROSS JOIN (SELECT EXISTS (SELECT FROM staging_recognition_list
                             WHERE told_problem = 'identity_rounded') AS is_rounded) r
 WHERE p.id_digest = s.id_digest
