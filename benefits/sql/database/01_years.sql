-- What the database guarantees for the benefits app; see enrollment/sql/database/.
GRANT SELECT, INSERT, UPDATE ON gap_repair, waiting_override, retirement_assessment TO {web}, {worker};

-- ---------------------------------------------------------------------------------------------
-- Row security, as of a year of cover (enrollment/sql/database/): a standing and a claim belong to
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
GRANT SELECT ON standing, standing_terms, standing_sum, claim, claim_use TO {web};
GRANT SELECT, INSERT, UPDATE ON standing, claim, claim_use TO {worker};
GRANT SELECT, INSERT ON standing_terms TO {worker};
GRANT SELECT, INSERT, UPDATE ON standing_sum TO {worker};
-- the lines of one file while they are checked: emptied by each import, outside row security
GRANT SELECT, INSERT, UPDATE, TRUNCATE ON staging_claims TO {worker};
-- a step is planned from the run monitor, its terms with it
GRANT INSERT ON standing_terms TO {web};
-- what was quoted is fixed once it is submitted; order and receipt are written later
CREATE OR REPLACE TRIGGER repair_is_fixed BEFORE UPDATE OF repair_years, unit_price, broken_years,
    contribution_paid_on, fixed_months, variable_before, unrepaired_start ON gap_repair
    FOR EACH ROW EXECUTE FUNCTION case_details_are_fixed();
CREATE OR REPLACE TRIGGER override_is_fixed BEFORE UPDATE ON waiting_override
    FOR EACH ROW EXECUTE FUNCTION case_details_are_fixed('in_force');

-- A wait is shortened by two levels and for a reason, whatever wrote the case, and holds for the year of
-- cover of its own person, once it was approved.
CREATE OR REPLACE FUNCTION override_is_decided_by_two() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT NEW.needs_second OR NEW.reason = '' THEN
        RAISE EXCEPTION 'override % needs a reason and two levels', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'override_is_decided_by_two';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER override_is_decided_by_two BEFORE INSERT OR UPDATE ON agency_case
    FOR EACH ROW WHEN (NEW.kind = 'waiting_override' AND NEW.state IN ('approved', 'effected'))
    EXECUTE FUNCTION override_is_decided_by_two();

CREATE OR REPLACE FUNCTION override_holds_for_its_year() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM agency_case c
                    WHERE c.id = NEW.case_ptr_id AND c.state IN ('approved', 'effected')
                      AND NEW.in_force = c.year * 1000000000000 + 100000000000 + c.person_id) THEN
        RAISE EXCEPTION 'override % does not hold for %', NEW.case_ptr_id, NEW.in_force
            USING ERRCODE = 'check_violation', CONSTRAINT = 'override_holds_for_its_year';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER override_holds_for_its_year BEFORE INSERT OR UPDATE OF in_force
    ON waiting_override
    FOR EACH ROW WHEN (NEW.in_force IS NOT NULL) EXECUTE FUNCTION override_holds_for_its_year();

CREATE OR REPLACE TRIGGER retirement_is_fixed BEFORE UPDATE ON retirement_assessment
    FOR EACH ROW EXECUTE FUNCTION case_details_are_fixed('in_force_id');
-- an assessment holds for its own person, once it was approved
CREATE OR REPLACE FUNCTION assessment_holds_for_its_person() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM agency_case c
                    WHERE c.id = NEW.case_ptr_id AND c.state IN ('approved', 'effected')
                      AND c.person_id = NEW.in_force_id) THEN
        RAISE EXCEPTION 'assessment % does not hold for %', NEW.case_ptr_id, NEW.in_force_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'assessment_holds_for_its_person';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER assessment_holds_for_its_person BEFORE INSERT OR UPDATE OF in_force_id
    ON retirement_assessment FOR EACH ROW WHEN (NEW.in_force_id IS NOT NULL)
    EXECUTE FUNCTION assessment_holds_for_its_person();
