-- recognition_list: lines by outcome, as the feedback will tell them.
SELECT '',
       CASE WHEN s.problem = 'person_unknown' THEN 'unmatched'
            WHEN s.problem = 'name_differs' THEN 'name_differs'
            WHEN s.problem IS NOT NULL THEN 'refused'
            WHEN a.act = 'keep' THEN 'known'
            ELSE 'applied' END AS outcome,
       count(*)
  FROM staging_recognition_list s
  LEFT JOIN staging_list_act a ON a.person_id = s.person_id AND a.category = s.category
                              AND s.problem IS NULL
 GROUP BY 2
 ORDER BY 2
