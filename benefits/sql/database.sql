-- What the database guarantees for the benefits app; see enrollment/sql/database.sql.
GRANT SELECT, INSERT, UPDATE ON gap_repair TO {web}, {worker};

-- ---------------------------------------------------------------------------------------------
-- Row security, as of a year of cover (enrollment/sql/database.sql): a standing and a claim belong to
-- the region where the person was insured, and are read by the region that insures the person now.
-- The use of a year has no region of its own and is read through the person.
DO $$
DECLARE
    name text;
    person_here text := here('p', 'insured_region');
    used text := format('EXISTS (SELECT FROM person p WHERE p.id = claim_use.id %% 10000000000'
                        ' AND %s)', person_here);
BEGIN
    FOREACH name IN ARRAY ARRAY['standing', 'claim'] LOOP
        CALL secure_rows(name,
            format('CASE WHEN %s THEN true ELSE EXISTS (SELECT FROM person p'
                   ' WHERE p.id = %I.person_id AND %s) END', here(name), name, person_here),
            here(name));
    END LOOP;
    CALL secure_rows('claim_use', used, used);
END $$;

-- ---------------------------------------------------------------------------------------------
-- Grants. The web reads what steps and files wrote; nobody but the owner deletes.
GRANT SELECT ON standing, standing_terms, claim, claim_use TO {web};
GRANT SELECT, INSERT, UPDATE ON standing, claim, claim_use TO {worker};
GRANT SELECT, INSERT ON standing_terms TO {worker};
-- the lines of one file while they are checked: emptied by each import, outside row security
GRANT SELECT, INSERT, UPDATE, TRUNCATE ON staging_claims TO {worker};
-- a step is planned from the run monitor, its terms with it
GRANT INSERT ON standing_terms TO {web};
-- what was quoted is fixed once it is submitted; order and receipt are written later
CREATE OR REPLACE TRIGGER repair_is_fixed BEFORE UPDATE OF repair_years, unit_price, broken_years,
    contribution_paid_on, fixed_months, variable_before, unrepaired_start ON gap_repair
    FOR EACH ROW EXECUTE FUNCTION case_details_are_fixed();
