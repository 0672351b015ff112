-- categories: refuse what overlaps another line. What the register has already stays, else the line
-- that comes first. Reads staging_categories alone.
UPDATE staging_categories s
   SET problem = CASE WHEN o.same THEN 'same_line' ELSE 'overlaps_line' END,
       problem_column = 'valid_from',
       problem_value = o.first
  FROM (SELECT later.line, min(earlier.line) AS first,
               bool_or(earlier.valid_from = later.valid_from
                       AND earlier.valid_until IS NOT DISTINCT FROM later.valid_until) AS same
          FROM staging_categories later
          JOIN staging_categories earlier
            ON earlier.person_id = later.person_id
           AND earlier.category = later.category
           AND (earlier.category_id IS NULL, earlier.line)
               < (later.category_id IS NULL, later.line)
           AND daterange(earlier.valid_from, earlier.valid_until)
               && daterange(later.valid_from, later.valid_until)
         WHERE later.problem IS NULL
           AND earlier.problem IS NULL
         GROUP BY later.line) o
 WHERE s.line = o.line
