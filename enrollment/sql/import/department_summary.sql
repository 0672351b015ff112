-- department_list: lines by event and outcome, those that could not be read under no event.
SELECT coalesce(event, ''),
       CASE WHEN problem = 'person_unknown' THEN 'unmatched'
            WHEN problem = 'name_differs' THEN 'name_differs'
            WHEN problem IS NOT NULL THEN 'refused'
            ELSE outcome END,
       count(*)
  FROM staging_department_list
 GROUP BY 1, 2
 ORDER BY 1, 2
