-- categories: lines that the register has already, with the same end; and open validities that
-- only get their end, which is no overlap. Reads person_category by (person, category, valid).
UPDATE staging_categories s
   SET category_id = c.id,
       changed = (c.valid, c.source)
                 IS DISTINCT FROM (daterange(s.valid_from, s.valid_until), s.source)
  FROM person_category c
 WHERE s.problem IS NULL
   AND c.person_id = s.person_id
   AND c.category = s.category
   AND lower(c.valid) = s.valid_from
   AND (upper(c.valid) IS NOT DISTINCT FROM s.valid_until OR upper_inf(c.valid))
