-- Duplicates of files: pairs with the same name and birth date whose documents may be one and the same.
-- Numbers are sealed, so that their ends alone are compared here: the first six characters of two
-- resident numbers differ by two at most, and are the same of an old number kept as another document. What was paired before is left out, and files that left as
-- duplicates. The whole register in one statement: a hash or a merge of its own in work_mem, spilled
-- beyond it.
SELECT b.id, a.id, b.insured_region, b.id_type, a.id_type, b.id_sealed, a.id_sealed, b.sex = a.sex
  FROM person a
  JOIN person b ON b.name = a.name
               AND b.birth_date = a.birth_date
               AND b.id > a.id
 WHERE a.left_for <> 'duplicate'
   AND b.left_for <> 'duplicate'
   AND (a.id_type = 'birth_certificate' AND b.id_type = 'resident_id'
        OR a.id_type = 'resident_id' AND b.id_type = 'birth_certificate'
        OR 'other' IN (a.id_type, b.id_type)
           AND left(a.id_mask, 6) = left(b.id_mask, 6)
        OR a.id_type = 'resident_id' AND b.id_type = 'resident_id'
           AND (SELECT count(*)
                  FROM generate_series(1, 6) place
                 WHERE substr(a.id_mask, place, 1) <> substr(b.id_mask, place, 1)) <= 2)
   AND NOT EXISTS (SELECT FROM finding f
                    WHERE f.person_id = b.id
                      AND f.other_id = a.id
                      AND f.kind IN ('one_digit_off', 'certificate', 'old_number'))
