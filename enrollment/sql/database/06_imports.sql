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
