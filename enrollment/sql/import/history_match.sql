-- history: the person of each line, and the key of what needs no choice of a spell.
-- Reads person by identity_number_has_one_file.
UPDATE staging_history s
   SET person_id = p.id,
       key = CASE WHEN s.scheme = 1 THEN s.year * 1000000000000 + 100000000000 + p.id END
  FROM person p
 WHERE s.problem IS NULL
   AND p.id_digest = s.id_digest
