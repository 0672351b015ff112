-- Whatever a department told has one outcome, and what was refused has its reason.
SELECT i.id AS import, i.lines_read, i.rejected, count(a.line) AS answers, count(r.line) AS reasons
  FROM import i
  LEFT JOIN import_answer a ON a.source_id = i.id
  LEFT JOIN import_reject r ON r.source_id = i.id AND r.line = a.line
                           AND a.outcome IN ('unmatched', 'name_differs', 'refused')
 WHERE i.kind = 'department_list'
   AND i.state IN ('applied', 'undo_asked', 'undoing', 'undone')
 GROUP BY i.id
HAVING count(a.line) <> i.lines_read OR count(r.line) <> i.rejected
