-- chase_results: whom a line names by the identity number. Reads person by identity_number_has_one_file.
UPDATE staging_chase_results s
   SET person_id = p.id
  FROM person p
 WHERE s.problem IS NULL
   AND p.id_digest = s.id_digest
