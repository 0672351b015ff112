-- recognition_list: column and value of what is wrong with a line.
-- Reads person by key.
UPDATE staging_recognition_list s
   SET problem_column = CASE WHEN s.told_problem IS NOT NULL THEN s.told_column
                             WHEN s.problem = 'name_differs' THEN 'name'
                             WHEN s.problem = 'begins_before_birth' THEN 'valid_from'
                             ELSE 'id_number' END,
       problem_value = CASE WHEN s.told_problem IS NOT NULL THEN s.told_value
                            WHEN s.problem = 'outside_area'
                            THEN (SELECT p.insured_region::text FROM person p WHERE p.id = s.person_id)
                            WHEN s.problem = 'name_differs' THEN s.name
                            WHEN s.problem = 'died_before'
                            THEN (SELECT p.died_on::text FROM person p WHERE p.id = s.person_id)
                            WHEN s.problem = 'begins_before_birth' THEN s.valid_from::text END
 WHERE s.problem IS NOT NULL
