-- Duties: nobody holds two roles that exclude each other, whoever grants them; a duty only ends.
CREATE OR REPLACE FUNCTION duties_are_compatible() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE other bigint;
BEGIN
    -- two grants to one account wait for each other
    PERFORM FROM agency_user WHERE id = NEW.user_id FOR NO KEY UPDATE;
    SELECT d.id INTO other
      FROM duty d
      JOIN role_conflict c ON (c.role_id, c.other_id)
                            = (least(d.role_id, NEW.role_id), greatest(d.role_id, NEW.role_id))
     WHERE d.user_id = NEW.user_id AND d.valid && NEW.valid
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'duty % excludes the new one', other
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'duties_are_compatible';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER duties_are_compatible BEFORE INSERT ON duty
    FOR EACH ROW EXECUTE FUNCTION duties_are_compatible();

CREATE OR REPLACE FUNCTION duty_only_ends() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF (NEW.id, NEW.user_id, NEW.role_id, NEW.region, NEW.granted_for, NEW.granted_at)
       IS DISTINCT FROM
       (OLD.id, OLD.user_id, OLD.role_id, OLD.region, OLD.granted_for, OLD.granted_at)
       OR NEW.granted_by_id IS DISTINCT FROM OLD.granted_by_id
       OR NOT NEW.valid <@ OLD.valid
       OR NOT isempty(NEW.valid) AND lower(NEW.valid) <> lower(OLD.valid) THEN
        RAISE EXCEPTION 'duty % only ends', OLD.id
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'a_duty_only_ends';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER a_duty_only_ends BEFORE UPDATE ON duty
    FOR EACH ROW EXECUTE FUNCTION duty_only_ends();
CREATE OR REPLACE TRIGGER duties_are_never_deleted BEFORE DELETE ON duty
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();

-- The web cannot make a superuser: rights come from duties, and those are granted by somebody else.
CREATE OR REPLACE FUNCTION superusers_are_made_by_the_owner() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'only the owner of the database makes a superuser'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'superusers_are_made_by_the_owner';
END $$;
CREATE OR REPLACE TRIGGER superusers_are_made_by_the_owner BEFORE INSERT ON agency_user
    FOR EACH ROW
    WHEN (NEW.is_superuser AND NOT pg_has_role(current_user, 'pg_database_owner', 'MEMBER'))
    EXECUTE FUNCTION superusers_are_made_by_the_owner();
CREATE OR REPLACE TRIGGER superusers_are_raised_by_the_owner BEFORE UPDATE ON agency_user
    FOR EACH ROW
    WHEN (NEW.is_superuser AND NOT OLD.is_superuser
          AND NOT pg_has_role(current_user, 'pg_database_owner', 'MEMBER'))
    EXECUTE FUNCTION superusers_are_made_by_the_owner();
