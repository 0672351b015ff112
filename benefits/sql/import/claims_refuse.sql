-- claims: refuse lines of people who have no file. Reads staging_claims alone.
UPDATE staging_claims
   SET problem = 'person_unknown', problem_column = 'id_number', problem_value = NULL
 WHERE problem IS NULL
   AND person_id IS NULL
