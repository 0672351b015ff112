-- rejects: the refused lines of one import, in the order of the file.
-- Reads import_reject by line_of_an_import_is_rejected_once.
SELECT sealed_cells, line, "column", reason
  FROM import_reject
 WHERE source_id = %(source)s
 ORDER BY line
