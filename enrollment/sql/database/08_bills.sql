-- What others give is never more than the bill says of it, and so never above the personal share: asked
-- once an act is complete; of two at once the second sees what the first gave. Steps tie their awards by
-- their totals.
CREATE OR REPLACE FUNCTION awards_fit_into_the_bill() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE billed numeric;
BEGIN
    SELECT subsidy INTO billed FROM enrollment WHERE id = NEW.enrollment_id FOR NO KEY UPDATE;
    IF (SELECT sum(amount) FROM award WHERE enrollment_id = NEW.enrollment_id) > billed THEN
        RAISE EXCEPTION 'the awards of % are above the subsidy on the bill', NEW.enrollment_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'awards_fit_into_the_bill';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS awards_fit_into_the_bill ON award;
CREATE CONSTRAINT TRIGGER awards_fit_into_the_bill AFTER INSERT ON award
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.case_id IS NOT NULL AND NEW.amount > 0)
    EXECUTE FUNCTION awards_fit_into_the_bill();

-- A relative's account pays what is due and no more (个人账户共济), and its money is on the bill.
CREATE OR REPLACE FUNCTION account_pays_what_is_due() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE bill enrollment;
BEGIN
    IF (SELECT funder FROM contribution_subsidy WHERE case_ptr_id = NEW.id) = 'personal_account' THEN
        SELECT * INTO bill FROM enrollment
         WHERE id = NEW.year * 1000000000000 + 100000000000 + NEW.person_id FOR NO KEY UPDATE;
        IF bill.id IS NULL OR NEW.amount > bill.paid OR bill.paid > bill.payable THEN
            RAISE EXCEPTION 'case %: the account does not pay what is due', NEW.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'account_pays_what_is_due';
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER account_pays_what_is_due AFTER UPDATE OF state ON agency_case
    FOR EACH ROW WHEN (NEW.kind = 'contribution_subsidy' AND NEW.state = 'effected')
    EXECUTE FUNCTION account_pays_what_is_due();

-- The account is that of another person in the employee scheme; nobody else has one.
CREATE OR REPLACE FUNCTION account_is_a_members() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM person WHERE id = NEW.owner_id AND scheme = 2)
       OR EXISTS (SELECT FROM agency_case WHERE id = NEW.case_ptr_id AND person_id = NEW.owner_id) THEN
        RAISE EXCEPTION 'case %: the account is no relative''s', NEW.case_ptr_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'account_is_a_members';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER account_is_a_members BEFORE INSERT OR UPDATE OF owner_id ON contribution_subsidy
    FOR EACH ROW WHEN (NEW.owner_id IS NOT NULL) EXECUTE FUNCTION account_is_a_members();

-- Whose account a number names, wherever that member is insured: accounts are shared across areas. No
-- more is told than the key, and a question that goes outside of the scope is recorded.
CREATE OR REPLACE FUNCTION account_owner(number uuid) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE whom person;
BEGIN
    SELECT * INTO whom FROM person
     WHERE id_digest = number AND scheme = 2 AND died_on IS NULL AND left_on IS NULL;
    IF whom.id IS NOT NULL THEN
        PERFORM place_on_file(number, NULL);
    END IF;
    RETURN whom.id;
END $$;
