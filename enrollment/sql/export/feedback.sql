-- feedback: every line of a department's list with its outcome, in the order of the file; what was
-- refused was kept with the refusal. Reads import_answer and import_reject by (source_id, line).
SELECT coalesce(a.sealed_cells, r.sealed_cells), a.line, a.outcome, coalesce(r.reason, '')
  FROM import_answer a
  LEFT JOIN import_reject r ON r.source_id = a.source_id AND r.line = a.line
 WHERE a.source_id = %(source)s
 ORDER BY a.line
