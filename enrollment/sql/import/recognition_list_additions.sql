-- recognition_list: who comes to hold a subsidised category and held none is a dynamic addition, free
-- of any wait (皖医保发〔2024〕6号 一（二）) from the first day recognised to the end of the benefit year
-- that one pays for; who holds none any more is none either. `assess` reads these rows.
-- Reads person_category by (person, category, valid).
INSERT INTO staging_list_act (person_id, category, act, row_id, was_valid, valid, qualified)
WITH begun AS MATERIALIZED (
    SELECT person_id, min(lower(valid)) AS first
      FROM staging_list_act
     WHERE act = 'begin'
     GROUP BY person_id
)
SELECT x.person_id, %(new)s, 'begin', NULL, NULL, daterange(b.first, %(new_until)s), true
  FROM staging_list_person x
  JOIN begun b USING (person_id)
 WHERE x.after && %(subsidised)s
   AND NOT x.before && %(subsidised)s
   AND b.first < %(new_until)s
   AND NOT EXISTS (SELECT FROM person_category c
                    WHERE c.person_id = x.person_id AND c.category = %(new)s
                      AND c.valid && daterange(b.first, %(new_until)s))
 UNION ALL
SELECT c.person_id, c.category, 'end', c.id, c.valid, daterange(lower(c.valid), %(day)s), c.qualified
  FROM staging_list_person x
  JOIN person_category c ON c.person_id = x.person_id
 WHERE x.before && %(subsidised)s
   AND NOT x.after && %(subsidised)s
   AND c.category = %(new)s
   AND c.source = %(source)s
   AND c.valid @> %(day)s::date
   AND lower(c.valid) < %(day)s
