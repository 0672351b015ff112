-- department_list: inserted (files and students), updated (facts written or queued), unchanged.
SELECT count(*) FILTER (WHERE outcome = 'applied' AND event IN ('birth', 'student')),
       count(*) FILTER (WHERE outcome = 'case'
                           OR outcome = 'applied' AND event NOT IN ('birth', 'student')),
       count(*) FILTER (WHERE outcome = 'known')
  FROM staging_department_list
 WHERE problem IS NULL
