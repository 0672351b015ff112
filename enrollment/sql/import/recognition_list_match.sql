-- recognition_list: the person of each line, and why a line is not taken. The person stays with a
-- refused line, so that nobody is dropped for a slip of the pen.
-- Reads person by identity_number_has_one_file.
UPDATE staging_recognition_list s
   SET person_id = m.person_id, problem = m.problem,
       problem_column = CASE WHEN m.problem = m.told_problem THEN m.told_column
                             WHEN m.problem = 'name_differs' THEN 'name'
                             WHEN m.problem = 'begins_before_birth' THEN 'valid_from'
                             ELSE 'id_number' END,
       problem_value = CASE m.problem WHEN m.told_problem THEN m.told_value
                                      WHEN 'outside_area' THEN m.insured_region::text
                                      WHEN 'name_differs' THEN m.name
                                      WHEN 'died_before' THEN m.died_on::text
                                      WHEN 'begins_before_birth' THEN m.valid_from::text END
  FROM (SELECT l.line, l.name, l.valid_from, l.told_problem, l.told_column, l.told_value,
               p.id AS person_id, p.insured_region, p.died_on,
               CASE WHEN l.told_problem IS NOT NULL THEN l.told_problem
                    WHEN l.doubtful AND EXISTS (SELECT FROM staging_recognition_list
                                                 WHERE told_problem = 'identity_rounded')
                    THEN 'identity_rounded'
                    WHEN p.id IS NULL THEN 'person_unknown'
                    WHEN p.insured_region NOT BETWEEN %(area_first)s AND %(area_last)s
                    THEN 'outside_area'
                    WHEN p.name <> l.name THEN 'name_differs'
                    WHEN p.died_on <= %(day)s THEN 'died_before'
                    WHEN l.valid_from < p.birth_date THEN 'begins_before_birth' END AS problem
          FROM staging_recognition_list l
          LEFT JOIN person p ON p.id_digest = l.id_digest) m
 WHERE s.line = m.line
