-- history: refuse lines of people who have no file. Reads staging_history alone.
UPDATE staging_history
   SET problem = 'person_unknown', problem_column = 'id_number'
 WHERE problem IS NULL
   AND person_id IS NULL
