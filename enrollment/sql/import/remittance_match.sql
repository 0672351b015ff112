-- remittance: receipts of people who are insured outside the area that the file was sent for. Whose the
-- others are is asked where they are inserted: a mark on every line would write the file once more.
-- Reads person by identity_number_has_one_file.
UPDATE staging_remittance s
   SET problem = 'outside_area',
       problem_column = 'id_number',
       problem_value = p.insured_region
  FROM person p
 WHERE s.problem IS NULL
   AND p.id_digest = s.id_digest
   AND p.insured_region NOT BETWEEN %(area_first)s AND %(area_last)s
