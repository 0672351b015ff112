-- remittance: for one area, refuse receipts of people who have no file: nobody knows whose they are.
-- Reads staging_remittance alone.
UPDATE staging_remittance
   SET problem = 'person_unknown', problem_column = 'id_number', problem_value = NULL
 WHERE problem IS NULL
   AND person_id IS NULL
   AND %(area)s::bigint IS NOT NULL
