-- chase_results: refuse unknown rounds, people and items, numbers of somebody else, answers from before
-- the push, and what a line above answers already. Reads staging_chase_results alone.
WITH first AS (
    SELECT step_id, person_id, item, min(line) AS line
      FROM staging_chase_results
     WHERE problem IS NULL AND result IS NOT NULL
     GROUP BY 1, 2, 3
), found AS (
    SELECT s.line,
           CASE WHEN s.step_id IS NULL THEN 'round_unknown'
                WHEN s.item IS NULL AND s.person_id IS NULL THEN 'person_unknown'
                WHEN s.pushes IS NULL THEN 'not_on_the_list'
                WHEN s.differs THEN 'number_differs'
                WHEN s.told_on < s.pushed_on THEN 'told_before_push'
                WHEN s.result IS NOT NULL AND s.line > f.line THEN 'same_line' END AS problem,
           f.line AS first
      FROM staging_chase_results s
      LEFT JOIN first f ON f.step_id = s.step_id AND f.person_id = s.person_id
                       AND f.item IS NOT DISTINCT FROM s.item
     WHERE s.problem IS NULL
)
UPDATE staging_chase_results s
   SET problem = f.problem,
       problem_column = CASE f.problem WHEN 'round_unknown' THEN 'round'
                                       WHEN 'told_before_push' THEN 'told_on'
                                       WHEN 'same_line' THEN 'result'
                                       WHEN 'number_differs' THEN 'id_number'
                                       ELSE CASE WHEN s.item IS NULL THEN 'id_number' ELSE 'item' END
                        END,
       problem_value = CASE f.problem WHEN 'round_unknown' THEN s.round_year || '-' || s.round_serial
                                      WHEN 'told_before_push' THEN s.pushed_on::text
                                      WHEN 'same_line' THEN f.first::text
                                      ELSE coalesce(s.item::text, '') END
  FROM found f
 WHERE f.line = s.line AND f.problem IS NOT NULL
