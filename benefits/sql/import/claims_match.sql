-- claims: the person of each line with the place of insurance. What a person cost in life may be
-- settled after death, and no text says until when. Reads person by identity_number_has_one_file.
UPDATE staging_claims s
   SET person_id = p.id,
       region = p.insured_region,
       problem = CASE WHEN p.insured_region NOT BETWEEN %(area_first)s AND %(area_last)s
                      THEN 'outside_area'
                      WHEN s.settled_on < p.birth_date THEN 'settled_before_birth' END,
       problem_column = CASE WHEN p.insured_region NOT BETWEEN %(area_first)s AND %(area_last)s
                             THEN 'id_number' ELSE 'settled_on' END,
       problem_value = CASE WHEN p.insured_region NOT BETWEEN %(area_first)s AND %(area_last)s
                            THEN p.insured_region::text ELSE s.settled_on::text END
  FROM person p
 WHERE s.problem IS NULL
   AND p.id_digest = s.id_digest
