-- department_list: the file of a new number. Where the old number has none, somebody corrected it
-- already, and the line is about that file. Reads person by identity_number_has_one_file.
UPDATE staging_department_list s
   SET other_id = p.id,
       other_name = p.name,
       person_id = coalesce(s.person_id, p.id),
       known_name = coalesce(s.known_name, p.name),
       known_region = coalesce(s.known_region, p.insured_region)
  FROM person p
 WHERE s.problem IS NULL
   AND s.event = 'identity'
   AND p.id_digest = s.new_digest
