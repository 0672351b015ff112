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
