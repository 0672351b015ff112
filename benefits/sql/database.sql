-- What the database guarantees for the benefits app; see enrollment/sql/database.sql.
GRANT SELECT, INSERT, UPDATE ON gap_repair TO {web}, {worker};

-- ---------------------------------------------------------------------------------------------
-- Row security. No context, no rows; the worker does yearly work on everyone. A claim's and a
-- standing's county is where the person was insured; the use of a year has no region of its own and
-- is read through the person.
DO $$
DECLARE name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['standing', 'claim'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('DROP POLICY IF EXISTS region_of_duty ON %I', name);
        EXECUTE format('DROP POLICY IF EXISTS yearly_work ON %I', name);
        EXECUTE format($policy$
            CREATE POLICY region_of_duty ON %I TO {web}
            USING (CASE WHEN (SELECT nullif(current_setting('app.all', true), '')::bool) THEN true
                        ELSE county = ANY ((SELECT nullif(current_setting('app.counties', true),
                                                          '')::int[])::int[]) END)
        $policy$, name);
        EXECUTE format('CREATE POLICY yearly_work ON %I TO {worker} USING (true) WITH CHECK (true)',
                       name);
    END LOOP;
END $$;
ALTER TABLE claim_use ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS person_of_duty ON claim_use;
DROP POLICY IF EXISTS yearly_work ON claim_use;
CREATE POLICY person_of_duty ON claim_use TO {web}
    USING (EXISTS (SELECT FROM person p WHERE p.id = claim_use.id % 10000000000));
CREATE POLICY yearly_work ON claim_use TO {worker} USING (true) WITH CHECK (true);

-- ---------------------------------------------------------------------------------------------
-- Grants. The web reads what steps and files wrote; nobody but the owner deletes.
GRANT SELECT ON standing, standing_terms, claim, claim_use TO {web};
GRANT SELECT, INSERT, UPDATE ON standing, claim, claim_use TO {worker};
GRANT SELECT, INSERT ON standing_terms TO {worker};
-- the lines of one file while they are checked: emptied by each import, outside row security
GRANT SELECT, INSERT, UPDATE, TRUNCATE ON staging_claims TO {worker};
-- a step is planned from the run monitor, its terms with it
GRANT INSERT ON standing_terms TO {web};
