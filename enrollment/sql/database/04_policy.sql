-- Published policy is append-only: a value is ended (its validity shortened), never rewritten. What
-- is known about it, document, clause and verification, may become better known.
CREATE OR REPLACE FUNCTION policy_is_append_only() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.status = 'example' THEN
        RETURN NEW;
    END IF;
    -- the first day stays, unless it was withdrawn before it came
    IF (NEW.code, NEW.area_id, NEW.scheme, NEW.unit, NEW.value,
        CASE WHEN isempty(NEW.valid) THEN lower(OLD.valid) ELSE lower(NEW.valid) END)
       IS NOT DISTINCT FROM
       (OLD.code, OLD.area_id, OLD.scheme, OLD.unit, OLD.value, lower(OLD.valid))
       AND NEW.valid <@ OLD.valid AND NEW.status <> 'example' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'published policy is append-only: % %', OLD.code, OLD.area_id
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE OR REPLACE TRIGGER policy_is_append_only BEFORE UPDATE ON policy_parameter
    FOR EACH ROW EXECUTE FUNCTION policy_is_append_only();

-- The only way by which an area's number is published from the desk: an approved case, as it stands. The
-- area's value of before ends the day before; the document is known by its number or made.
CREATE OR REPLACE FUNCTION publish_setting(of_case bigint, on_day date) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    stands agency_case;
    said parameter_setting;
    paper bigint;
    made bigint;
BEGIN
    SELECT * INTO stands FROM agency_case
     WHERE id = of_case AND kind = 'parameter_setting' AND state = 'approved' FOR UPDATE;
    SELECT * INTO said FROM parameter_setting WHERE case_ptr_id = stands.id AND published_id IS NULL;
    IF said.case_ptr_id IS NULL THEN
        RAISE EXCEPTION 'case % publishes nothing', of_case USING ERRCODE = 'restrict_violation';
    END IF;
    -- an example is no law and gives way
    UPDATE policy_parameter
       SET valid = CASE WHEN lower(valid) < said.valid_from
                        THEN daterange(lower(valid), said.valid_from) ELSE 'empty'::daterange END,
           withdrawn_on = CASE WHEN lower(valid) < said.valid_from THEN NULL ELSE on_day END
     WHERE code = said.code AND area_id = stands.region AND scheme = said.scheme
       AND status = 'example' AND valid && daterange(said.valid_from, said.valid_until, '[]');
    UPDATE policy_parameter
       SET valid = daterange(lower(valid), said.valid_from)
     WHERE code = said.code AND area_id = stands.region AND scheme = said.scheme
       AND valid @> said.valid_from AND lower(valid) < said.valid_from;
    SELECT id INTO paper FROM policy_document d WHERE d.number = said.document_number ORDER BY id LIMIT 1;
    IF paper IS NULL THEN
        INSERT INTO policy_document (key, number, title, issuer, issued_on, url)
        SELECT 'case-' || of_case, said.document_number, said.document_title, r.name,
               said.document_issued_on, ''
          FROM region r WHERE r.code = stands.region
        RETURNING id INTO paper;
    END IF;
    INSERT INTO policy_parameter (code, area_id, scheme, valid, unit, value, document_id, clause, url,
                                  verified_on, status, note)
    VALUES (said.code, stands.region, said.scheme, daterange(said.valid_from, said.valid_until, '[]'),
            said.unit, said.value, paper, said.clause, '', on_day, 'verified', '')
    RETURNING id INTO made;
    UPDATE parameter_setting SET published_id = made WHERE case_ptr_id = of_case;
    RETURN made;
END $$;

-- What a reversal of it publishes: the end. A value whose first day has not come never holds.
CREATE OR REPLACE FUNCTION end_setting(of_case bigint, on_day date) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE policy_parameter p
       SET valid = CASE WHEN lower(p.valid) < on_day
                        THEN p.valid * daterange(NULL, on_day) ELSE 'empty'::daterange END,
           withdrawn_on = CASE WHEN lower(p.valid) < on_day THEN NULL ELSE on_day END
      FROM parameter_setting s JOIN agency_case c ON c.id = s.case_ptr_id
     WHERE c.id = of_case AND c.state = 'effected' AND p.id = s.published_id
       AND p.withdrawn_on IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'case % ends nothing', of_case USING ERRCODE = 'restrict_violation';
    END IF;
END $$;
