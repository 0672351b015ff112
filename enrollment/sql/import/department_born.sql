-- department_list: a file for each newborn, not registered: that is for the parents
-- (皖医保发〔2024〕6号 二（六）). Keys come with the lines, so that findings and answers name them.
WITH born AS (
    INSERT INTO person (id_type, id_digest, id_sealed, id_mask, name, initials, sex, birth_date,
                        household_region, residence_region, insured_region, left_on, left_for)
    SELECT id_type, id_digest, id_sealed, id_mask, name, initials, sex, on_day, region, region,
           insured, %(today)s, 'not_registered'
      FROM staging_department_list
     WHERE problem IS NULL
       AND event = 'birth'
       AND outcome = 'applied'
     ORDER BY line
    RETURNING id, id_digest, insured_region
)
UPDATE staging_department_list s
   SET person_id = b.id, known_region = b.insured_region
  FROM born b
 WHERE s.id_digest = b.id_digest
   AND s.problem IS NULL
   AND s.event = 'birth'
