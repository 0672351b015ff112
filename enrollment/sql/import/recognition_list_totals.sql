-- recognition_list: people by county, outcome and category before and after; those whose rows stay as
-- they are with what the list says of them.
SELECT region / 1000000, outcome, was, becomes, count(*)
  FROM staging_list_person
 GROUP BY 1, 2, 3, 4
 UNION ALL
SELECT p.county, 'unchanged', k.category, k.category, count(*)
  FROM (SELECT DISTINCT ON (a.person_id) a.person_id, a.category
          FROM staging_list_act a
         WHERE a.act IN ('keep', 'held')
           AND NOT EXISTS (SELECT FROM staging_list_person x WHERE x.person_id = a.person_id)
         ORDER BY a.person_id, array_position(%(order)s::text[], a.category)) k
  JOIN person p ON p.id = k.person_id
 GROUP BY 1, 3
