-- A transfer has two sides (enrollment/rules/handover.py): the area that the person leaves decides,
-- the one that they join accepts it and puts it into effect, and each by somebody with a duty there.
-- Of a connection of the web it is also asked on which side its user stands.
CREATE OR REPLACE FUNCTION region_holds(code bigint, place bigint) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT place >= code
       AND place < code + CASE WHEN code % 10000000000 = 0 THEN 10000000000
                               WHEN code % 100000000 = 0 THEN 100000000
                               WHEN code % 1000000 = 0 THEN 1000000
                               WHEN code % 1000 = 0 THEN 1000 ELSE 1 END
$$;

CREATE OR REPLACE FUNCTION serves_in(who bigint, place bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM duty d
                    WHERE d.user_id = who AND NOT isempty(d.valid) AND region_holds(d.region, place))
$$;

-- Nobody's scope (a script of the owner) stands on both sides.
CREATE OR REPLACE FUNCTION scope_holds(place bigint) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT coalesce(nullif(current_setting('app.user', true), '') IS NULL
                    OR nullif(current_setting('app.all', true), '')::bool
                    OR place <@ nullif(current_setting('app.regions', true), '')::int8multirange,
                    false)
$$;

CREATE OR REPLACE FUNCTION transfer_has_two_sides() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    transfer enrolment_transfer;
    told text;
BEGIN
    SELECT * INTO transfer FROM enrolment_transfer WHERE case_ptr_id = OLD.id;
    IF NEW.state IN ('checked', 'approved') AND NEW.state <> OLD.state
       AND NOT serves_in(NEW.checker_id, OLD.region) THEN
        told := 'is approved by the area that the person leaves';
    ELSIF NEW.state = 'approved' AND OLD.state <> 'approved'
          AND (transfer.accepted_by_id IS NOT NULL OR transfer.handed_over_version IS NULL) THEN
        told := 'is handed over before it is accepted';
    ELSIF NEW.state = 'effected' AND OLD.state = 'approved'
          AND (transfer.accepted_digest <> OLD.shown_digest OR transfer.accepted_by_id IS NULL) THEN
        told := 'is accepted before it is put into effect';
    ELSIF NEW.state = 'effected' AND OLD.state = 'approved' AND NOT scope_holds(transfer.to_region) THEN
        told := 'is put into effect by the area that the person joins';
    ELSIF OLD.state = 'approved' AND NEW.state = 'withdrawn'
          AND transfer.accepted_by_id IS NOT NULL THEN
        told := 'was accepted and is not taken back';
    ELSIF OLD.state = 'approved' AND NEW.state = 'returned'
          AND transfer.accepted_by_id IS NOT NULL AND NOT scope_holds(transfer.to_region) THEN
        told := 'was accepted and is returned from there';
    ELSIF NOT scope_holds(CASE WHEN transfer.asked_for THEN transfer.to_region ELSE OLD.region END)
          AND (NEW.state IN ('submitted', 'withdrawn') AND NEW.state <> OLD.state
               OR (OLD.person_id, OLD.region, OLD.year, OLD.channel, OLD.amount, OLD.reason)
                  IS DISTINCT FROM
                  (NEW.person_id, NEW.region, NEW.year, NEW.channel, NEW.amount, NEW.reason)) THEN
        told := 'is written by the area that began it';
    ELSIF NOT scope_holds(OLD.region) AND NEW.state <> OLD.state
          AND NEW.state NOT IN ('submitted', 'withdrawn')
          AND (OLD.state, NEW.state) NOT IN (VALUES ('approved', 'returned'),
                   ('approved', 'effected'), ('effected', 'reversed')) THEN
        told := 'is decided by the area that the person leaves';
    END IF;
    IF told IS NOT NULL THEN
        RAISE EXCEPTION 'transfer % %', OLD.id, told
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'a_transfer_has_two_sides';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER transfer_has_two_sides BEFORE UPDATE ON agency_case
    FOR EACH ROW WHEN (OLD.kind = 'enrolment_transfer')
    EXECUTE FUNCTION transfer_has_two_sides();

-- What a transfer says is fixed as with every kind; beside that it is handed over by its approval and
-- accepted once after it, by somebody of the other side who neither made nor approved it.
CREATE OR REPLACE FUNCTION transfer_is_fixed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    stands agency_case;
    told text;
    may_change boolean;
BEGIN
    SELECT * INTO stands FROM agency_case WHERE id = OLD.case_ptr_id;
    may_change := stands.state IN ('draft', 'returned');
    IF NOT may_change AND
       to_jsonb(NEW) - '{accepted_by_id,accepted_at,accepted_digest,handed_over_version}'::text[]
       <> to_jsonb(OLD) - '{accepted_by_id,accepted_at,accepted_digest,handed_over_version}'::text[] THEN
        told := format('what case %s says is fixed: it is %s', stands.id, stands.state);
    ELSIF NEW.asked_for <> OLD.asked_for THEN
        told := format('transfer %s stays with the area that began it', stands.id);
    ELSIF to_jsonb(NEW) - '{accepted_by_id,accepted_at,accepted_digest,handed_over_version}'::text[]
          <> to_jsonb(OLD) - '{accepted_by_id,accepted_at,accepted_digest,handed_over_version}'::text[]
          AND NOT scope_holds(CASE WHEN OLD.asked_for THEN OLD.to_region ELSE stands.region END) THEN
        told := format('transfer %s is written by the area that began it', stands.id);
    ELSIF NEW.asked_for AND NOT serves_in(stands.maker_id, NEW.to_region) THEN
        told := format('transfer %s is asked for by an area of its maker', stands.id);
    ELSIF NEW.handed_over_version IS DISTINCT FROM OLD.handed_over_version
          AND (OLD.handed_over_version IS NOT NULL OR stands.state NOT IN ('submitted', 'checked')
               OR NOT scope_holds(stands.region)) THEN
        told := format('transfer %s is handed over by its approval, once', stands.id);
    ELSIF (NEW.accepted_by_id, NEW.accepted_at, NEW.accepted_digest)
          IS NOT DISTINCT FROM (OLD.accepted_by_id, OLD.accepted_at, OLD.accepted_digest) THEN
        told := NULL;
    ELSIF OLD.accepted_by_id IS NOT NULL AND stands.state = 'approved'
          OR stands.state IN ('effected', 'reversed', 'withdrawn') THEN
        told := format('the acceptance of transfer %s is not rewritten', stands.id);
    ELSIF NEW.accepted_by_id IS NOT NULL
          AND (stands.state <> 'approved' OR NEW.accepted_digest <> stands.shown_digest) THEN
        told := format('transfer %s is accepted as it was approved', stands.id);
    ELSIF NEW.accepted_by_id IN (stands.maker_id, stands.checker_id, stands.second_checker_id) THEN
        told := format('transfer %s is accepted by somebody else than who sent it', stands.id);
    ELSIF NEW.accepted_by_id IS NOT NULL
          AND (NOT serves_in(NEW.accepted_by_id, NEW.to_region) OR NOT scope_holds(NEW.to_region)
               OR NEW.accepted_by_id <> nullif(current_setting('app.user', true), '')::bigint) THEN
        told := format('transfer %s is accepted by the area that the person joins', stands.id);
    END IF;
    IF told IS NOT NULL THEN
        RAISE EXCEPTION '%', told
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'a_transfer_has_two_sides';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER transfer_is_fixed BEFORE UPDATE ON enrolment_transfer
    FOR EACH ROW EXECUTE FUNCTION transfer_is_fixed();

-- Who asks for somebody serves where that person shall be insured, and asks for it from there.
CREATE OR REPLACE FUNCTION transfer_is_asked_for_there() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT scope_holds(NEW.to_region)
       OR NOT serves_in((SELECT maker_id FROM agency_case WHERE id = NEW.case_ptr_id),
                        NEW.to_region) THEN
        RAISE EXCEPTION 'transfer % is asked for by an area of its maker', NEW.case_ptr_id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'a_transfer_has_two_sides';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER transfer_is_asked_for_there BEFORE INSERT ON enrolment_transfer
    FOR EACH ROW WHEN (NEW.asked_for) EXECUTE FUNCTION transfer_is_asked_for_there();
