-- people: who is on the register already, and what the file says otherwise.
-- Reads person by identity_number_has_one_file. An empty phone says nothing about the phone.
UPDATE staging_people s
   SET person_id = p.id,
       known_phone = CASE WHEN s.phone_sealed IS NOT NULL THEN p.phone_sealed END,
       known_death = p.died_on,
       known_region = p.insured_region,
       changed = (s.id_type, s.name, s.sex, s.birth_date, s.household_region, s.residence_region,
                  s.died_on)
                 IS DISTINCT FROM
                 (p.id_type, p.name, p.sex, p.birth_date, p.household_region, p.residence_region,
                  p.died_on)
                 OR (s.phone_sealed IS NOT NULL AND p.phone_sealed IS NULL)
  FROM person p
 WHERE s.problem IS NULL
   AND p.id_digest = s.id_digest
