-- recognition_list: of two lines with the same person and category the first counts.
UPDATE staging_recognition_list s
   SET problem = 'same_line', problem_column = 'id_number', problem_value = o.first
  FROM (SELECT line, row_number() OVER w AS place, first_value(line) OVER w AS first
          FROM staging_recognition_list
         WHERE problem IS NULL
        WINDOW w AS (PARTITION BY person_id, category ORDER BY line)) o
 WHERE s.line = o.line
   AND o.place > 1
