-- Any kind that writes several tables: take back what the import wrote and nobody changed since; rows
-- and findings taken back, rows kept.
SELECT taken_back, kept FROM take_back_rows(%(import)s, %(today)s)
