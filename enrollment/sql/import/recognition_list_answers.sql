-- recognition_list: one outcome a line, with the line as it came; of refused ones the refusal has it.
INSERT INTO import_answer (source_id, line, event, outcome, sealed_cells)
SELECT %(import)s, s.line, '',
       CASE WHEN s.problem = 'person_unknown' THEN 'unmatched'
            WHEN s.problem = 'name_differs' THEN 'name_differs'
            WHEN s.problem IS NOT NULL THEN 'refused'
            WHEN a.act = 'keep' THEN 'known'
            ELSE 'applied' END,
       CASE WHEN s.problem IS NULL THEN s.cells END
  FROM staging_recognition_list s
  LEFT JOIN staging_list_act a ON a.person_id = s.person_id AND a.category = s.category
                              AND s.problem IS NULL
 ORDER BY s.line
