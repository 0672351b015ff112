-- Fund movements: what was submitted is fixed, and what is in effect stands in the ledger as it says.
CREATE OR REPLACE TRIGGER movement_is_fixed BEFORE UPDATE ON fund_movement
    FOR EACH ROW EXECUTE FUNCTION case_details_are_fixed();
CREATE OR REPLACE FUNCTION movement_is_posted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
           SELECT FROM fund_movement m
             JOIN entry e ON e.case_id = m.case_ptr_id AND e.key = 'movement:' || m.case_ptr_id
            WHERE m.case_ptr_id = NEW.id AND e.reason = m.purpose AND e.scheme = m.scheme
              AND e.occurred_on = m.occurred_on
              AND (m.purpose = 'year_closed'
                   OR NEW.amount = ALL (SELECT l.debit + l.credit FROM entry_line l WHERE l.entry_id = e.id))
              AND (NEW.state = 'reversed') = EXISTS (SELECT FROM entry r WHERE r.reverses_id = e.id)) THEN
        RAISE EXCEPTION 'movement % does not stand in the ledger as it says', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_movement_in_effect_is_posted';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER movement_is_posted BEFORE INSERT OR UPDATE OF state ON agency_case
    FOR EACH ROW WHEN (NEW.kind = 'fund_movement' AND NEW.state IN ('effected', 'reversed'))
    EXECUTE FUNCTION movement_is_posted();
GRANT SELECT, INSERT, UPDATE ON fund_movement TO {web}, {worker};
