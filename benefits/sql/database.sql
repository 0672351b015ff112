-- What the database guarantees for the benefits app; see enrollment/sql/database.sql.
GRANT SELECT, INSERT, UPDATE ON gap_repair TO {web}, {worker};
