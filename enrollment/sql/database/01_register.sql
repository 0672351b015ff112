-- What the database itself guarantees, beside the constraints of the migrations: functions,
-- triggers, row security, grants. Applied after every migrate, as a whole, and idempotent, so that
-- what stands here is what runs (docs/adr/0006-guarantees-in-the-database.md).
-- {web} and {worker} are the names of the plain roles.

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
       AND (ended_on IS NULL OR ended_on >= make_date((key / 1000000000000)::int, 1, 1))
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
