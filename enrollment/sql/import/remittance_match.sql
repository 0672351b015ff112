-- remittance: the person of each receipt. Reads person by identity_number_has_one_file.
UPDATE staging_remittance s
   SET person_id = p.id,
       problem = CASE WHEN p.insured_region NOT BETWEEN %(area_first)s AND %(area_last)s
                      THEN 'outside_area' END,
       problem_column = 'id_number',
       problem_value = p.insured_region
  FROM person p
 WHERE s.problem IS NULL
   AND p.id_digest = s.id_digest
