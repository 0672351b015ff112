-- Findings (docs/adr/0036-findings-wait-for-a-case.md): what was found is fixed. A case about the person
-- takes up what waits for its kind, whoever opens it and from wherever; without it the finding waits again.
CREATE OR REPLACE FUNCTION finding_case_kind(of_kind text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN of_kind IN ('moved', 'switched', 'employed_twice', 'two_areas')
                THEN 'enrolment_transfer'
                WHEN of_kind = 'identity' THEN 'identity_correction'
                WHEN of_kind IN ('newborn', 'returned', 'student') THEN 'registration'
                WHEN of_kind = 'paid_ahead' THEN 'refund'
                WHEN of_kind = 'two_schemes' THEN 'duplicate_resolution' END
$$;
CREATE OR REPLACE FUNCTION cases_take_findings_up() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        UPDATE finding f SET state = 'taken', case_id = NEW.id
         WHERE f.person_id = NEW.person_id AND f.state = 'open'
           AND finding_case_kind(f.kind) = NEW.kind
           AND (f.kind NOT IN ('two_schemes', 'paid_ahead') OR f.year = NEW.year);
    ELSE
        UPDATE finding f SET state = 'open', case_id = NULL
         WHERE f.case_id = NEW.id AND f.state = 'taken';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER cases_take_findings_up AFTER INSERT ON agency_case
    FOR EACH ROW WHEN (NEW.person_id IS NOT NULL) EXECUTE FUNCTION cases_take_findings_up();
CREATE OR REPLACE TRIGGER findings_wait_again AFTER UPDATE OF state ON agency_case
    FOR EACH ROW WHEN (NEW.state IN ('withdrawn', 'reversed') AND OLD.state <> NEW.state)
    EXECUTE FUNCTION cases_take_findings_up();
CREATE OR REPLACE FUNCTION findings_are_fixed() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF (OLD.id, OLD.kind, OLD.person_id, OLD.other_id, OLD.region, OLD.year, OLD.told, OLD.details,
        OLD.sealed, OLD.source_id, OLD.line, OLD.found_at)
       IS DISTINCT FROM
       (NEW.id, NEW.kind, NEW.person_id, NEW.other_id, NEW.region, NEW.year, NEW.told, NEW.details,
        NEW.sealed, NEW.source_id, NEW.line, NEW.found_at)
       OR OLD.state || ' ' || NEW.state NOT IN ('open taken', 'taken open', 'open closed') THEN
        RAISE EXCEPTION 'finding % is %, and what was found is fixed', OLD.id, OLD.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER findings_are_fixed BEFORE UPDATE ON finding
    FOR EACH ROW EXECUTE FUNCTION findings_are_fixed();
