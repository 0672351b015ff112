-- Settlement sheets. What a sheet says is fixed once it is submitted, its cities and their causes
-- with it: the effect writes the countersignature, the end of the case frees what it settled.
CREATE OR REPLACE FUNCTION sheet_is_fixed() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE stands text;
BEGIN
    SELECT state INTO stands FROM agency_case WHERE id = OLD.case_ptr_id;
    stands := coalesce(stands, 'not yours');
    IF stands IN ('draft', 'returned') THEN
        RETURN NEW;
    ELSIF stands = 'approved' AND OLD.countersigned_on IS NULL
          AND to_jsonb(NEW) - '{countersigned_by,countersigned_on,countersign_document}'::text[]
            = to_jsonb(OLD) - '{countersigned_by,countersigned_on,countersign_document}'::text[] THEN
        RETURN NEW;
    ELSIF stands IN ('withdrawn', 'reversed') AND NEW.stands_for IS NULL
          AND to_jsonb(NEW) - 'stands_for' = to_jsonb(OLD) - 'stands_for' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'settlement sheet % is locked: it is %', OLD.case_ptr_id, stands
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'a_sheet_is_locked';
END $$;
CREATE OR REPLACE TRIGGER sheet_is_fixed BEFORE UPDATE ON settlement_sheet
    FOR EACH ROW EXECUTE FUNCTION sheet_is_fixed();

CREATE OR REPLACE FUNCTION sheet_takes_no_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    sheet bigint;
    stands text;
BEGIN
    IF TG_TABLE_NAME = 'settlement_line' THEN
        sheet := NEW.sheet_id;
    ELSE
        SELECT l.sheet_id INTO sheet FROM settlement_line l WHERE l.id = NEW.line_id;
    END IF;
    SELECT state INTO stands FROM agency_case WHERE id = sheet;
    IF coalesce(stands, 'not yours') NOT IN ('draft', 'returned') THEN
        RAISE EXCEPTION 'settlement sheet % is locked: it is %', sheet, stands
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'a_sheet_is_locked';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER sheet_takes_no_change BEFORE INSERT OR UPDATE ON settlement_line
    FOR EACH ROW EXECUTE FUNCTION sheet_takes_no_change();
CREATE OR REPLACE TRIGGER sheet_takes_no_change BEFORE INSERT OR UPDATE ON gap_cause
    FOR EACH ROW EXECUTE FUNCTION sheet_takes_no_change();
-- a city stays with its sheet and a cause with its city
CREATE OR REPLACE FUNCTION line_stays_with_its_sheet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a row of a settlement sheet stays where it is and is never deleted'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'a_sheet_is_locked';
END $$;
CREATE OR REPLACE TRIGGER line_stays_with_its_sheet BEFORE UPDATE ON settlement_line
    FOR EACH ROW WHEN ((OLD.sheet_id, OLD.area_id) IS DISTINCT FROM (NEW.sheet_id, NEW.area_id))
    EXECUTE FUNCTION line_stays_with_its_sheet();
CREATE OR REPLACE TRIGGER cause_stays_with_its_city BEFORE UPDATE ON gap_cause
    FOR EACH ROW WHEN (OLD.line_id <> NEW.line_id) EXECUTE FUNCTION line_stays_with_its_sheet();
CREATE OR REPLACE TRIGGER lines_are_never_deleted BEFORE DELETE ON settlement_line
    FOR EACH ROW EXECUTE FUNCTION line_stays_with_its_sheet();
CREATE OR REPLACE TRIGGER causes_are_never_deleted BEFORE DELETE ON gap_cause
    FOR EACH ROW EXECUTE FUNCTION line_stays_with_its_sheet();

-- Two levels sign a sheet, and it is in effect only with the countersignature of the Finance.
CREATE OR REPLACE FUNCTION sheet_is_signed() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT NEW.needs_second OR NEW.state = 'effected' AND NOT EXISTS (
           SELECT FROM settlement_sheet s
            WHERE s.case_ptr_id = NEW.id AND s.countersigned_on IS NOT NULL) THEN
        RAISE EXCEPTION 'settlement sheet % is not signed', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_sheet_is_signed';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER sheet_is_signed BEFORE INSERT OR UPDATE OF state ON agency_case
    FOR EACH ROW WHEN (NEW.kind = 'settlement_sheet' AND NEW.state IN ('approved', 'effected'))
    EXECUTE FUNCTION sheet_is_signed();
-- What a case stands for is free again once it was withdrawn or reversed; the argument is its table.
CREATE OR REPLACE FUNCTION case_frees_its_place() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    EXECUTE format('UPDATE %I SET stands_for = NULL WHERE case_ptr_id = $1', TG_ARGV[0]) USING NEW.id;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER sheet_frees_its_place AFTER UPDATE OF state ON agency_case
    FOR EACH ROW WHEN (NEW.kind = 'settlement_sheet' AND NEW.state IN ('withdrawn', 'reversed'))
    EXECUTE FUNCTION case_frees_its_place('settlement_sheet');
DROP FUNCTION IF EXISTS sheet_frees_its_place();

GRANT SELECT, INSERT, UPDATE ON settlement_sheet, settlement_line, gap_cause TO {web}, {worker};
