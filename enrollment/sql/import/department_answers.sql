-- department_list: one outcome a line, with the line as it came; of refused ones the refusal has it.
INSERT INTO import_answer (source_id, line, event, outcome, sealed_cells)
SELECT %(import)s, line, coalesce(event, ''),
       CASE WHEN problem = 'person_unknown' THEN 'unmatched'
            WHEN problem = 'name_differs' THEN 'name_differs'
            WHEN problem IS NOT NULL THEN 'refused'
            ELSE outcome END,
       CASE WHEN problem IS NULL THEN cells END
  FROM staging_department_list
 ORDER BY line
