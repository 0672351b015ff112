-- The close of a month waits for whoever is posting; it is opened again and never rewritten.
CREATE OR REPLACE FUNCTION period_is_closed_when_all_is_posted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('period_close', 0));
    IF EXISTS (SELECT FROM change h JOIN agency_case c ON c.id = h.case_id
                WHERE h.cause IN ('repair', 'repair_reversed') AND pooling_area(c.region) = NEW.book
                  AND NOT EXISTS (SELECT FROM change_taken t
                                   WHERE t.change_id = h.id AND t.taker = 'post')) THEN
        RAISE EXCEPTION 'money of % is not posted yet', NEW.book
            USING ERRCODE = 'check_violation', CONSTRAINT = 'period_is_closed_when_all_is_posted';
    END IF;
    IF receipts_wait(NEW.book, NEW.month, (NEW.month + interval '1 month - 1 day')::date) THEN
        RAISE EXCEPTION 'receipts of % in % are not posted yet', NEW.book, to_char(NEW.month, 'YYYY-MM')
            USING ERRCODE = 'check_violation', CONSTRAINT = 'receipts_are_posted_before_the_close',
                  DETAIL = jsonb_build_object('month', to_char(NEW.month, 'YYYY-MM'));
    END IF;
    NEW.closed_at := now();
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER period_is_closed_when_all_is_posted BEFORE INSERT ON period_close
    FOR EACH ROW EXECUTE FUNCTION period_is_closed_when_all_is_posted();
CREATE OR REPLACE FUNCTION period_is_only_opened_again() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.reopened_at IS NOT NULL
       OR to_jsonb(NEW) - '{reopened_by_id,reopened_at,reason,county}'::text[]
          <> to_jsonb(OLD) - '{reopened_by_id,reopened_at,reason,county}'::text[] THEN
        RAISE EXCEPTION 'the close of % of % is not rewritten', OLD.month, OLD.book
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'period_is_only_opened_again';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER period_is_only_opened_again BEFORE UPDATE ON period_close
    FOR EACH ROW EXECUTE FUNCTION period_is_only_opened_again();
CREATE OR REPLACE TRIGGER period_closes_are_never_deleted BEFORE DELETE ON period_close
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();
