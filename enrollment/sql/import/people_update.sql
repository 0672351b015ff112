-- people: bring known people up to date. Where they are insured is not moved: that is a transfer.
-- Reads person by key.
UPDATE person p
   SET id_type = s.id_type,
       name = s.name,
       initials = s.initials,
       sex = s.sex,
       birth_date = s.birth_date,
       household_region = s.household_region,
       residence_region = s.residence_region,
       phone_sealed = coalesce(s.phone_sealed, p.phone_sealed),
       died_on = s.died_on
  FROM staging_people s
 WHERE s.problem IS NULL
   AND s.changed
   AND p.id = s.person_id
