-- department_list: the person of each line, and what the register says of them.
-- Reads person by identity_number_has_one_file.
UPDATE staging_department_list s
   SET person_id = p.id,
       known_name = p.name,
       known_birth = p.birth_date,
       known_death = p.died_on,
       known_scheme = p.scheme,
       known_left = p.left_on,
       known_left_for = p.left_for,
       known_household = p.household_region,
       known_residence = p.residence_region,
       known_region = p.insured_region
  FROM person p
 WHERE s.problem IS NULL
   AND p.id_digest = s.id_digest
