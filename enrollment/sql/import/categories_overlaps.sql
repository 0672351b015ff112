-- categories: refuse what overlaps another validity of the same category, and name that one. What a
-- line of this file closes is compared as that line tells it (categories_overlaps_in_file).
-- Reads person_category by (person, category, valid).
UPDATE staging_categories s
   SET problem = 'category_overlaps',
       problem_column = 'valid_from',
       problem_value = o.first_day || ' ~ ' || coalesce(o.last_day, '')
  FROM (SELECT s.line, min(lower(c.valid))::text AS first_day,
               (array_agg((upper(c.valid) - 1)::text ORDER BY lower(c.valid)))[1] AS last_day
          FROM staging_categories s
          JOIN person_category c ON c.person_id = s.person_id
                                AND c.category = s.category
                                AND c.valid && daterange(s.valid_from, s.valid_until)
         WHERE s.problem IS NULL
           AND s.category_id IS NULL
           AND NOT EXISTS (SELECT FROM staging_categories k
                            WHERE k.problem IS NULL AND k.category_id = c.id)
         GROUP BY s.line) o
 WHERE s.line = o.line
