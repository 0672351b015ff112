-- Money in suspense moves by an approved case alone, once, and never beyond what is there: a CHECK of
-- the receipt refuses. A receipt of which nobody knew the area belongs from then on to that of the case.
CREATE OR REPLACE FUNCTION move_suspense(of_case bigint, stands_at text, sign int) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    stands agency_case;
    said suspense_clearing;
    was receipt;
BEGIN
    SELECT * INTO stands FROM agency_case
     WHERE id = of_case AND kind = 'suspense_clearing' AND state = stands_at FOR UPDATE;
    SELECT * INTO said FROM suspense_clearing
     WHERE case_ptr_id = stands.id AND (cleared_at IS NULL) = (sign > 0) FOR UPDATE;
    IF said.case_ptr_id IS NULL OR NOT scope_holds(stands.region) THEN
        RAISE EXCEPTION 'case % moves nothing', of_case USING ERRCODE = 'restrict_violation';
    END IF;
    SELECT * INTO was FROM receipt WHERE id = said.receipt_id FOR UPDATE;
    UPDATE receipt r
       SET cleared = r.cleared + CASE WHEN said.decision IN ('apply', 'move_year')
                                      THEN sign * stands.amount ELSE 0 END,
           refunded = r.refunded + CASE WHEN said.decision IN ('refund', 'return_tax')
                                        THEN sign * stands.amount ELSE 0 END,
           region = CASE WHEN r.region = 0 AND stands.person_id IS NOT NULL
                         THEN stands.region ELSE r.region END
     WHERE r.id = said.receipt_id;
    PERFORM count_receipt(was, -1);
    SELECT * INTO was FROM receipt WHERE id = said.receipt_id;
    PERFORM count_receipt(was, 1);
    UPDATE suspense_clearing
       SET cleared_at = CASE WHEN sign > 0 THEN now() END, paid_bill = NULL, was_paid_on = NULL
     WHERE case_ptr_id = of_case;
END $$;
CREATE OR REPLACE FUNCTION clear_suspense(of_case bigint) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT move_suspense(of_case, 'approved', 1)
$$;
CREATE OR REPLACE FUNCTION unclear_suspense(of_case bigint) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT move_suspense(of_case, 'effected', -1)
$$;
-- No clearing counts as done before its money has moved, nor as undone before it moved back.
CREATE OR REPLACE FUNCTION clearing_has_moved_its_money() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM suspense_clearing
                WHERE case_ptr_id = NEW.id AND (cleared_at IS NULL) = (NEW.state = 'effected')) THEN
        RAISE EXCEPTION 'case %: its money is not where it says', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'clearing_has_moved_its_money';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER clearing_has_moved_its_money AFTER UPDATE OF state ON agency_case
    FOR EACH ROW WHEN (NEW.kind = 'suspense_clearing' AND NEW.state IN ('effected', 'reversed'))
    EXECUTE FUNCTION clearing_has_moved_its_money();
