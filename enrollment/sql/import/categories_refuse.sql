-- categories: refuse lines of people who have no file. Reads staging_categories alone.
UPDATE staging_categories
   SET problem = 'person_unknown', problem_column = 'id_number', problem_value = NULL
 WHERE problem IS NULL
   AND person_id IS NULL
