-- What the database itself guarantees, beside the constraints of the migrations: functions,
-- triggers, row security, grants. Applied after every migrate, as a whole, and idempotent, so that
-- what stands here is what runs (docs/adr/0006-guarantees-in-the-database.md).
-- {web} and {worker} are the names of the plain roles.

-- ---------------------------------------------------------------------------------------------
-- One expression for the state of a year of cover (enrollment.models.EnrollmentStatus).
-- `on_day` is the business date; a year that was activated is seen from its activation on.
CREATE OR REPLACE FUNCTION enrollment_status(
    key bigint, on_day date, activated_on date, payable numeric, paid numeric, due_on date,
    paid_on date, benefit_start date, benefit_end date, suspended_from date, ended_on date
) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN ended_on <= greatest(on_day, activated_on) THEN 'ended'
        WHEN paid < payable THEN CASE WHEN activated_on IS NULL THEN 'unpaid' ELSE 'lapsed' END
        WHEN activated_on IS NULL THEN 'paid'
        WHEN greatest(on_day, activated_on)
             > coalesce(benefit_end, make_date((key / 1000000000000)::int, 12, 31)) THEN 'ended'
        WHEN suspended_from <= greatest(on_day, activated_on) THEN 'suspended'
        WHEN benefit_start IS NULL AND paid_on > due_on THEN 'waiting'
        WHEN benefit_start > greatest(on_day, activated_on) THEN 'waiting'
        ELSE 'covered'
    END
$$;

-- Insured in the year: paid in full and not ended before the year began.
CREATE OR REPLACE FUNCTION is_insured(key bigint, payable numeric, paid numeric, ended_on date)
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT paid >= payable
       AND coalesce(ended_on >= make_date((key / 1000000000000)::int, 1, 1), true)
$$;

-- What is left to do about a bill whose person's category changed; the twin of follow_up_of in
-- enrollment/rules/recognition.py. Yuan; nothing where a quota is not known.
CREATE OR REPLACE FUNCTION subsidy_follow_up(
    payable numeric, paid numeric, given numeric, due numeric, due_when_paid numeric, ended_on date,
    has_begun boolean
) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN ended_on IS NOT NULL THEN ''
        WHEN paid >= payable
        THEN CASE WHEN paid > 0 AND due_when_paid > given AND NOT has_begun THEN 'refund' ELSE '' END
        WHEN due > given THEN 'award'
        WHEN due < given AND paid = 0 THEN 'bill'
        ELSE ''
    END
$$;

-- Where the file with a number is kept, whoever asks: nobody gets a second file in another area, and
-- whoever has the whole number at the counter may know whom to ask for a transfer. No more is told,
-- and a question whose answer lies outside of the asker's scope is recorded.
CREATE OR REPLACE FUNCTION place_on_file(number uuid, but bigint) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    whom person;
    asker bigint := nullif(current_setting('app.user', true), '')::bigint;
BEGIN
    SELECT * INTO whom FROM person WHERE id_digest = number AND id IS DISTINCT FROM but;
    IF whom.id IS NOT NULL AND asker IS NOT NULL
       AND NOT coalesce(nullif(current_setting('app.all', true), '')::bool, false)
       AND NOT coalesce(whom.insured_region <@ nullif(current_setting('app.regions', true),
                                                      '')::int8multirange, false) THEN
        INSERT INTO person_access (person_id, user_id, act) VALUES (whom.id, asker, 'elsewhere');
    END IF;
    RETURN whom.insured_region;
END $$;

-- The pooling area of a region code; counties directly under a province are their own.
CREATE OR REPLACE FUNCTION pooling_area(code bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN code / 100000000 % 100 = 90 THEN code / 1000000 * 1000000
                ELSE code / 100000000 * 100000000 END
$$;

-- ---------------------------------------------------------------------------------------------
-- Yearly tables. Workers own nothing: the pieces of work that need an owner are these functions.
-- A table under construction is called PARENT_yYEAR_sSTEP; once attached, PARENT_yYEAR.
CREATE OR REPLACE FUNCTION year_table_checked(name text) RETURNS regclass
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF name !~ '^(enrollment|standing)_y[0-9]{4}_s[0-9]+$' THEN
        RAISE EXCEPTION 'not a yearly table under construction: %', name;
    END IF;
    RETURN name::regclass;
END $$;

CREATE OR REPLACE FUNCTION year_table_create(parent text, year int, step bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '2s' AS $$
DECLARE name text := format('%s_y%s_s%s', parent, year, step);
BEGIN
    IF parent NOT IN ('enrollment', 'standing') OR year NOT BETWEEN 1900 AND 9998 THEN
        RAISE EXCEPTION 'not a yearly table: % %', parent, year;
    END IF;
    IF to_regclass(name) IS NOT NULL THEN
        RETURN name;
    END IF;
    -- checks, generated columns and defaults come along; key, indexes and foreign keys later
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL EXCLUDING INDEXES,
                        CONSTRAINT %I CHECK (id >= %s AND id < %s))',
                   name, parent, name || '_year',
                   year * 1000000000000, (year + 1) * 1000000000000);
    EXECUTE format('GRANT SELECT, INSERT, DELETE ON %I TO {worker}', name);
    IF current_setting('server_version_num')::int >= 170000 THEN
        EXECUTE format('GRANT MAINTAIN ON %I TO {worker}', name);
    END IF;
    RETURN name;
END $$;

CREATE OR REPLACE FUNCTION year_table_index(name text, column_name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE made regclass := year_table_checked(name);
BEGIN
    IF column_name = 'id' THEN
        EXECUTE format('CREATE UNIQUE INDEX IF NOT EXISTS %I ON %s (id)', name || '_pkey', made);
    ELSIF column_name IN ('county', 'region') THEN
        EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON %s (%I, id)',
                       name || '_' || column_name, made, column_name);
    ELSE
        RAISE EXCEPTION 'no such index: %', column_name;
    END IF;
END $$;

-- Both sides come in the order of their keys: merged they are validated in a third of the time that a
-- hash table of a province takes, which the planner prefers.
CREATE OR REPLACE FUNCTION year_table_check(name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET enable_hashjoin = off AS $$
DECLARE made regclass := year_table_checked(name);
BEGIN
    IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = made AND contype = 'p') THEN
        EXECUTE format('ALTER TABLE %s ADD PRIMARY KEY USING INDEX %I', made, name || '_pkey');
    END IF;
    IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = made AND contype = 'f') THEN
        EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I FOREIGN KEY (person_id)
                            REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED NOT VALID',
                       made, name || '_person');
    END IF;
    EXECUTE format('ALTER TABLE %s VALIDATE CONSTRAINT %I', made, name || '_person');
END $$;

CREATE OR REPLACE FUNCTION year_table_attach(name text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
    made regclass := year_table_checked(name);
    parent text := split_part(name, '_', 1);
    year bigint := substring(name from '_y([0-9]{4})_s')::bigint;
    final text := format('%s_y%s', parent, year);
BEGIN
    EXECUTE format('REVOKE SELECT, INSERT, DELETE ON %s FROM {worker}', made);
    EXECUTE format('ALTER TABLE %s RENAME TO %I', made, final);
    -- only the parent answers: a partition has row security and no policy
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', final);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)',
                   parent, final, year * 1000000000000, (year + 1) * 1000000000000);
    RETURN final;
END $$;

CREATE OR REPLACE FUNCTION year_table_drop(name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '2s' AS $$
BEGIN
    PERFORM year_table_checked(name);
    EXECUTE format('DROP TABLE %I', name);
END $$;

-- An empty attached year, for what comes by files; filled years come by year_table_attach.
CREATE OR REPLACE FUNCTION year_table_make(parent text, year int) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '2s' AS $$
DECLARE final text := format('%s_y%s', parent, year);
BEGIN
    IF parent NOT IN ('enrollment', 'standing') OR year NOT BETWEEN 1900 AND 9998 THEN
        RAISE EXCEPTION 'not a yearly table: % %', parent, year;
    END IF;
    IF to_regclass(final) IS NULL THEN
        EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%s) TO (%s)',
                       final, parent, year * 1000000000000, (year + 1) * 1000000000000);
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', final);
    END IF;
    RETURN final;
END $$;

-- ---------------------------------------------------------------------------------------------
-- Changes: whatever alters a fact that a rehearsed or turned year has read leaves a row, whoever
-- writes it. A service names its cause and case for the transaction by set_config.
CREATE OR REPLACE FUNCTION change_of_person() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM year_run WHERE NOT from_history) THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' THEN
        INSERT INTO change (person_id, year, cause, case_id)
        SELECT n.id, y.year,
               coalesce(nullif(current_setting('app.cause', true), ''), 'new_person'),
               nullif(current_setting('app.case', true), '')::bigint
          FROM (SELECT DISTINCT year FROM year_run WHERE NOT from_history) y CROSS JOIN new_t n;
    ELSE
        INSERT INTO change (person_id, year, cause, case_id)
        SELECT n.id, y.year,
               coalesce(nullif(current_setting('app.cause', true), ''), 'person'),
               nullif(current_setting('app.case', true), '')::bigint
          FROM (SELECT DISTINCT year FROM year_run WHERE NOT from_history) y
         CROSS JOIN new_t n JOIN old_t o USING (id)
         WHERE (n.died_on, n.scheme, n.insured_region, n.left_on, n.left_for)
               IS DISTINCT FROM (o.died_on, o.scheme, o.insured_region, o.left_on, o.left_for);
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION change_of_category() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO change (person_id, year, cause, case_id)
    SELECT DISTINCT n.person_id, y.year,
           coalesce(nullif(current_setting('app.cause', true), ''), 'category'),
           nullif(current_setting('app.case', true), '')::bigint
      FROM (SELECT DISTINCT year FROM year_run WHERE NOT from_history) y CROSS JOIN new_t n;
    IF TG_OP = 'UPDATE' THEN  -- whoever it was taken from changed too
        INSERT INTO change (person_id, year, cause, case_id)
        SELECT DISTINCT o.person_id, y.year,
               coalesce(nullif(current_setting('app.cause', true), ''), 'category'),
               nullif(current_setting('app.case', true), '')::bigint
          FROM (SELECT DISTINCT year FROM year_run WHERE NOT from_history) y CROSS JOIN old_t o
         WHERE o.person_id NOT IN (SELECT n.person_id FROM new_t n);
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION change_of_removed_category() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO change (person_id, year, cause)
    SELECT DISTINCT o.person_id, y.year, 'category'
      FROM (SELECT DISTINCT year FROM year_run WHERE NOT from_history) y CROSS JOIN old_t o;
    RETURN NULL;
END $$;

-- A year of cover whose facts change once the year is closed: its people are assessed again. Years that
-- came by files count from their first step on; before that the step will read the facts. A step whose
-- endings follow from facts that are known (app.quiet) leaves nothing.
CREATE OR REPLACE FUNCTION change_of_cover() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE latest smallint;
BEGIN
    IF coalesce(current_setting('app.quiet', true), '') = 'true' THEN
        RETURN NULL;
    END IF;
    SELECT max(r.year) INTO latest
      FROM year_run r
     WHERE r.mode = 'real' AND r.closed_on IS NOT NULL
       AND (NOT r.from_history OR EXISTS (SELECT FROM year_step s WHERE s.run_id = r.id));
    IF latest IS NULL THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'INSERT' THEN
        INSERT INTO change (person_id, year, cause, case_id)
        SELECT DISTINCT n.person_id, n.id / 1000000000000,
               coalesce(nullif(current_setting('app.cause', true), ''), 'cover'),
               nullif(current_setting('app.case', true), '')::bigint
          FROM new_t n
         WHERE n.id / 1000000000000 <= latest;
    ELSE
        INSERT INTO change (person_id, year, cause, case_id)
        SELECT DISTINCT n.person_id, n.id / 1000000000000,
               coalesce(nullif(current_setting('app.cause', true), ''), 'cover'),
               nullif(current_setting('app.case', true), '')::bigint
          FROM new_t n JOIN old_t o USING (id)
         WHERE n.id / 1000000000000 <= latest
           AND (n.region, n.payable, n.paid, n.paid_on, n.due_on, n.ended_on, n.months,
                n.repaired_years, n.repaired_on)
               IS DISTINCT FROM
               (o.region, o.payable, o.paid, o.paid_on, o.due_on, o.ended_on, o.months,
                o.repaired_years, o.repaired_on);
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER cover_inserted AFTER INSERT ON enrollment
    REFERENCING NEW TABLE AS new_t FOR EACH STATEMENT EXECUTE FUNCTION change_of_cover();
CREATE OR REPLACE TRIGGER cover_updated AFTER UPDATE ON enrollment
    REFERENCING OLD TABLE AS old_t NEW TABLE AS new_t
    FOR EACH STATEMENT EXECUTE FUNCTION change_of_cover();
CREATE OR REPLACE TRIGGER person_inserted AFTER INSERT ON person
    REFERENCING NEW TABLE AS new_t FOR EACH STATEMENT EXECUTE FUNCTION change_of_person();
CREATE OR REPLACE TRIGGER person_updated AFTER UPDATE ON person
    REFERENCING OLD TABLE AS old_t NEW TABLE AS new_t
    FOR EACH STATEMENT EXECUTE FUNCTION change_of_person();
CREATE OR REPLACE TRIGGER category_inserted AFTER INSERT ON person_category
    REFERENCING NEW TABLE AS new_t FOR EACH STATEMENT EXECUTE FUNCTION change_of_category();
CREATE OR REPLACE TRIGGER category_updated AFTER UPDATE ON person_category
    REFERENCING OLD TABLE AS old_t NEW TABLE AS new_t
    FOR EACH STATEMENT EXECUTE FUNCTION change_of_category();
CREATE OR REPLACE TRIGGER category_deleted AFTER DELETE ON person_category
    REFERENCING OLD TABLE AS old_t FOR EACH STATEMENT EXECUTE FUNCTION change_of_removed_category();

-- ---------------------------------------------------------------------------------------------
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

CREATE OR REPLACE FUNCTION refuse_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE OR REPLACE TRIGGER control_totals_are_append_only BEFORE UPDATE ON shard_total
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
-- Files that come in (docs/adr/0027-files-of-imports.md): what was sent is fixed, states move by the
-- table, what is decided stays. A screen receives, confirms and cancels; the work is the workers'.
CREATE OR REPLACE FUNCTION imports_move_by_the_table() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    is_web boolean := quote_ident(session_user)::regrole = '{web}'::regrole;
    moves text[] := ARRAY['received checked', 'received applied', 'received refused',
                          'received cancelled', 'checked cancelled', 'checked applying',
                          'applying applied', 'applying checked', 'applying refused',
                          'applied undo_asked', 'undo_asked applied', 'undo_asked undoing',
                          'undoing undone', 'undoing applied'];
    by_screen text[] := ARRAY['received cancelled', 'checked cancelled', 'checked applying',
                              'applied undo_asked', 'undo_asked applied', 'undo_asked undoing'];
    move text;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF is_web AND (NEW.state <> 'received' OR NOT NEW.by_screen OR NEW.confirmed_by_id IS NOT NULL
                       OR NEW.sent_by_id IS DISTINCT FROM
                          nullif(current_setting('app.user', true), '')::bigint) THEN
            RAISE EXCEPTION 'a screen only receives a file, from whoever is logged in'
                USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    move := OLD.state || ' ' || NEW.state;
    IF (OLD.id, OLD.kind, OLD.file_name, OLD.area, OLD.by_screen, OLD.size, OLD.needs_second,
        OLD.sent_by_id, OLD.received_at)
       IS DISTINCT FROM
       (NEW.id, NEW.kind, NEW.file_name, NEW.area, NEW.by_screen, NEW.size, NEW.needs_second,
        NEW.sent_by_id, NEW.received_at)
       OR OLD.digest NOT IN ('', NEW.digest) THEN
        RAISE EXCEPTION 'what was sent as import % is fixed', OLD.id
            USING ERRCODE = 'restrict_violation';
    ELSIF OLD.state IN ('applied', 'undo_asked', 'undoing')
          AND (OLD.lines_read, OLD.inserted, OLD.updated, OLD.unchanged, OLD.rejected, OLD.errors,
               OLD.summary, OLD.confirmed_by_id)
              IS DISTINCT FROM
              (NEW.lines_read, NEW.inserted, NEW.updated, NEW.unchanged, NEW.rejected, NEW.errors,
               NEW.summary, NEW.confirmed_by_id) THEN
        RAISE EXCEPTION 'what import % did is fixed', OLD.id USING ERRCODE = 'restrict_violation';
    ELSIF OLD.state = NEW.state THEN
        IF OLD.state NOT IN ('received', 'applying', 'undoing') OR is_web THEN
            RAISE EXCEPTION 'import % is %, and what it says is fixed', OLD.id, OLD.state
                USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF move <> ALL (moves) OR is_web AND move <> ALL (by_screen)
          OR move = 'checked applying' AND NOT OLD.by_screen
          OR move = 'received applied' AND OLD.by_screen THEN
        RAISE EXCEPTION 'import % does not go from % to %', OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER imports_move_by_the_table BEFORE INSERT OR UPDATE ON import
    FOR EACH ROW EXECUTE FUNCTION imports_move_by_the_table();
CREATE OR REPLACE TRIGGER imports_are_kept BEFORE DELETE ON import
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();
CREATE OR REPLACE TRIGGER rejects_are_append_only BEFORE UPDATE OR DELETE ON import_reject
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();
-- A full list that drops an implausible share of people is applied only once whoever confirms it has
-- said that it is whole (docs/adr/0034-full-lists-are-compared.md).
CREATE OR REPLACE FUNCTION list_that_drops_many_is_acknowledged() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM recognition_list l
                WHERE l.source_id = NEW.id AND l.drops_many
                  AND (l.acknowledged_by_id IS NULL
                       OR l.acknowledged_by_id IS DISTINCT FROM NEW.confirmed_by_id)) THEN
        RAISE EXCEPTION 'list % drops many people, and nobody acknowledged that', NEW.id
            USING ERRCODE = 'restrict_violation',
                  CONSTRAINT = 'a_list_that_drops_many_is_acknowledged';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS a_list_that_drops_many_is_acknowledged ON import;
CREATE CONSTRAINT TRIGGER a_list_that_drops_many_is_acknowledged AFTER UPDATE ON import
    DEFERRABLE INITIALLY IMMEDIATE
    FOR EACH ROW
    WHEN (NEW.kind = 'recognition_list' AND NEW.state IN ('applying', 'applied')
          AND OLD.state IN ('received', 'checked', 'applying') AND OLD.state <> NEW.state)
    EXECUTE FUNCTION list_that_drops_many_is_acknowledged();
-- What a list said, and who acknowledged it, stays once it is decided about.
CREATE OR REPLACE FUNCTION decided_list_is_fixed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM import i WHERE i.id = OLD.source_id
                                      AND i.state NOT IN ('received', 'checked', 'applying')) THEN
        RAISE EXCEPTION 'list % is decided about, and what it says is fixed', OLD.source_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER decided_list_is_fixed BEFORE UPDATE ON recognition_list
    FOR EACH ROW EXECUTE FUNCTION decided_list_is_fixed();
CREATE OR REPLACE TRIGGER recognition_lists_are_kept BEFORE DELETE ON recognition_list
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();
-- The file itself is needed until it is decided about, and then gone: the database sees to it.
CREATE OR REPLACE FUNCTION decided_files_are_removed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    DELETE FROM import_part WHERE source_id = NEW.id;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER decided_files_are_removed AFTER UPDATE ON import FOR EACH ROW
    WHEN (NEW.by_screen AND NEW.state IN ('applied', 'refused', 'cancelled')
          AND OLD.state <> NEW.state)
    EXECUTE FUNCTION decided_files_are_removed();
-- What an import wrote is taken back as one batch, once, where nobody changed it since and no case rests
-- on it; the rest is kept and marked. Rows that it added go: only the owner deletes, so the worker asks
-- for it here, while the import says so. A validity is not opened again over another one.
CREATE OR REPLACE FUNCTION take_back_categories(number bigint, OUT taken_back int, OUT kept int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM FROM import i WHERE i.id = number AND i.kind IN ('categories', 'recognition_list')
                            AND i.state = 'undoing';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'import % is not being taken back', number
            USING ERRCODE = 'restrict_violation';
    END IF;
    PERFORM FROM import_effect e JOIN person_category c ON c.id = e.row_id
      WHERE e.source_id = number FOR UPDATE OF c;
    UPDATE import_effect e
       SET outcome = CASE
               WHEN EXISTS (SELECT FROM person_category c
                             WHERE c.id = e.row_id AND to_jsonb(c) @> e.became)
                AND NOT (e.was IS NULL AND EXISTS (SELECT FROM category_recognition r
                                                    WHERE r.row_id = e.row_id))
                AND NOT EXISTS (SELECT FROM person_category o
                                 WHERE e.was IS NOT NULL
                                   AND o.person_id = (e.was ->> 'person_id')::bigint
                                   AND o.category = e.was ->> 'category'
                                   AND o.valid && (e.was ->> 'valid')::daterange
                                   AND o.id <> e.row_id)
               THEN 'undone' ELSE 'kept' END
     WHERE e.source_id = number AND e.outcome = '';
    DELETE FROM person_category c USING import_effect e
     WHERE e.source_id = number AND e.outcome = 'undone' AND e.was IS NULL AND c.id = e.row_id;
    UPDATE person_category c
       SET valid = (e.was ->> 'valid')::daterange, source = e.was ->> 'source',
           qualified = (e.was ->> 'qualified')::boolean
      FROM import_effect e
     WHERE e.source_id = number AND e.outcome = 'undone' AND e.was IS NOT NULL AND c.id = e.row_id;
    SELECT count(*) FILTER (WHERE e.outcome = 'undone'), count(*) FILTER (WHERE e.outcome = 'kept')
      INTO taken_back, kept
      FROM import_effect e WHERE e.source_id = number;
END $$;
-- The same for kinds that write several tables (docs/adr/0037-each-kind-is-taken-back-or-says-why.md). Rows
-- of one person are taken back together or not at all, and no row that a case rests on.
CREATE OR REPLACE FUNCTION file_is_used(person bigint) RETURNS boolean
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM agency_case c WHERE c.person_id = person)
        OR EXISTS (SELECT FROM receipt r WHERE r.person_id = person)
        OR EXISTS (SELECT FROM person_category k WHERE k.person_id = person)
        OR EXISTS (SELECT FROM (SELECT DISTINCT year FROM year_run) y
                     JOIN enrollment e
                       ON e.id = ANY (SELECT y.year * 1000000000000 + part + person
                                        FROM (SELECT 100000000000 AS part UNION ALL
                                              SELECT 200000000000 + slot * 10000000000
                                                FROM generate_series(0::bigint, 9) slot) spell))
$$;
CREATE OR REPLACE FUNCTION effects_that_stand(number bigint)
RETURNS TABLE (effect bigint, stands boolean)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    WITH told AS (
        SELECT e.id, coalesce(e.person_id, -e.id) AS one,
               CASE e.table_name
               WHEN 'person' THEN EXISTS (SELECT FROM person t WHERE t.id = e.row_id
                                             AND to_jsonb(t) @> e.became
                                             AND (e.was IS NOT NULL OR NOT file_is_used(t.id)))
               WHEN 'enrollment' THEN EXISTS (SELECT FROM enrollment t WHERE t.id = e.row_id
                                                 AND to_jsonb(t) @> e.became)
               WHEN 'person_category' THEN EXISTS (SELECT FROM person_category t
                                                    WHERE t.id = e.row_id
                                                      AND to_jsonb(t) @> e.became)
                    AND NOT EXISTS (SELECT FROM category_recognition r WHERE r.row_id = e.row_id)
               WHEN 'school_attendance' THEN EXISTS (SELECT FROM school_attendance t
                                                      WHERE t.id = e.row_id
                                                        AND to_jsonb(t) @> e.became)
               WHEN 'control_total' THEN EXISTS (
                    SELECT FROM control_total t
                     WHERE t.id = e.row_id AND to_jsonb(t) @> e.became
                       AND NOT EXISTS (SELECT FROM day_close c
                                        WHERE c.area = pooling_area(t.region)
                                          AND c.day = t.day AND c.reopened_at IS NULL))
               ELSE false END
               AND NOT EXISTS (SELECT FROM finding f
                                WHERE f.source_id = number AND f.person_id = e.person_id
                                  AND f.state = 'taken') AS stands
          FROM import_effect e
         WHERE e.source_id = number
    )
    SELECT id, bool_and(stands) OVER (PARTITION BY one) FROM told
$$;
CREATE OR REPLACE FUNCTION take_back_rows(number bigint, on_day date, OUT taken_back int, OUT kept int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE forgotten int;
BEGIN
    PERFORM FROM import i WHERE i.id = number AND i.state = 'undoing'
        AND i.kind IN ('people', 'department_list', 'control_totals');
    IF NOT FOUND THEN
        RAISE EXCEPTION 'import % is not being taken back', number
            USING ERRCODE = 'restrict_violation';
    END IF;
    PERFORM FROM person p JOIN import_effect e ON p.id = e.person_id
      WHERE e.source_id = number FOR UPDATE OF p;
    PERFORM FROM enrollment t JOIN import_effect e ON t.id = e.row_id
      WHERE e.source_id = number AND e.table_name = 'enrollment' FOR UPDATE OF t;
    PERFORM FROM control_total t JOIN import_effect e ON t.id = e.row_id
      WHERE e.source_id = number AND e.table_name = 'control_total' FOR UPDATE OF t;
    UPDATE import_effect e SET outcome = CASE WHEN s.stands THEN 'undone' ELSE 'kept' END
      FROM effects_that_stand(number) s
     WHERE e.id = s.effect AND e.outcome = '';

    UPDATE person p
       SET (id_type, name, initials, sex, birth_date, household_region, residence_region,
            phone_sealed, died_on, scheme, left_on, left_for)
           = (SELECT w.id_type, w.name, w.initials, w.sex, w.birth_date, w.household_region,
                     w.residence_region, w.phone_sealed, w.died_on, w.scheme, w.left_on, w.left_for
                FROM jsonb_populate_record(p, e.was) w)
      FROM import_effect e
     WHERE e.source_id = number AND e.outcome = 'undone' AND e.table_name = 'person'
       AND e.was IS NOT NULL AND p.id = e.row_id;
    -- a file that was opened stays, and says that nobody registered it
    UPDATE person p SET left_on = on_day, left_for = 'not_registered'
      FROM import_effect e
     WHERE e.source_id = number AND e.outcome = 'undone' AND e.table_name = 'person'
       AND e.was IS NULL AND p.id = e.row_id AND p.left_for = '';
    UPDATE enrollment t
       SET (suspended_from, ended_on, ended_for, months)
           = (SELECT w.suspended_from, w.ended_on, w.ended_for, w.months
                FROM jsonb_populate_record(t, e.was) w)
      FROM import_effect e
     WHERE e.source_id = number AND e.outcome = 'undone' AND e.table_name = 'enrollment'
       AND e.was IS NOT NULL AND t.id = e.row_id;
    UPDATE enrollment t SET months = 0, ended_on = t.benefit_start, ended_for = 'reversed'
      FROM import_effect e
     WHERE e.source_id = number AND e.outcome = 'undone' AND e.table_name = 'enrollment'
       AND e.was IS NULL AND t.id = e.row_id;
    DELETE FROM person_category t USING import_effect e
     WHERE e.source_id = number AND e.outcome = 'undone' AND e.table_name = 'person_category'
       AND e.was IS NULL AND t.id = e.row_id;
    DELETE FROM school_attendance t USING import_effect e
     WHERE e.source_id = number AND e.outcome = 'undone' AND e.table_name = 'school_attendance'
       AND t.id = e.row_id;
    DELETE FROM control_total t USING import_effect e
     WHERE e.source_id = number AND e.outcome = 'undone' AND e.table_name = 'control_total'
       AND e.was IS NULL AND t.id = e.row_id;
    UPDATE control_total t
       SET receipts = (e.was ->> 'receipts')::int, amount = (e.was ->> 'amount')::numeric
      FROM import_effect e
     WHERE e.source_id = number AND e.outcome = 'undone' AND e.table_name = 'control_total'
       AND e.was IS NOT NULL AND t.id = e.row_id;
    -- What waits for nobody's case yet was never found, but where the person's rows are kept.
    DELETE FROM finding f
     WHERE f.source_id = number AND f.state = 'open'
       AND NOT EXISTS (SELECT FROM import_effect e
                        WHERE e.source_id = number AND e.person_id = f.person_id
                          AND e.outcome = 'kept');
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    SELECT count(*) FILTER (WHERE e.outcome = 'undone') + forgotten,
           count(*) FILTER (WHERE e.outcome = 'kept')
      INTO taken_back, kept
      FROM import_effect e WHERE e.source_id = number;
END $$;
-- What became of a line is told to its sender and never told otherwise.
CREATE OR REPLACE TRIGGER answers_are_append_only BEFORE UPDATE OR DELETE ON import_answer
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();
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
-- Pieces come with the file, before anybody has begun to read it, and never afterwards.
CREATE OR REPLACE FUNCTION pieces_come_with_the_file() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' OR NOT EXISTS (SELECT FROM import i
                                        WHERE i.id = NEW.source_id AND i.by_screen
                                          AND i.state = 'received' AND i.attempts = 0) THEN
        RAISE EXCEPTION 'the pieces of import % are fixed', NEW.source_id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER pieces_come_with_the_file BEFORE INSERT OR UPDATE ON import_part
    FOR EACH ROW EXECUTE FUNCTION pieces_come_with_the_file();
CREATE OR REPLACE TRIGGER awards_are_append_only BEFORE UPDATE OR DELETE ON award
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();

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

-- ---------------------------------------------------------------------------------------------
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

-- What one receipt adds to its day, or takes from it (ReceiptDay).
CREATE OR REPLACE FUNCTION count_receipt(r receipt, sign int) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO receipt_day (day, county, scheme, channel, receipts, amount, waiting, suspense)
    SELECT (r.paid_at AT TIME ZONE 'Asia/Shanghai')::date, r.county, r.scheme, r.channel, sign,
           sign * r.amount, CASE WHEN r.suspense > 0 THEN sign ELSE 0 END, sign * r.suspense
$$;

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

-- ---------------------------------------------------------------------------------------------
-- Receipts by day (docs/adr/0031-days-are-counted-by-differences.md): what came in is counted by
-- statement, what reconcile and clearings move is added by them. Two writers of a county never wait
-- for each other, because nobody updates a row.
CREATE OR REPLACE FUNCTION receipts_came_in() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO receipt_day (day, county, scheme, channel, receipts, amount, waiting, suspense)
    SELECT (n.paid_at AT TIME ZONE 'Asia/Shanghai')::date, n.county, n.scheme, n.channel,
           count(*), sum(n.amount), count(*) FILTER (WHERE n.outcome <> '' AND n.suspense > 0),
           coalesce(sum(n.suspense) FILTER (WHERE n.outcome <> ''), 0)
      FROM new_t n
     GROUP BY 1, 2, 3, 4;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER receipts_came_in AFTER INSERT ON receipt
    REFERENCING NEW TABLE AS new_t FOR EACH STATEMENT EXECUTE FUNCTION receipts_came_in();

-- What `reconcile` has still to look at (docs/adr/0041): a row a receipt, as narrow as can be. An index
-- of receipt that tells the same would have every index of a receipt written again once it is
-- reconciled. A payment order's receipt is taken by its case, an employee's by nobody here.
CREATE OR REPLACE FUNCTION receipts_to_reconcile() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        TRUNCATE receipt_to_reconcile;
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        -- cases move money of what was looked at long ago: then nothing was there
        IF EXISTS (SELECT FROM old_t WHERE outcome = '') THEN
            DELETE FROM receipt_to_reconcile w USING old_t o
             WHERE o.outcome = '' AND w.receipt_id = o.id;
        END IF;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO receipt_to_reconcile (receipt_id, person_id, year)
        SELECT id, person_id, year FROM new_t
         WHERE outcome = '' AND scheme = 1 AND bill_number = '';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER receipts_to_reconcile AFTER INSERT ON receipt
    REFERENCING NEW TABLE AS new_t FOR EACH STATEMENT EXECUTE FUNCTION receipts_to_reconcile();
CREATE OR REPLACE TRIGGER receipts_reconciled AFTER UPDATE ON receipt
    REFERENCING OLD TABLE AS old_t NEW TABLE AS new_t
    FOR EACH STATEMENT EXECUTE FUNCTION receipts_to_reconcile();
CREATE OR REPLACE TRIGGER receipts_gone AFTER DELETE ON receipt
    REFERENCING OLD TABLE AS old_t FOR EACH STATEMENT EXECUTE FUNCTION receipts_to_reconcile();
CREATE OR REPLACE TRIGGER receipts_emptied AFTER TRUNCATE ON receipt
    FOR EACH STATEMENT EXECUTE FUNCTION receipts_to_reconcile();

-- Receipts name people and years that are there. A foreign key asks for every row alone, which took
-- half of the time of a file of a million; this asks once a statement (docs/adr/0035). What is named
-- here is deleted by nobody: the roles may not, and the owner is refused.
CREATE OR REPLACE FUNCTION receipts_name_what_is_there() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    named record;
    lost bigint;
BEGIN
    SELECT min(person_id) AS p1, max(person_id) AS p2, min(enrollment_id) AS e1, max(enrollment_id) AS e2
      INTO named FROM new_t;
    -- planned each time: one row and a million are not asked alike; with the range, so that a year's
    -- partition and a slice of people are all that is read
    -- and with min, as LIMIT lets the planner hope for one to be lost at once, and ask row by row
    EXECUTE format($sql$
        SELECT min(lost.id) FROM (
            SELECT n.id FROM new_t n
             WHERE NOT EXISTS (SELECT FROM person p
                                WHERE p.id = n.person_id AND p.id BETWEEN %L AND %L)
               AND n.person_id IS NOT NULL
             UNION ALL
            SELECT n.id FROM new_t n
             WHERE NOT EXISTS (SELECT FROM enrollment e
                                WHERE e.id = n.enrollment_id AND e.id BETWEEN %L AND %L)
               AND n.enrollment_id IS NOT NULL) lost$sql$,
        named.p1, named.p2, named.e1, named.e2) INTO lost;
    IF lost IS NOT NULL THEN
        RAISE EXCEPTION 'receipt % names a person or a year that is not there', lost
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'receipts_name_what_is_there';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER receipts_name_what_is_there AFTER INSERT ON receipt
    REFERENCING NEW TABLE AS new_t
    FOR EACH STATEMENT EXECUTE FUNCTION receipts_name_what_is_there();
CREATE OR REPLACE TRIGGER receipts_still_name_what_is_there AFTER UPDATE ON receipt
    REFERENCING NEW TABLE AS new_t
    FOR EACH STATEMENT EXECUTE FUNCTION receipts_name_what_is_there();
CREATE OR REPLACE FUNCTION what_receipts_name_stays() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE named boolean;
BEGIN
    IF TG_TABLE_NAME = 'person' THEN
        SELECT EXISTS (SELECT FROM old_t o JOIN receipt r ON r.person_id = o.id) INTO named;
    ELSE
        SELECT EXISTS (SELECT FROM old_t o JOIN receipt r
                           ON r.person_id = o.person_id AND r.enrollment_id = o.id) INTO named;
    END IF;
    IF named THEN
        RAISE EXCEPTION 'a receipt names what would be deleted from %', TG_TABLE_NAME
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'what_receipts_name_stays';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER what_receipts_name_stays AFTER DELETE ON person
    REFERENCING OLD TABLE AS old_t FOR EACH STATEMENT EXECUTE FUNCTION what_receipts_name_stays();
CREATE OR REPLACE TRIGGER what_receipts_name_stays AFTER DELETE ON enrollment
    REFERENCING OLD TABLE AS old_t FOR EACH STATEMENT EXECUTE FUNCTION what_receipts_name_stays();

-- One row a key again. Of two at once the second finds the rows gone.
CREATE OR REPLACE FUNCTION fold_receipt_days() RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH several AS (
        SELECT day, county, scheme, channel FROM receipt_day GROUP BY 1, 2, 3, 4 HAVING count(*) > 1
    ), gone AS (
        DELETE FROM receipt_day d USING several s
         WHERE (d.day, d.county, d.scheme, d.channel) = (s.day, s.county, s.scheme, s.channel)
        RETURNING d.*
    ), folded AS (
        INSERT INTO receipt_day (day, county, scheme, channel, receipts, amount, waiting, suspense)
        SELECT day, county, scheme, channel, sum(receipts), sum(amount), sum(waiting), sum(suspense)
          FROM gone
         GROUP BY 1, 2, 3, 4
        RETURNING id
    )
    SELECT count(*) FROM folded
$$;

-- ---------------------------------------------------------------------------------------------
-- Pushes of the unpaid and uninsured (docs/adr/0033-pushes.md). Whether somebody has paid since is read
-- from the bill; what pages add up is counted by differences, by statement, as receipts are. A township
-- is what totals are of, a county what days are of.
CREATE OR REPLACE FUNCTION pushes_came() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO push_total (step_id, region, kind, side, pushed, answered, paid)
    SELECT n.step_id, n.region / 1000 * 1000, n.kind, n.side, count(*), 0, 0
      FROM new_t n
     GROUP BY 1, 2, 3, 4;
    INSERT INTO push_day (step_id, county, day, pushed, answered, paid)
    SELECT n.step_id, n.county, n.pushed_on, count(*), 0, 0
      FROM new_t n
     GROUP BY 1, 2, 3;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER pushes_came AFTER INSERT ON push
    REFERENCING NEW TABLE AS new_t FOR EACH STATEMENT EXECUTE FUNCTION pushes_came();

-- An answer, and one that is corrected or taken back.
CREATE OR REPLACE FUNCTION pushes_were_answered() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO push_total (step_id, region, kind, side, pushed, answered, paid)
    SELECT n.step_id, n.region / 1000 * 1000, n.kind, n.side, 0,
           sum((n.result <> '')::int - (o.result <> '')::int), 0
      FROM new_t n JOIN old_t o USING (id)
     WHERE (n.result <> '') <> (o.result <> '')
     GROUP BY 1, 2, 3, 4;
    INSERT INTO push_day (step_id, county, day, pushed, answered, paid)
    SELECT a.step_id, a.county, a.told_on, 0, sum(a.sign), 0
      FROM (SELECT n.step_id, n.county, n.told_on, 1 AS sign
              FROM new_t n JOIN old_t o USING (id) WHERE n.told_on IS DISTINCT FROM o.told_on
             UNION ALL
            SELECT o.step_id, o.county, o.told_on, -1
              FROM new_t n JOIN old_t o USING (id) WHERE n.told_on IS DISTINCT FROM o.told_on) a
     WHERE a.told_on IS NOT NULL
     GROUP BY 1, 2, 3;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER pushes_were_answered AFTER UPDATE ON push
    REFERENCING OLD TABLE AS old_t NEW TABLE AS new_t
    FOR EACH STATEMENT EXECUTE FUNCTION pushes_were_answered();

-- Who was pushed stays pushed: an answer is all that is ever written to a row.
CREATE OR REPLACE FUNCTION push_is_only_answered() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'push % is only answered', OLD.id
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'push_is_only_answered';
END $$;
CREATE OR REPLACE TRIGGER push_is_only_answered BEFORE UPDATE ON push
    FOR EACH ROW
    WHEN ((OLD.id, OLD.step_id, OLD.year, OLD.pushed_on, OLD.due_on, OLD.person_id, OLD.region,
           OLD.kind, OLD.side, OLD.owed, OLD.name, OLD.id_mask, OLD.birth_year, OLD.shard)
          IS DISTINCT FROM
          (NEW.id, NEW.step_id, NEW.year, NEW.pushed_on, NEW.due_on, NEW.person_id, NEW.region,
           NEW.kind, NEW.side, NEW.owed, NEW.name, NEW.id_mask, NEW.birth_year, NEW.shard))
    EXECUTE FUNCTION push_is_only_answered();
CREATE OR REPLACE TRIGGER pushes_are_never_deleted BEFORE DELETE ON push
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();

-- A bill that is paid up, whichever way: of a resident, not ended, nothing left to pay.
CREATE OR REPLACE FUNCTION is_paid_up(key bigint, payable numeric, paid numeric, ended_on date)
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT key / 100000000000 % 10 = 1 AND paid >= payable AND ended_on IS NULL
$$;

-- On which day of a round a payment counts.
CREATE OR REPLACE FUNCTION counted_on(paid_on date, pushed_on date)
RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT greatest(paid_on, pushed_on)
$$;

-- Who was pushed and has paid up since, or has not any more, whoever writes the bill. Finds pushes by
-- person: a slice switches nested loops off for its own joins, here they are the only good plan.
CREATE OR REPLACE FUNCTION pushed_people_paid() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_nestloop = on AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM push) THEN
        RETURN NULL;
    END IF;
    WITH was AS (
        SELECT o.person_id, o.id / 1000000000000 AS year, o.paid_on, -1 AS sign
          FROM old_t o JOIN new_t n USING (id)
         WHERE is_paid_up(o.id, o.payable, o.paid, o.ended_on)
           AND NOT (is_paid_up(n.id, n.payable, n.paid, n.ended_on)
                    AND n.paid_on IS NOT DISTINCT FROM o.paid_on)
    ), became AS (
        SELECT n.person_id, n.id / 1000000000000 AS year, n.paid_on, 1 AS sign
          FROM new_t n JOIN old_t o USING (id)
         WHERE is_paid_up(n.id, n.payable, n.paid, n.ended_on)
           AND NOT (is_paid_up(o.id, o.payable, o.paid, o.ended_on)
                    AND n.paid_on IS NOT DISTINCT FROM o.paid_on)
    ), moved AS (
        SELECT p.step_id, p.region / 1000 * 1000 AS region, p.county, p.kind, p.side,
               counted_on(m.paid_on, p.pushed_on) AS day, m.sign
          FROM (SELECT * FROM was UNION ALL SELECT * FROM became) m
          JOIN push p ON p.person_id = m.person_id AND p.year = m.year
    ), totals AS (
        INSERT INTO push_total (step_id, region, kind, side, pushed, answered, paid)
        SELECT step_id, region, kind, side, 0, 0, sum(sign) FROM moved GROUP BY 1, 2, 3, 4
        HAVING sum(sign) <> 0
    )
    INSERT INTO push_day (step_id, county, day, pushed, answered, paid)
    SELECT step_id, county, day, 0, 0, sum(sign) FROM moved GROUP BY 1, 2, 3 HAVING sum(sign) <> 0;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION pushed_people_joined() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_nestloop = on AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM push) THEN
        RETURN NULL;
    END IF;
    WITH moved AS (
        SELECT p.step_id, p.region / 1000 * 1000 AS region, p.county, p.kind, p.side,
               counted_on(n.paid_on, p.pushed_on) AS day
          FROM new_t n
          JOIN push p ON p.person_id = n.person_id AND p.year = n.id / 1000000000000
         WHERE is_paid_up(n.id, n.payable, n.paid, n.ended_on)
    ), totals AS (
        INSERT INTO push_total (step_id, region, kind, side, pushed, answered, paid)
        SELECT step_id, region, kind, side, 0, 0, count(*) FROM moved GROUP BY 1, 2, 3, 4
    )
    INSERT INTO push_day (step_id, county, day, pushed, answered, paid)
    SELECT step_id, county, day, 0, 0, count(*) FROM moved GROUP BY 1, 2, 3;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER pushed_people_joined AFTER INSERT ON enrollment
    REFERENCING NEW TABLE AS new_t FOR EACH STATEMENT EXECUTE FUNCTION pushed_people_joined();
CREATE OR REPLACE TRIGGER pushed_people_paid AFTER UPDATE ON enrollment
    REFERENCING OLD TABLE AS old_t NEW TABLE AS new_t
    FOR EACH STATEMENT EXECUTE FUNCTION pushed_people_paid();

-- Lists by key, each row with how its person stands by the facts: open, paid, or gone (died, in the
-- employee scheme, left, insured elsewhere). The area of a list is told so much of people whose file and
-- bill are kept elsewhere, and no more. `wanted` is one of these words or empty, `answers` some results or
-- none; without a round all of the year. Planned for its values and in the order of the index: the planner
-- takes the open for few and would sort all of a province for one page.
CREATE OR REPLACE FUNCTION pushes_in(
    of_year int, of_round bigint, first_region bigint, last_region bigint, wanted text,
    answers text[], after_region bigint, after_id bigint, most int
) RETURNS TABLE (id bigint, stands text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
SET plan_cache_mode = force_custom_plan SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_sort = off AS $$
DECLARE
    sees_all boolean := coalesce(nullif(current_setting('app.all', true), '')::bool, false);
    sees int8multirange := coalesce(nullif(current_setting('app.regions', true), ''),
                                    '{}')::int8multirange;
    first_key bigint := of_year::bigint * 1000000000000 + 100000000000;
BEGIN
    RETURN QUERY
    SELECT p.id, s.stands
      FROM push p
      JOIN person q ON q.id = p.person_id
      LEFT JOIN enrollment e ON e.id = first_key + p.person_id
                            AND e.id >= first_key AND e.id < first_key + 100000000000
     CROSS JOIN LATERAL (
           SELECT CASE WHEN is_paid_up(e.id, e.payable, e.paid, e.ended_on) THEN 'paid'
                       WHEN q.died_on IS NOT NULL OR q.scheme <> 1
                         OR q.left_for NOT IN ('', 'not_registered')
                         OR e.ended_for IN ('deceased', 'moved_out', 'duplicate', 'other_cover')
                       THEN 'gone' ELSE 'open' END) s (stands)
     WHERE p.year = of_year
       AND (of_round IS NULL OR p.step_id = of_round)
       AND p.region BETWEEN first_region AND last_region
       AND (p.region, p.id) > (after_region, after_id)
       AND (answers IS NULL OR p.result = ANY (answers))
       AND (sees_all OR p.region <@ sees)
       AND (wanted = '' OR s.stands = wanted)
     ORDER BY p.region, p.id
     LIMIT most;
END $$;

-- The villages of a township in a round: its own list, never the register.
CREATE OR REPLACE FUNCTION villages_in(of_round bigint, township bigint)
RETURNS TABLE (region bigint, kind text, side text, pushed bigint, answered bigint, paid bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT p.region, p.kind, p.side, count(*), count(p.told_on),
           count(*) FILTER (WHERE is_paid_up(e.id, e.payable, e.paid, e.ended_on))
      FROM push p
      LEFT JOIN enrollment e ON e.id = p.year * 1000000000000 + 100000000000 + p.person_id
     WHERE p.step_id = of_round
       AND p.region BETWEEN township AND township + 999
       AND (coalesce(nullif(current_setting('app.all', true), '')::bool, false)
            OR p.region <@ nullif(current_setting('app.regions', true), '')::int8multirange)
     GROUP BY 1, 2, 3
$$;

-- One row a key again. Of two at once the second finds the rows gone.
CREATE OR REPLACE FUNCTION fold_pushes() RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH several AS (
        SELECT step_id, region, kind, side FROM push_total GROUP BY 1, 2, 3, 4 HAVING count(*) > 1
    ), gone AS (
        DELETE FROM push_total d USING several s
         WHERE (d.step_id, d.region, d.kind, d.side) = (s.step_id, s.region, s.kind, s.side)
        RETURNING d.*
    ), folded AS (
        INSERT INTO push_total (step_id, region, kind, side, pushed, answered, paid)
        SELECT step_id, region, kind, side, sum(pushed), sum(answered), sum(paid)
          FROM gone
         GROUP BY 1, 2, 3, 4
        RETURNING id
    ), several_days AS (
        SELECT step_id, county, day FROM push_day GROUP BY 1, 2, 3 HAVING count(*) > 1
    ), gone_days AS (
        DELETE FROM push_day d USING several_days s
         WHERE (d.step_id, d.county, d.day) = (s.step_id, s.county, s.day)
        RETURNING d.*
    ), folded_days AS (
        INSERT INTO push_day (step_id, county, day, pushed, answered, paid)
        SELECT step_id, county, day, sum(pushed), sum(answered), sum(paid)
          FROM gone_days
         GROUP BY 1, 2, 3
        RETURNING id
    )
    SELECT (SELECT count(*) FROM folded) + (SELECT count(*) FROM folded_days)
$$;

-- ---------------------------------------------------------------------------------------------
-- The collection of a year in sums (docs/adr/0043-collection-in-sums.md): bills by township and category, by
-- county and day of payment; people by township. Counted by statement, whoever writes, as pushes are; a
-- year that was filled apart is added as it is attached. Both sides of a change are summed with their
-- sign, and what sums up to nothing leaves no row; rows come in the order by which pages read them.
DO $$
DECLARE
    bills text := $sql$
        WITH bill AS MATERIALIZED (
            SELECT t.id / 1000000000000 AS year, t.region / 1000 * 1000 AS region, t.county,
                   t.category, t.paid_on AS day, t.sign * s.stands AS billed,
                   t.sign * (1 - s.stands) AS ended, t.sign * s.insured AS insured,
                   CASE WHEN t.subsidy > 0 THEN t.sign * s.insured ELSE 0 END AS subsidised_insured,
                   CASE WHEN t.subsidy > 0 THEN t.sign * s.stands ELSE 0 END AS subsidised,
                   t.sign * s.stands * t.subsidy AS subsidy,
                   t.sign * s.stands * t.payable AS payable, t.sign * s.stands * t.paid AS paid
              FROM (%s) t
             CROSS JOIN LATERAL (
                   SELECT (t.ended_on IS NULL OR t.ended_on >= make_date(
                              (t.id / 1000000000000)::int, 1, 1))::int,
                          is_insured(t.id, t.payable, t.paid, t.ended_on)::int) s (stands, insured)
             WHERE t.id / 100000000000 %% 10 = 1
        ), townships AS (
            INSERT INTO collection_total (year, region, category, billed, ended, insured, subsidised,
                                          subsidised_insured, subsidy, payable, paid)
            SELECT year, region, category, sum(billed), sum(ended), sum(insured), sum(subsidised),
                   sum(subsidised_insured), sum(subsidy), sum(payable), sum(paid)
              FROM bill
             GROUP BY 1, 2, 3
            HAVING (sum(billed), sum(ended), sum(insured), sum(subsidised),
                    sum(subsidised_insured), sum(subsidy), sum(payable), sum(paid))
                   <> (0, 0, 0, 0, 0, 0, 0, 0)
             ORDER BY 1, 2, 3
        )
        INSERT INTO collection_day (year, county, day, insured, subsidised_insured, paid)
        SELECT year, county, day, sum(insured), sum(subsidised_insured), sum(paid)
          FROM bill
         GROUP BY 1, 2, 3
        HAVING (sum(insured), sum(subsidised_insured), sum(paid)) <> (0, 0, 0)
         ORDER BY 1, 2, 3;$sql$;
    people text := $sql$
        INSERT INTO people_total (region, habitual, hukou, employees, residents)
        SELECT r.region / 1000 * 1000, sum(t.sign * r.habitual), sum(t.sign * r.hukou),
               sum(t.sign * r.employees), sum(t.sign * r.residents)
          FROM (%s) t
         CROSS JOIN LATERAL (
               VALUES (t.residence_region, 1, 0, 0, 0), (t.household_region, 0, 1, 0, 0),
                      (t.insured_region, 0, 0, (t.scheme = 2 AND t.left_on IS NULL)::int,
                       (t.scheme = 1 AND t.left_on IS NULL)::int)
               ) r (region, habitual, hukou, employees, residents)
         WHERE t.died_on IS NULL
         GROUP BY 1
        HAVING (sum(t.sign * r.habitual), sum(t.sign * r.hukou), sum(t.sign * r.employees),
                sum(t.sign * r.residents)) <> (0, 0, 0, 0);$sql$;
    trigger_form text := 'CREATE OR REPLACE FUNCTION %I() RETURNS trigger LANGUAGE plpgsql'
                         ' SECURITY DEFINER SET search_path = public, pg_temp AS %L';
    came text := 'SELECT *, 1 AS sign FROM new_t';
    gone text := 'SELECT *, -1 AS sign FROM old_t';
    changed text := came || ' UNION ALL ' || gone;
    body text := 'BEGIN %s RETURN NULL; END';
BEGIN
    EXECUTE format(trigger_form, 'bills_came', format(body, format(bills, came)));
    EXECUTE format(trigger_form, 'bills_changed', format(body, format(bills, changed)));
    EXECUTE format(trigger_form, 'bills_went', format(body, format(bills, gone)));
    EXECUTE format(trigger_form, 'people_came', format(body, format(people, came)));
    EXECUTE format(trigger_form, 'people_changed', format(body, format(people, changed)));
    EXECUTE format(trigger_form, 'people_went', format(body, format(people, gone)));
    -- for what no trigger saw: the years of a seed, a register older than these sums
    EXECUTE format('CREATE OR REPLACE FUNCTION sum_bills(of_year int) RETURNS void LANGUAGE plpgsql'
                   ' SET search_path = public, pg_temp AS %L',
                   format('BEGIN %s END', format(bills,
                       'SELECT *, 1 AS sign FROM enrollment WHERE id >= of_year * 1000000000000'
                       ' AND id < (of_year + 1) * 1000000000000')));
    EXECUTE format('CREATE OR REPLACE FUNCTION sum_people() RETURNS void LANGUAGE plpgsql'
                   ' SET search_path = public, pg_temp AS %L',
                   format('BEGIN %s END', format(people, 'SELECT *, 1 AS sign FROM person')));
END $$;
CREATE OR REPLACE TRIGGER bills_came AFTER INSERT ON enrollment
    REFERENCING NEW TABLE AS new_t FOR EACH STATEMENT EXECUTE FUNCTION bills_came();
CREATE OR REPLACE TRIGGER bills_changed AFTER UPDATE ON enrollment
    REFERENCING OLD TABLE AS old_t NEW TABLE AS new_t
    FOR EACH STATEMENT EXECUTE FUNCTION bills_changed();
CREATE OR REPLACE TRIGGER bills_went AFTER DELETE ON enrollment
    REFERENCING OLD TABLE AS old_t FOR EACH STATEMENT EXECUTE FUNCTION bills_went();
CREATE OR REPLACE TRIGGER people_came AFTER INSERT ON person
    REFERENCING NEW TABLE AS new_t FOR EACH STATEMENT EXECUTE FUNCTION people_came();
CREATE OR REPLACE TRIGGER people_changed AFTER UPDATE ON person
    REFERENCING OLD TABLE AS old_t NEW TABLE AS new_t
    FOR EACH STATEMENT EXECUTE FUNCTION people_changed();
CREATE OR REPLACE TRIGGER people_went AFTER DELETE ON person
    REFERENCING OLD TABLE AS old_t FOR EACH STATEMENT EXECUTE FUNCTION people_went();
CREATE OR REPLACE FUNCTION sums_are_emptied() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_TABLE_NAME = 'person' THEN
        DELETE FROM people_total;
    ELSE
        DELETE FROM collection_total;
        DELETE FROM collection_day;
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER bills_emptied AFTER TRUNCATE ON enrollment
    FOR EACH STATEMENT EXECUTE FUNCTION sums_are_emptied();
CREATE OR REPLACE TRIGGER people_emptied AFTER TRUNCATE ON person
    FOR EACH STATEMENT EXECUTE FUNCTION sums_are_emptied();

-- What the slices of a year billed, at the moment in which the year is there for everybody. Nobody has
-- paid yet; who has nothing to pay is insured without a day.
CREATE OR REPLACE FUNCTION opened_bills_came(of_step bigint) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH opened AS (
        SELECT r.year, t.region, t.category, sum(t.billed) AS billed, sum(t.free) AS free,
               sum(t.subsidised) AS subsidised, sum(t.subsidy) AS subsidy, sum(t.payable) AS payable
          FROM opened_total t
          JOIN step_shard h ON h.id = t.shard_id AND h.step_id = of_step
          JOIN year_step s ON s.id = of_step
          JOIN year_run r ON r.id = s.run_id AND r.mode = 'real'
         GROUP BY 1, 2, 3
    ), townships AS (
        INSERT INTO collection_total (year, region, category, billed, ended, insured, subsidised,
                                      subsidised_insured, subsidy, payable, paid)
        SELECT year, region, category, billed, 0, free, subsidised, free, subsidy, payable, 0
          FROM opened
         ORDER BY 1, 2, 3
    )
    INSERT INTO collection_day (year, county, day, insured, subsidised_insured, paid)
    SELECT year, region / 1000000, NULL, sum(free), sum(free), 0
      FROM opened
     GROUP BY 1, 2
    HAVING sum(free) > 0
     ORDER BY 1, 2
$$;

-- One row a key again, and none that sums up to nothing. Of two at once the second finds the rows gone.
CREATE OR REPLACE FUNCTION fold_collection() RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH totals AS (
        DELETE FROM collection_total WHERE id IN (
            SELECT id FROM (SELECT id, count(*) OVER (PARTITION BY year, region, category) AS rows
                              FROM collection_total) k
             WHERE rows > 1)
        RETURNING *
    ), total AS (
        INSERT INTO collection_total (year, region, category, billed, ended, insured, subsidised,
                                      subsidised_insured, subsidy, payable, paid)
        SELECT year, region, category, sum(billed), sum(ended), sum(insured), sum(subsidised),
               sum(subsidised_insured), sum(subsidy), sum(payable), sum(paid)
          FROM totals
         GROUP BY 1, 2, 3
        HAVING (sum(billed), sum(ended), sum(insured), sum(subsidised), sum(subsidised_insured),
                sum(subsidy), sum(payable), sum(paid)) <> (0, 0, 0, 0, 0, 0, 0, 0)
         ORDER BY 1, 2, 3
        RETURNING id
    ), days AS (
        DELETE FROM collection_day WHERE id IN (
            SELECT id FROM (SELECT id, count(*) OVER (PARTITION BY year, county, day) AS rows
                              FROM collection_day) k
             WHERE rows > 1)
        RETURNING *
    ), a_day AS (
        INSERT INTO collection_day (year, county, day, insured, subsidised_insured, paid)
        SELECT year, county, day, sum(insured), sum(subsidised_insured), sum(paid)
          FROM days
         GROUP BY 1, 2, 3
        HAVING (sum(insured), sum(subsidised_insured), sum(paid)) <> (0, 0, 0)
         ORDER BY 1, 2, 3
        RETURNING id
    ), people AS (
        DELETE FROM people_total WHERE id IN (
            SELECT id FROM (SELECT id, count(*) OVER (PARTITION BY region) AS rows
                              FROM people_total) k
             WHERE rows > 1)
        RETURNING *
    ), of_a_township AS (
        INSERT INTO people_total (region, habitual, hukou, employees, residents)
        SELECT region, sum(habitual), sum(hukou), sum(employees), sum(residents)
          FROM people
         GROUP BY 1
        HAVING (sum(habitual), sum(hukou), sum(employees), sum(residents)) <> (0, 0, 0, 0)
        RETURNING id
    )
    SELECT (SELECT count(*) FROM total) + (SELECT count(*) FROM a_day)
           + (SELECT count(*) FROM of_a_township)
$$;
-- A register that is older than these sums is summed once.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM people_total) AND EXISTS (SELECT FROM person) THEN
        PERFORM sum_people();
        PERFORM sum_bills(year) FROM (SELECT DISTINCT (id / 1000000000000)::int AS year FROM enrollment) y;
    END IF;
END $$;

-- Where the sides differ on a day of an area: one row a total of a source that is not what came in, and
-- one a county and channel that came in and that a source does not tell. None: the day may be closed.
CREATE OR REPLACE FUNCTION day_differences(of_area bigint, of_day date)
RETURNS TABLE (source text, region bigint, scheme smallint, channel text, receipts bigint,
               amount numeric, told_receipts bigint, told_amount numeric)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    WITH came AS (
        SELECT d.county, d.scheme, d.channel, sum(d.receipts) AS receipts, sum(d.amount) AS amount
          FROM receipt_day d
         WHERE d.day = of_day
           AND d.county BETWEEN of_area / 1000000
                            AND (of_area + CASE WHEN of_area % 100000000 = 0 THEN 99999999 ELSE 0 END) / 1000000
         GROUP BY 1, 2, 3
        HAVING sum(d.receipts) <> 0 OR sum(d.amount) <> 0
    ), told AS (
        SELECT t.source, t.region, t.scheme, t.channel, t.receipts, t.amount, t.county,
               (t.region + CASE WHEN t.region % 100000000 = 0 THEN 99999999 ELSE 0 END) / 1000000
                   AS last_county
          FROM control_total t
         WHERE t.day = of_day AND pooling_area(t.region) = of_area
    ), compared AS (
        SELECT t.source, t.region, t.scheme, t.channel, coalesce(sum(c.receipts), 0) AS receipts,
               coalesce(sum(c.amount), 0) AS amount, t.receipts AS told_receipts,
               t.amount AS told_amount
          FROM told t
          LEFT JOIN came c ON c.county BETWEEN t.county AND t.last_county AND c.scheme = t.scheme
                          AND (t.channel = '' OR c.channel = t.channel)
         GROUP BY t.source, t.region, t.scheme, t.channel, t.receipts, t.amount
         UNION ALL
        SELECT s.source, c.county::bigint * 1000000, c.scheme, c.channel, c.receipts, c.amount, 0, 0
          FROM came c
         CROSS JOIN (VALUES ('tax'), ('treasury')) AS s (source)
         WHERE NOT EXISTS (SELECT FROM told t
                            WHERE t.source = s.source AND t.scheme = c.scheme
                              AND c.county BETWEEN t.county AND t.last_county
                              AND (t.channel = '' OR t.channel = c.channel))
    )
    SELECT source::text, region, scheme::smallint, channel::text, receipts::bigint, amount,
           told_receipts::bigint, told_amount
      FROM compared
     WHERE (receipts, amount) IS DISTINCT FROM (told_receipts::bigint, told_amount)
     ORDER BY 1, 2, 3, 4
$$;

-- A day is closed over what came in, and only where all three sides agree; afterwards it is opened again
-- and never edited. Asked as the owner, so that nobody closes what they cannot see.
CREATE OR REPLACE FUNCTION day_is_closed_without_difference() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE differing bigint;
BEGIN
    -- two who close a day wait for each other, and a file of totals for both
    PERFORM pg_advisory_xact_lock(hashtextextended('day_close', NEW.day - date '2000-01-01'));
    SELECT count(*) INTO differing FROM day_differences(NEW.area, NEW.day);
    IF differing > 0 THEN
        RAISE EXCEPTION 'day % of % differs in % places', NEW.day, NEW.area, differing
            USING ERRCODE = 'check_violation', CONSTRAINT = 'day_is_closed_without_difference';
    END IF;
    SELECT coalesce(sum(d.receipts), 0), coalesce(sum(d.amount), 0) INTO NEW.receipts, NEW.amount
      FROM receipt_day d
     WHERE d.day = NEW.day AND pooling_area(d.county::bigint * 1000000) = NEW.area;
    NEW.closed_at := now();
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER day_is_closed_without_difference BEFORE INSERT ON day_close
    FOR EACH ROW EXECUTE FUNCTION day_is_closed_without_difference();
CREATE OR REPLACE FUNCTION day_is_only_opened_again() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.reopened_at IS NOT NULL
       OR to_jsonb(NEW) - '{reopened_by_id,reopened_at,reason,county}'::text[]
          <> to_jsonb(OLD) - '{reopened_by_id,reopened_at,reason,county}'::text[] THEN
        RAISE EXCEPTION 'the close of day % of % is not rewritten', OLD.day, OLD.area
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'day_is_only_opened_again';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER day_is_only_opened_again BEFORE UPDATE ON day_close
    FOR EACH ROW EXECUTE FUNCTION day_is_only_opened_again();
CREATE OR REPLACE TRIGGER closes_are_never_deleted BEFORE DELETE ON day_close
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();
-- What a source told about a closed day stands.
CREATE OR REPLACE FUNCTION totals_of_closed_days_stand() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('day_close', NEW.day - date '2000-01-01'));
    IF EXISTS (SELECT FROM day_close c
                WHERE c.area = pooling_area(NEW.region) AND c.day = NEW.day
                  AND c.reopened_at IS NULL) THEN
        RAISE EXCEPTION 'day % of % is closed', NEW.day, NEW.region
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'totals_of_closed_days_stand';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER totals_of_closed_days_stand BEFORE INSERT OR UPDATE ON control_total
    FOR EACH ROW EXECUTE FUNCTION totals_of_closed_days_stand();

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

-- ---------------------------------------------------------------------------------------------
-- Cases in sums (docs/adr/0048-cases-in-sums.md): by office, kind, state and, while they are open, by the
-- days on which they were opened and are due; moves by office, kind and month. Appended by statement as
-- bills are.
DO $$
DECLARE
    cases text := $sql$
        INSERT INTO case_total (county, kind, state, opened_on, due_on, cases)
        SELECT t.county, t.kind, t.state, o.opened_on, o.due_on, sum(t.sign)
          FROM (%s) t
          LEFT JOIN LATERAL (
               SELECT (t.opened_at AT TIME ZONE 'Asia/Shanghai')::date, t.due_on
                WHERE t.state NOT IN ('effected', 'withdrawn', 'reversed')) o (opened_on, due_on)
            ON true
         GROUP BY 1, 2, 3, 4, 5
        HAVING sum(t.sign) <> 0;$sql$;
    moves text := $sql$
        INSERT INTO case_month (county, kind, month, submitted, returned, effected, late, reversed)
        SELECT c.county, c.kind, date_trunc('month', m.day)::date,
               count(*) FILTER (WHERE n.to_state = 'submitted'),
               count(*) FILTER (WHERE n.to_state = 'returned'),
               count(*) FILTER (WHERE n.to_state = 'effected'),
               count(*) FILTER (WHERE n.to_state = 'effected' AND c.due_on < m.day),
               count(*) FILTER (WHERE n.to_state = 'reversed')
          FROM %I n
          JOIN agency_case c ON c.id = n.case_id
         CROSS JOIN LATERAL (
               SELECT (n.recorded_at AT TIME ZONE 'Asia/Shanghai')::date) m (day)
         WHERE n.from_state <> n.to_state
           AND n.to_state IN ('submitted', 'returned', 'effected', 'reversed')
         GROUP BY 1, 2, 3;$sql$;
    trigger_form text := 'CREATE OR REPLACE FUNCTION %I() RETURNS trigger LANGUAGE plpgsql'
                         ' SECURITY DEFINER SET search_path = public, pg_temp AS %L';
    came text := 'SELECT *, 1 AS sign FROM new_t';
    gone text := 'SELECT *, -1 AS sign FROM old_t';
    body text := 'BEGIN %s RETURN NULL; END';
BEGIN
    EXECUTE format(trigger_form, 'cases_came', format(body, format(cases, came)));
    EXECUTE format(trigger_form, 'cases_changed',
                   format(body, format(cases, came || ' UNION ALL ' || gone)));
    EXECUTE format(trigger_form, 'cases_went', format(body, format(cases, gone)));
    EXECUTE format(trigger_form, 'cases_moved', format(body, format(moves, 'new_t')));
    -- Cases that are older than these sums are summed once.
    IF NOT EXISTS (SELECT FROM case_total) AND EXISTS (SELECT FROM agency_case) THEN
        EXECUTE format(cases, 'SELECT *, 1 AS sign FROM agency_case');
        EXECUTE format(moves, 'case_event');
    END IF;
END $$;
CREATE OR REPLACE TRIGGER cases_came AFTER INSERT ON agency_case
    REFERENCING NEW TABLE AS new_t FOR EACH STATEMENT EXECUTE FUNCTION cases_came();
CREATE OR REPLACE TRIGGER cases_changed AFTER UPDATE ON agency_case
    REFERENCING OLD TABLE AS old_t NEW TABLE AS new_t
    FOR EACH STATEMENT EXECUTE FUNCTION cases_changed();
CREATE OR REPLACE TRIGGER cases_went AFTER DELETE ON agency_case
    REFERENCING OLD TABLE AS old_t FOR EACH STATEMENT EXECUTE FUNCTION cases_went();
CREATE OR REPLACE TRIGGER cases_moved AFTER INSERT ON case_event
    REFERENCING NEW TABLE AS new_t FOR EACH STATEMENT EXECUTE FUNCTION cases_moved();
CREATE OR REPLACE FUNCTION case_sums_are_emptied() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_TABLE_NAME = 'agency_case' THEN
        DELETE FROM case_total;
    END IF;
    DELETE FROM case_month;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER cases_emptied AFTER TRUNCATE ON agency_case
    FOR EACH STATEMENT EXECUTE FUNCTION case_sums_are_emptied();
CREATE OR REPLACE TRIGGER case_moves_emptied AFTER TRUNCATE ON case_event
    FOR EACH STATEMENT EXECUTE FUNCTION case_sums_are_emptied();

-- One row a key again, and none that sums up to nothing. Of two at once the second finds the rows gone.
CREATE OR REPLACE FUNCTION fold_cases() RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH totals AS (
        DELETE FROM case_total WHERE id IN (
            SELECT id FROM (SELECT id, count(*) OVER (
                                       PARTITION BY county, kind, state, opened_on, due_on) AS rows
                              FROM case_total) k
             WHERE rows > 1)
        RETURNING *
    ), total AS (
        INSERT INTO case_total (county, kind, state, opened_on, due_on, cases)
        SELECT county, kind, state, opened_on, due_on, sum(cases)
          FROM totals
         GROUP BY 1, 2, 3, 4, 5
        HAVING sum(cases) <> 0
        RETURNING id
    ), months AS (
        DELETE FROM case_month WHERE id IN (
            SELECT id FROM (SELECT id, count(*) OVER (PARTITION BY county, kind, month) AS rows
                              FROM case_month) k
             WHERE rows > 1)
        RETURNING *
    ), a_month AS (
        INSERT INTO case_month (county, kind, month, submitted, returned, effected, late, reversed)
        SELECT county, kind, month, sum(submitted), sum(returned), sum(effected), sum(late),
               sum(reversed)
          FROM months
         GROUP BY 1, 2, 3
        RETURNING id
    )
    SELECT (SELECT count(*) FROM total) + (SELECT count(*) FROM a_month)
$$;

-- ---------------------------------------------------------------------------------------------
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

-- ---------------------------------------------------------------------------------------------
-- Row security (docs/adr/0016-row-security.md). No context, no rows; the worker does yearly work on
-- everyone. A row is *here* when its region lies in the user's scope (app.counties, app.regions); the
-- CASE hides the test from the planner, so that the query's own county decides the plan.

-- What a transfer shows to the area that it goes to: the case from its hand-over on, before the person
-- is insured there. Who asked for it knows it from the first day, and all that is said about it.
CREATE OR REPLACE FUNCTION transfer_comes_here(transfer bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM enrolment_transfer t
                    WHERE t.case_ptr_id = transfer
                      AND (t.handed_over_version IS NOT NULL OR t.asked_for)
                      AND t.to_region <@ nullif(current_setting('app.regions', true),
                                                '')::int8multirange)
$$;

-- From which version of a transfer on the area that it goes to sees what happens to it.
CREATE OR REPLACE FUNCTION transfer_told_from(transfer bigint) RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN asked_for THEN 0 ELSE handed_over_version END
      FROM enrolment_transfer WHERE case_ptr_id = transfer
$$;

-- The moment of that version, for what bears no version.
CREATE OR REPLACE FUNCTION transfer_told_since(transfer bigint) RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT CASE WHEN t.asked_for THEN '-infinity'
                ELSE (SELECT min(e.recorded_at) FROM case_event e
                       WHERE e.case_id = transfer AND e.version = t.handed_over_version) END
      FROM enrolment_transfer t WHERE t.case_ptr_id = transfer
$$;

-- Asked of a new case; a policy cannot ask the person's own policy, which asks for cases.
CREATE OR REPLACE FUNCTION person_is_here(person bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT FROM person p
                    WHERE p.id = person
                      AND p.insured_region <@ nullif(current_setting('app.regions', true),
                                                     '')::int8multirange)
$$;

-- The policies of one table: `seen` says which rows beside the province's scope, `written` which ones
-- may be added and changed.
CREATE OR REPLACE PROCEDURE secure_rows(name text, seen text, written text)
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    all_of_it text := $sql$(SELECT nullif(current_setting('app.all', true), '')::bool)$sql$;
    sees text := format('CASE WHEN %s THEN true ELSE %s END', all_of_it, seen);
    writes text := format('CASE WHEN %s THEN true ELSE %s END', all_of_it, written);
    old name;
BEGIN
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    FOR old IN SELECT polname FROM pg_policy WHERE polrelid = name::regclass LOOP
        EXECUTE format('DROP POLICY %I ON %I', old, name);
    END LOOP;
    EXECUTE format('CREATE POLICY region_of_duty ON %I FOR SELECT TO {web} USING (%s)', name, sees);
    EXECUTE format('CREATE POLICY added_in_region ON %I FOR INSERT TO {web} WITH CHECK (%s)',
                   name, writes);
    EXECUTE format('CREATE POLICY changed_in_region ON %I FOR UPDATE TO {web} USING (%s)'
                   ' WITH CHECK (%s)', name, writes, writes);
    EXECUTE format('CREATE POLICY yearly_work ON %I TO {worker} USING (true) WITH CHECK (true)',
                   name);
END $$;

-- Whether a row with a county and a region stands in the scope; `of` is the table's name or alias.
CREATE OR REPLACE FUNCTION here(of text, region text DEFAULT 'region') RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
    SELECT format($sql$(%1$I.county = ANY ((SELECT nullif(current_setting('app.counties', true),
                                                         '')::int[])::int[])
                       AND %1$I.%2$I <@ (SELECT nullif(current_setting('app.regions', true),
                                                      '')::int8multirange))$sql$, of, region)
$$;

-- The same for what is of a county as a whole.
CREATE OR REPLACE FUNCTION here_alone(of text) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = public, pg_temp AS $$
    SELECT format($sql$(%1$I.county = ANY ((SELECT nullif(current_setting('app.counties', true),
                                                         '')::int[])::int[])
                       AND %1$I.county::bigint * 1000000
                           <@ (SELECT nullif(current_setting('app.regions', true),
                                             '')::int8multirange))$sql$, of)
$$;

DO $$
DECLARE
    person_here text := here('p', 'insured_region');
    secured text[] := ARRAY['person', 'agency_case', 'enrollment', 'fallout'];
    follower record;
    rule text;
BEGIN
    -- Whoever has a case of somebody's knows who it is about, also after they moved away; the file
    -- and what hangs on it (years, receipts, categories) belong to where the person is insured.
    CALL secure_rows('person',
        format('CASE WHEN %s THEN true ELSE EXISTS (SELECT FROM agency_case c'
               ' WHERE c.person_id = person.id) END', here('person', 'insured_region')),
        here('person', 'insured_region'));
    -- A year belongs to its own region, and is read by the region that insures the person now:
    -- without the years elsewhere no wait is computed rightly.
    FOREACH rule IN ARRAY ARRAY['enrollment', 'fallout'] LOOP
        CALL secure_rows(rule,
            format('CASE WHEN %s THEN true ELSE EXISTS (SELECT FROM person p'
                   ' WHERE p.id = %I.person_id AND %s) END', here(rule), rule, person_here),
            here(rule));
    END LOOP;
    CALL secure_rows('agency_case',
        format($rule$CASE WHEN %s THEN true
                          WHEN kind = 'enrolment_transfer' THEN transfer_comes_here(id)
                          ELSE false END$rule$, here('agency_case')),
        format($rule$CASE WHEN %s THEN true
                          WHEN kind = 'enrolment_transfer' THEN transfer_comes_here(id)
                          ELSE false END$rule$, here('agency_case')));
    -- Foreign keys pass row security by: nobody points a case at a person elsewhere.
    EXECUTE $rule$
        CREATE POLICY about_somebody_here ON agency_case AS RESTRICTIVE FOR INSERT TO {web}
        WITH CHECK (CASE WHEN (SELECT nullif(current_setting('app.all', true), '')::bool) THEN true
                         WHEN person_id IS NULL THEN true
                         ELSE person_is_here(person_id) END)
        $rule$;

    -- Every other table that leads to one of these follows it, of whatever app and however far: the
    -- detail of a case by its key, then by what it must name, a person before a case. Law and the
    -- run ledger belong to nobody.
    LOOP
        SELECT t.relname AS name, a.attname AS field, q.relname AS parent, b.attname AS key INTO follower
          FROM pg_constraint k
          JOIN pg_class t ON t.oid = k.conrelid AND t.relkind IN ('r', 'p') AND NOT t.relispartition
          JOIN pg_class q ON q.oid = k.confrelid AND q.relname = ANY (secured)
          JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
          JOIN pg_attribute b ON b.attrelid = k.confrelid AND b.attnum = k.confkey[1]
          LEFT JOIN pg_index i ON i.indrelid = t.oid AND i.indisprimary AND a.attnum = ANY (i.indkey)
         WHERE k.contype = 'f' AND t.relnamespace = 'public'::regnamespace
           AND t.relname <> ALL (secured) AND t.relname !~ '^(policy|year|step|shard)_'
           AND t.relname !~ '^(enrollment|standing)_y[0-9]{4}'
         ORDER BY (i.indrelid IS NULL), (NOT a.attnotnull), array_position(secured, q.relname::text),
                  t.relname
         LIMIT 1;
        EXIT WHEN NOT FOUND;
        rule := format('EXISTS (SELECT FROM %I p WHERE p.%I = %I.%I%s)', follower.parent, follower.key, follower.name,
                       follower.field,
                       CASE WHEN follower.parent = 'person' THEN ' AND ' || person_here ELSE '' END);
        CALL secure_rows(follower.name, rule, rule);
        secured := secured || follower.name::text;
    END LOOP;

    -- Money of a year goes with the year; a receipt goes with the area that received
    -- it and with its person; of which nobody knows the area, the province's alone.
    CALL secure_rows('award',
        'EXISTS (SELECT FROM enrollment e WHERE e.id = award.enrollment_id)',
        'EXISTS (SELECT FROM enrollment e WHERE e.id = award.enrollment_id)');
    CALL secure_rows('receipt',
        format('CASE WHEN %s THEN true'
               ' WHEN EXISTS (SELECT FROM person p WHERE p.id = receipt.person_id AND %s)'
               ' THEN true ELSE EXISTS (SELECT FROM enrollment e'
               ' WHERE e.id = receipt.enrollment_id) END', here('receipt'), person_here),
        'false');
    -- The days of the money go by county; a total of a whole area is for those who see the area.
    CALL secure_rows('receipt_day', here_alone('receipt_day'), 'false');
    CALL secure_rows('control_total', here('control_total'), 'false');
    -- A push belongs to the area of its list, and is read by the area that insures the person now.
    CALL secure_rows('push',
        format('CASE WHEN %s THEN true ELSE EXISTS (SELECT FROM person p'
               ' WHERE p.id = push.person_id AND %s) END', here('push'), person_here),
        'false');
    CALL secure_rows('push_total', here('push_total'), 'false');
    CALL secure_rows('push_day', here_alone('push_day'), 'false');
    CALL secure_rows('collection_total', here('collection_total'), 'false');
    CALL secure_rows('collection_day', here_alone('collection_day'), 'false');
    CALL secure_rows('people_total', here('people_total'), 'false');
    CALL secure_rows('case_total', here_alone('case_total'), 'false');
    CALL secure_rows('case_month', here_alone('case_month'), 'false');
    CALL secure_rows('grid_worker', here('grid_worker'), here('grid_worker'));
    CALL secure_rows('day_close',
        $rule$day_close.area IN (
            SELECT pooling_area(c::bigint * 1000000)
              FROM unnest((SELECT nullif(current_setting('app.counties', true), '')::int[])) c)$rule$,
        here('day_close', 'area'));
    -- What an area did about a transfer before it handed it over is its own business.
    CALL secure_rows('case_event',
        format('EXISTS (SELECT FROM agency_case c WHERE c.id = case_event.case_id'
               ' AND CASE WHEN %s THEN true'
               ' ELSE case_event.version >= transfer_told_from(c.id) END)', here('c')),
        'EXISTS (SELECT FROM agency_case c WHERE c.id = case_event.case_id)');
    CALL secure_rows('case_comment',
        format('EXISTS (SELECT FROM agency_case c WHERE c.id = case_comment.case_id'
               ' AND CASE WHEN %s THEN true'
               ' ELSE case_comment.recorded_at >= transfer_told_since(c.id) END)', here('c')),
        'EXISTS (SELECT FROM agency_case c WHERE c.id = case_comment.case_id)');
    rule := format('EXISTS (SELECT FROM agency_case c WHERE c.id = case_file.case_id'
                   ' AND CASE WHEN %s THEN true'
                   ' ELSE case_file.added_at >= transfer_told_since(c.id) END)', here('c'));
    CALL secure_rows('case_file', rule, rule);
    -- What was changed goes with whom or what it was changed on; the triggers alone write it.
    CALL secure_rows('history',
        format('CASE WHEN history.person_id IS NULL'
               ' THEN EXISTS (SELECT FROM agency_case c WHERE c.id = history.case_id'
               ' AND CASE WHEN %s THEN true'
               ' ELSE history.recorded_at >= transfer_told_since(c.id) END)'
               ' ELSE EXISTS (SELECT FROM person p WHERE p.id = history.person_id AND %s) END',
               here('c'), person_here),
        'false');
    -- A file is seen where all of it lies, and by who sent it.
    rule := $rule$(area <@ (SELECT nullif(current_setting('app.regions', true),
                                           '')::int8multirange)
                   OR sent_by_id = (SELECT nullif(current_setting('app.user', true),
                                                  '')::bigint))$rule$;
    CALL secure_rows('import', rule, rule);
    rule := 'EXISTS (SELECT FROM import i WHERE i.id = import_reject.source_id)';
    CALL secure_rows('import_reject', rule, rule);
    rule := 'EXISTS (SELECT FROM import i WHERE i.id = import_part.source_id)';
    CALL secure_rows('import_part', rule, rule);
    rule := 'EXISTS (SELECT FROM import i WHERE i.id = import_effect.source_id)';
    CALL secure_rows('import_effect', rule, 'false');
    -- A full list goes with its file; whoever confirms it acknowledges what it drops.
    rule := 'EXISTS (SELECT FROM import i WHERE i.id = recognition_list.source_id)';
    CALL secure_rows('recognition_list', rule, rule);
    rule := 'EXISTS (SELECT FROM import i WHERE i.id = import_answer.source_id)';
    CALL secure_rows('import_answer', rule, 'false');
    -- A finding waits where it was found, and is known where the person is insured now.
    CALL secure_rows('finding',
        format('CASE WHEN %s THEN true ELSE EXISTS (SELECT FROM person p'
               ' WHERE p.id = finding.person_id AND %s) END', here('finding'), person_here),
        here('finding'));
END $$;

CREATE OR REPLACE FUNCTION case_keeps_its_person() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'case % keeps its person, kind and maker', OLD.id
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'a_case_keeps_its_person';
END $$;
CREATE OR REPLACE TRIGGER a_case_keeps_its_person BEFORE UPDATE ON agency_case
    FOR EACH ROW
    WHEN ((OLD.person_id, OLD.kind, OLD.maker_id)
          IS DISTINCT FROM (NEW.person_id, NEW.kind, NEW.maker_id))
    EXECUTE FUNCTION case_keeps_its_person();

-- ---------------------------------------------------------------------------------------------
-- History (docs/adr/0023-history-by-our-own-triggers.md): what was changed on people, categories,
-- years of cover and cases, whoever writes. Set-based, appended as the owner, so that nobody needs a
-- grant to write it. A yearly step says app.recorded, because its ledger and its totals are the record
-- of what it does to everyone; the web cannot say so. The arguments of the trigger: whom a row is
-- about (person or case), the column that names them, the key of the row.
CREATE OR REPLACE FUNCTION record_history() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    about text := TG_ARGV[0];
    named text := TG_ARGV[1];
    own text := TG_ARGV[2];
    compared text;
    silent text[] := ARRAY['id_digest', 'old_id_digest', 'account_digest', 'initials', 'version',
                            'county', 'shard', 'suspense'];
    act_of bigint := coalesce(nullif(current_setting('app.by_case', true), ''),
                              nullif(current_setting('app.case', true), ''))::bigint;
    actor bigint := coalesce(nullif(current_setting('app.by_user', true), ''),
                             nullif(current_setting('app.user', true), ''))::bigint;
BEGIN
    IF coalesce(current_setting('app.recorded', true), '') = 'true'
       AND quote_ident(session_user)::regrole <> '{web}'::regrole THEN
        RETURN NULL;
    ELSIF TG_OP = 'UPDATE' THEN
        -- columns are compared as they are; only what differs is turned into text
        SELECT string_agg(format($sql$CASE WHEN n.%1$I IS DISTINCT FROM o.%1$I THEN %2$L || %3$s END$sql$,
                                 a.attname, format('%s: ', to_json(a.attname)),
                                 CASE WHEN a.attname LIKE '%\_sealed' THEN $sql$'[]'$sql$
                                      ELSE format('jsonb_build_array(o.%1$I, n.%1$I)::text', a.attname)
                                  END), ', ')
          INTO compared
          FROM pg_attribute a
         WHERE a.attrelid = TG_RELID AND a.attnum > 0 AND NOT a.attisdropped
           AND a.attname <> ALL (silent);
        EXECUTE format($sql$
            INSERT INTO history (table_name, row_id, act, person_id, case_id, by_case_id, user_id, by_role,
                                 changed)
            SELECT %1$L, d.own, 'UPDATE', CASE %2$L WHEN 'person' THEN d.named END,
                   CASE WHEN %2$L = 'case' THEN d.named WHEN d.named IS NULL THEN $1 END,
                   $1, $2, session_user, ('{' || d.told || '}')::jsonb
              FROM (SELECT n.%3$I AS own, n.%4$I AS named, concat_ws(', ', %5$s) AS told
                      FROM new_t n JOIN old_t o ON o.%3$I = n.%3$I) d
             WHERE d.told <> ''
               -- of nobody and by no case: a receipt without a file, which its own columns tell
               AND coalesce(d.named, $1) IS NOT NULL$sql$, TG_TABLE_NAME, about, own, named, compared)
        USING act_of, actor;
    ELSIF TG_OP = 'INSERT' THEN
        -- by an act; what a file adds is told by the file
        INSERT INTO history (table_name, row_id, act, person_id, by_case_id, user_id, by_role, changed)
        SELECT TG_TABLE_NAME, (n.told ->> own)::bigint, TG_OP, (n.told ->> named)::bigint,
               act_of, actor, session_user,
               (SELECT jsonb_object_agg(f.key, jsonb_build_array(NULL, f.value))
                  FROM jsonb_each(n.told) f WHERE f.key NOT IN (own, named))
          FROM (SELECT to_jsonb(r) AS told FROM new_t r) n
         WHERE act_of IS NOT NULL OR actor IS NOT NULL;
    ELSE
        INSERT INTO history (table_name, row_id, act, person_id, by_case_id, user_id, by_role, changed)
        SELECT TG_TABLE_NAME, (o.told ->> own)::bigint, TG_OP, (o.told ->> named)::bigint,
               act_of, actor, session_user,
               (SELECT jsonb_object_agg(f.key, jsonb_build_array(f.value, NULL))
                  FROM jsonb_each(o.told) f WHERE f.key NOT IN (own, named))
          FROM (SELECT to_jsonb(r) AS told FROM old_t r) o;
    END IF;
    RETURN NULL;
END $$;
DO $$
DECLARE
    kept record;
    form text := 'CREATE OR REPLACE TRIGGER %I AFTER %s ON %I REFERENCING %s FOR EACH STATEMENT'
                 ' EXECUTE FUNCTION record_history(%L, %L, %L)';
    pair text := 'OLD TABLE AS old_t NEW TABLE AS new_t';
BEGIN
    EXECUTE format(form, 'history_updated', 'UPDATE', 'person', pair, 'person', 'id', 'id');
    EXECUTE format(form, 'history_updated', 'UPDATE', 'enrollment', pair, 'person', 'person_id', 'id');
    EXECUTE format(form, 'history_updated', 'UPDATE', 'person_category', pair,
                   'person', 'person_id', 'id');
    EXECUTE format(form, 'history_updated', 'UPDATE', 'receipt', pair, 'person', 'person_id', 'id');
    -- answers about somebody who was pushed, also those that are corrected
    EXECUTE format(form, 'history_updated', 'UPDATE', 'push', pair, 'person', 'person_id', 'id');
    EXECUTE format(form, 'history_inserted', 'INSERT', 'person_category', 'NEW TABLE AS new_t',
                   'person', 'person_id', 'id');
    EXECUTE format(form, 'history_deleted', 'DELETE', 'person_category', 'OLD TABLE AS old_t',
                   'person', 'person_id', 'id');
    EXECUTE format(form, 'history_updated', 'UPDATE', 'agency_case', pair, 'case', 'id', 'id');
    -- the details of every kind, of whatever app
    FOR kept IN SELECT attrelid::regclass::name AS name FROM pg_attribute
                 WHERE attname = 'case_ptr_id' AND attrelid IN
                       (SELECT oid FROM pg_class WHERE relkind = 'r'
                           AND relnamespace = 'public'::regnamespace) LOOP
        EXECUTE format(form, 'history_updated', 'UPDATE', kept.name, pair,
                       'case', 'case_ptr_id', 'case_ptr_id');
    END LOOP;
END $$;
CREATE OR REPLACE TRIGGER history_is_append_only BEFORE UPDATE OR DELETE ON history
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();

-- ---------------------------------------------------------------------------------------------
-- Grants: what is not named here is refused. Nobody but the owner deletes or truncates.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {web}, {worker};
-- a year under construction, rehearsed and perhaps not signed yet, stays the workers' to fill, and
-- an attached one theirs to freeze
DO $$
DECLARE
    year record;
    can_maintain boolean := current_setting('server_version_num')::int >= 170000;
BEGIN
    FOR year IN
        SELECT c.oid::regclass AS part, c.relispartition AS is_attached
          FROM pg_class c
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
           AND c.relname ~ '^(enrollment|standing)_y[0-9]{4}(_s[0-9]+)?$'
    LOOP
        IF NOT year.is_attached THEN
            EXECUTE format('GRANT SELECT, INSERT, DELETE ON %s TO {worker}', year.part);
        END IF;
        IF can_maintain THEN
            EXECUTE format('GRANT MAINTAIN ON %s TO {worker}', year.part);
        END IF;
    END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION
    year_table_checked(text), year_table_create(text, int, bigint), year_table_index(text, text),
    year_table_check(text), year_table_attach(text), year_table_drop(text),
    year_table_make(text, int) FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO {web}, {worker};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {web}, {worker};
GRANT SELECT ON region, policy_document, policy_parameter TO {web}, {worker};
GRANT SELECT, INSERT ON person_access TO {web};
GRANT SELECT ON history TO {web}, {worker};
GRANT SELECT ON role_conflict, duty TO {web}, {worker};
GRANT INSERT, UPDATE (valid, ended_by_id, ended_at, end_reason) ON duty TO {web};
GRANT SELECT, INSERT, UPDATE ON person, person_category TO {web}, {worker};
GRANT SELECT, INSERT ON enrollment, award, change, change_taken TO {web}, {worker};
-- every column but the key: a row never moves to another year or person
GRANT UPDATE (region, shard, category, standard, subsidy, payable, paid, due_on, paid_on,
              benefit_start, benefit_end, suspended_from, ended_on, ended_for, months,
              repaired_years, repaired_on) ON enrollment TO {web}, {worker};
GRANT UPDATE ON change TO {worker};
GRANT SELECT ON fallout, receipt, year_run, year_step, step_shard, shard_total, step_terms,
                step_quota TO {web};
GRANT SELECT, INSERT, UPDATE ON year_run, year_step, step_shard, step_terms, step_quota, receipt
    TO {worker};
GRANT SELECT, INSERT ON fallout, shard_total TO {worker};
GRANT INSERT ON year_run, year_step, step_shard, shard_total, step_terms, step_quota TO {web};
GRANT UPDATE ON year_run, year_step, step_shard TO {web};
GRANT SELECT, INSERT, UPDATE ON agency_case, contribution_subsidy, enrolment_transfer, registration,
    case_reversal, refund, category_recognition, identity_correction, duplicate_resolution,
    parameter_setting, suspense_clearing TO {web}, {worker};
REVOKE EXECUTE ON FUNCTION place_on_file(uuid, bigint), account_owner(uuid),
    publish_setting(bigint, date), end_setting(bigint, date), move_suspense(bigint, text, int),
    clear_suspense(bigint), unclear_suspense(bigint), count_receipt(receipt, int),
    fold_receipt_days(), fold_pushes(),
    pushes_in(int, bigint, bigint, bigint, text, text[], bigint, bigint, int),
    villages_in(bigint, bigint), opened_bills_came(bigint), sum_bills(int), sum_people(),
    fold_collection(), fold_cases() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    pushes_in(int, bigint, bigint, bigint, text, text[], bigint, bigint, int),
    villages_in(bigint, bigint) TO {web}, {worker};
GRANT EXECUTE ON FUNCTION place_on_file(uuid, bigint), account_owner(uuid),
    publish_setting(bigint, date), end_setting(bigint, date), clear_suspense(bigint),
    unclear_suspense(bigint) TO {web}, {worker};
GRANT EXECUTE ON FUNCTION fold_receipt_days(), fold_pushes(), fold_collection(),
    fold_cases(), opened_bills_came(bigint) TO {worker};
-- written by triggers alone, but for what a slice of `open` billed
GRANT SELECT ON collection_total, collection_day, people_total, case_total, case_month
    TO {web}, {worker};
GRANT SELECT, INSERT ON opened_total TO {web}, {worker};
GRANT SELECT ON step_deadline, push, push_total, push_day, grid_worker TO {web}, {worker};
GRANT INSERT ON step_deadline, push TO {worker};
GRANT INSERT ON step_deadline TO {web};
GRANT UPDATE (result, told_on, note, told_by_id) ON push TO {worker};
GRANT INSERT, UPDATE (name, contact_sealed, valid) ON grid_worker TO {web};
-- written by triggers of receipt alone
GRANT SELECT ON receipt_to_reconcile TO {worker};
GRANT SELECT ON receipt_day, control_total, day_close TO {web}, {worker};
GRANT INSERT ON receipt_day TO {worker};
GRANT INSERT, UPDATE (receipts, amount, told_at) ON control_total TO {worker};
GRANT INSERT, UPDATE (reopened_by_id, reopened_at, reason) ON day_close TO {web};
GRANT SELECT, INSERT ON case_event TO {web}, {worker};
GRANT SELECT, INSERT ON case_file, case_file_access, case_comment TO {web}, {worker};
GRANT UPDATE (removed_at, content) ON case_file TO {web}, {worker};
GRANT SELECT, INSERT ON screen_export TO {web};
GRANT SELECT, INSERT, UPDATE ON import TO {web}, {worker};
GRANT SELECT ON import_reject TO {web};
GRANT SELECT, INSERT ON import_reject TO {worker};
-- the web hands the bytes in and never reads them
GRANT INSERT ON import_part TO {web};
GRANT SELECT ON import_part TO {worker};
GRANT SELECT ON import_effect TO {web};
GRANT SELECT, INSERT ON import_effect TO {worker};
GRANT SELECT, UPDATE (acknowledged_by_id, acknowledged_at) ON recognition_list TO {web};
GRANT SELECT, INSERT, UPDATE ON recognition_list TO {worker};
GRANT SELECT ON listed_change TO {web};
GRANT SELECT ON import_answer, finding, school_attendance, duplicate_search TO {web}, {worker};
GRANT INSERT ON duplicate_search TO {web};
GRANT INSERT, UPDATE ON duplicate_search TO {worker};
GRANT INSERT ON import_answer, finding, school_attendance TO {worker};
GRANT UPDATE (state, closed_by_id, closed_at, reason) ON finding TO {web}, {worker};
GRANT SELECT, INSERT, UPDATE (is_settled) ON listed_change TO {worker};
REVOKE EXECUTE ON FUNCTION take_back_categories(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION take_back_categories(bigint) TO {worker};
REVOKE EXECUTE ON FUNCTION take_back_rows(bigint, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION take_back_rows(bigint, date) TO {worker};
-- the lines of one file while they are checked: emptied by each import, outside row security
GRANT SELECT, INSERT, UPDATE, TRUNCATE ON staging_people, staging_history, staging_categories,
    staging_remittance, staging_control_totals, staging_recognition_list, staging_list_act,
    staging_list_person, staging_department_list, staging_chase_results TO {worker};
DO $$
BEGIN
    IF current_setting('server_version_num')::int >= 170000 THEN
        GRANT MAINTAIN ON staging_remittance TO {worker};
    END IF;
END $$;
GRANT EXECUTE ON FUNCTION
    year_table_checked(text), year_table_create(text, int, bigint), year_table_index(text, text),
    year_table_check(text), year_table_attach(text), year_table_drop(text),
    year_table_make(text, int) TO {worker};
-- a step is planned and a rehearsal signed from the run monitor; its work is the workers'
GRANT EXECUTE ON FUNCTION year_table_create(text, int, bigint) TO {web};
