-- department_list: a person has one line a kind of fact, so that nothing rests on the order of lines:
-- the same line again is refused, and of two the later event waits until the earlier is applied.
-- Reads staging_department_list alone.
UPDATE staging_department_list s
   SET problem = CASE WHEN r.event = r.first_event AND r.on_day = r.first_day
                      THEN 'same_line' ELSE 'earlier_line' END,
       problem_column = 'on',
       problem_value = r.first
  FROM (SELECT line, event, on_day, first_value(line) OVER fact AS first,
               first_value(event) OVER fact AS first_event,
               first_value(on_day) OVER fact AS first_day
          FROM staging_department_list
         WHERE problem IS NULL
        WINDOW fact AS (PARTITION BY id_digest,
                                     CASE WHEN event LIKE 'employee%%' THEN 'employee'
                                          WHEN event LIKE 'other_cover%%' THEN 'other'
                                          ELSE event END
                        ORDER BY on_day, line)) r
 WHERE s.line = r.line
   AND r.line <> r.first
