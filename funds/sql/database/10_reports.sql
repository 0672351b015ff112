-- Reports (docs/adr/0049-reports.md): of the whole province, for whoever sees all of it; appended by workers.
CALL secure_rows('report', 'false', 'false');
GRANT SELECT ON report TO {web}, {worker};
GRANT INSERT ON report TO {worker};
