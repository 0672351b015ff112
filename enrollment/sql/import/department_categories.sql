-- department_list: who left other cover is of a group that registers outside of the period and does not
-- wait, in that year (皖医保发〔2024〕6号 一（二）: 当年退出现役的军人、刑满释放等退出其他制度保障的人员).
-- Reads person_category by (person, category, valid).
WITH told AS (
    INSERT INTO person_category (person_id, category, valid, source)
    SELECT s.person_id, k.category, k.valid, s.source
      FROM staging_department_list s
     CROSS JOIN LATERAL (
        SELECT CASE s.source WHEN 'military' THEN 'demobilised' ELSE 'released_prisoner' END
                   AS category,
               daterange(s.on_day, make_date(extract(year FROM s.on_day)::int + 1, 1, 1)) AS valid
     ) k
     WHERE s.problem IS NULL
       AND s.outcome = 'applied'
       AND s.event = 'other_cover_end'
       AND NOT EXISTS (SELECT FROM person_category c
                        WHERE c.person_id = s.person_id
                          AND c.category = k.category
                          AND c.valid && k.valid)
    RETURNING id, person_id, category, valid, source
)
INSERT INTO import_effect (source_id, table_name, row_id, person_id, became)
SELECT %(import)s, 'person_category', id, person_id,
       jsonb_build_object('category', category, 'valid', valid, 'source', source)
  FROM told
