-- control_totals: refuse what lies outside the area of the import, what a line above says already, and
-- totals of days that are closed. Reads day_close by a_day_of_an_area_is_closed_once.
WITH first AS (
    SELECT source, day, region, scheme, channel, min(line) AS line
      FROM staging_control_totals
     WHERE problem IS NULL
     GROUP BY 1, 2, 3, 4, 5
), found AS (
    SELECT s.line,
           CASE WHEN s.region NOT BETWEEN %(area_first)s AND %(area_last)s THEN 'region_outside_area'
                WHEN s.line > f.line THEN 'same_line'
                WHEN EXISTS (SELECT FROM day_close c
                              WHERE c.area = pooling_area(s.region) AND c.day = s.day
                                AND c.reopened_at IS NULL) THEN 'day_is_closed' END AS problem,
           CASE WHEN s.line > f.line THEN f.line::text ELSE s.region::text END AS value
      FROM staging_control_totals s
      JOIN first f USING (source, day, region, scheme, channel)
     WHERE s.problem IS NULL
)
UPDATE staging_control_totals s
   SET problem = f.problem, problem_value = f.value,
       problem_column = CASE f.problem WHEN 'day_is_closed' THEN 'day' ELSE 'region' END
  FROM found f
 WHERE f.line = s.line AND f.problem IS NOT NULL
