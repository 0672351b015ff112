CREATE OR REPLACE FUNCTION refuse_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE OR REPLACE TRIGGER control_totals_are_append_only BEFORE UPDATE ON shard_total
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();
CREATE OR REPLACE TRIGGER step_totals_are_append_only BEFORE UPDATE ON step_total
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();
CREATE OR REPLACE TRIGGER case_events_are_append_only BEFORE UPDATE OR DELETE ON case_event
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();
CREATE OR REPLACE TRIGGER screen_exports_are_append_only BEFORE UPDATE OR DELETE ON screen_export
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();
CREATE OR REPLACE TRIGGER accesses_are_append_only BEFORE UPDATE OR DELETE ON person_access
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();

-- The life of a case, whoever writes: it moves by the table of enrollment/rules/lifecycle.py, what it
-- says is fixed once it is submitted, a decision is taken back by a return and never rewritten, and a
-- second level that was asked for stays.
CREATE OR REPLACE FUNCTION case_keeps_its_life() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (VALUES
        ('draft', 'submitted'), ('returned', 'submitted'),
        ('submitted', 'returned'), ('checked', 'returned'), ('approved', 'returned'),
        ('submitted', 'approved'), ('submitted', 'checked'), ('checked', 'approved'),
        ('approved', 'effected'),
        ('draft', 'withdrawn'), ('submitted', 'withdrawn'), ('checked', 'withdrawn'),
        ('returned', 'withdrawn'), ('approved', 'withdrawn'),
        ('effected', 'reversed')
    ) THEN
        RAISE EXCEPTION 'a case does not go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state NOT IN ('draft', 'returned') AND
       (OLD.person_id, OLD.region, OLD.year, OLD.channel, OLD.amount, OLD.reason)
       IS DISTINCT FROM
       (NEW.person_id, NEW.region, NEW.year, NEW.channel, NEW.amount, NEW.reason) THEN
        RAISE EXCEPTION 'what case % says is fixed: it is %', OLD.id, OLD.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state IN ('checked', 'approved', 'effected', 'reversed')
       AND NEW.state IN ('checked', 'approved', 'effected', 'reversed') AND
       (OLD.checker_id, OLD.decided_at, OLD.shown_digest) IS DISTINCT FROM
       (NEW.checker_id, NEW.decided_at, NEW.shown_digest) THEN
        RAISE EXCEPTION 'the decision on case % is not rewritten', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.needs_second AND NOT NEW.needs_second AND OLD.state NOT IN ('draft', 'returned') THEN
        RAISE EXCEPTION 'case % needs a second level', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER case_keeps_its_life BEFORE UPDATE ON agency_case
    FOR EACH ROW EXECUTE FUNCTION case_keeps_its_life();

-- The same for what a kind says in its own table: each kind names its trigger, and as its arguments
-- the columns that the effect and its reversal write, which change only then.
CREATE OR REPLACE FUNCTION case_details_are_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE stands text;
BEGIN
    SELECT state INTO stands FROM agency_case WHERE id = OLD.case_ptr_id;
    IF coalesce(stands, 'not yours') NOT IN ('draft', 'returned')
       AND NOT (coalesce(stands, 'not yours') IN ('approved', 'effected') AND TG_NARGS > 0
                AND to_jsonb(NEW) - TG_ARGV::text[] = to_jsonb(OLD) - TG_ARGV::text[]) THEN
        RAISE EXCEPTION 'what case % says is fixed: it is %', OLD.case_ptr_id, stands
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER subsidy_is_fixed BEFORE UPDATE ON contribution_subsidy
    FOR EACH ROW EXECUTE FUNCTION case_details_are_fixed('was_category', 'was_paid_on');
CREATE OR REPLACE TRIGGER reversal_is_fixed BEFORE UPDATE ON case_reversal
    FOR EACH ROW EXECUTE FUNCTION case_details_are_fixed();
CREATE OR REPLACE TRIGGER registration_is_fixed BEFORE UPDATE ON registration
    FOR EACH ROW EXECUTE FUNCTION case_details_are_fixed(
        'recognised_id', 'was_scheme', 'was_region', 'was_left_on', 'was_left_for');
CREATE OR REPLACE TRIGGER refund_is_fixed BEFORE UPDATE ON refund
    FOR EACH ROW EXECUTE FUNCTION case_details_are_fixed(
        'refunded_bill', 'was_subsidy', 'was_ended_on', 'was_ended_for');
CREATE OR REPLACE TRIGGER recognition_is_fixed BEFORE UPDATE ON category_recognition
    FOR EACH ROW EXECUTE FUNCTION case_details_are_fixed('row_id', 'was_valid');
CREATE OR REPLACE TRIGGER correction_is_fixed BEFORE UPDATE ON identity_correction
    FOR EACH ROW EXECUTE FUNCTION case_details_are_fixed();
CREATE OR REPLACE TRIGGER resolution_is_fixed BEFORE UPDATE ON duplicate_resolution
    FOR EACH ROW EXECUTE FUNCTION case_details_are_fixed('was_scheme');
CREATE OR REPLACE TRIGGER clearing_is_fixed BEFORE UPDATE ON suspense_clearing
    FOR EACH ROW EXECUTE FUNCTION case_details_are_fixed('cleared_at', 'paid_bill', 'was_paid_on');
CREATE OR REPLACE TRIGGER setting_is_fixed BEFORE UPDATE ON parameter_setting
    FOR EACH ROW EXECUTE FUNCTION case_details_are_fixed('published_id');
-- Files belong to what is submitted: its maker adds them and takes them off while the case may be
-- changed, so many and no more whatever an installation allows; the rest of a row stays as it was.
CREATE OR REPLACE FUNCTION case_files_are_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE stands agency_case;
BEGIN
    SELECT * INTO stands FROM agency_case WHERE id = NEW.case_id;
    IF coalesce(stands.state, 'not yours') NOT IN ('draft', 'returned') THEN
        RAISE EXCEPTION 'the files of case % are fixed: it is %', NEW.case_id, stands.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.added_by_id <> stands.maker_id OR NEW.removed_at IS NOT NULL THEN
            RAISE EXCEPTION 'whoever made case % adds its files', NEW.case_id
                USING ERRCODE = 'restrict_violation';
        ELSIF (SELECT count(*) FROM case_file f
                WHERE f.case_id = NEW.case_id AND f.content IS NOT NULL) >= 100 THEN
            RAISE EXCEPTION 'case % has 100 files', NEW.case_id
                USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF OLD.removed_at IS NOT NULL OR NEW.removed_at IS NULL
          OR NEW.content IS NOT NULL AND NEW.content <> OLD.content
          OR (NEW.id, NEW.case_id, NEW.name, NEW.media_type, NEW.size, NEW.digest, NEW.added_by_id,
              NEW.added_at)
             IS DISTINCT FROM
             (OLD.id, OLD.case_id, OLD.name, OLD.media_type, OLD.size, OLD.digest, OLD.added_by_id,
              OLD.added_at) THEN
        RAISE EXCEPTION 'file % of case % is only taken off', OLD.id, OLD.case_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER case_files_are_fixed BEFORE INSERT OR UPDATE ON case_file
    FOR EACH ROW EXECUTE FUNCTION case_files_are_fixed();
CREATE OR REPLACE TRIGGER case_files_are_kept BEFORE DELETE ON case_file
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();
CREATE OR REPLACE TRIGGER listed_changes_are_append_only
    BEFORE UPDATE OF id, source_id, person_id, county, outcome, was, becomes OR DELETE ON listed_change
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();
CREATE OR REPLACE TRIGGER downloads_are_append_only BEFORE UPDATE OR DELETE ON case_file_access
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();
CREATE OR REPLACE TRIGGER comments_are_append_only BEFORE UPDATE OR DELETE ON case_comment
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();
