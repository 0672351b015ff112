-- Any kind: the lines that were refused, in the order of the file. {staging} is the table of the kind.
SELECT line, problem, coalesce(problem_column, ''), coalesce(problem_value, '')
  FROM {staging}
 WHERE problem IS NOT NULL
 ORDER BY line
