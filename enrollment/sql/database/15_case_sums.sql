-- Cases in sums (docs/adr/0048-cases-in-sums.md): by office, kind, state and, while they are open, by the
-- days on which they were opened and are due; moves by office, kind and month. A transfer to another
-- pooling area counts in the county of its new place too, as somebody who moved in. Appended by statement as
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
        INSERT INTO case_month (county, kind, month, submitted, returned, effected, late, reversed,
                                moved_out, moved_in)
        SELECT w.county, c.kind, date_trunc('month', m.day)::date,
               count(*) FILTER (WHERE w.own AND n.to_state = 'submitted'),
               count(*) FILTER (WHERE w.own AND n.to_state = 'returned'),
               count(*) FILTER (WHERE w.own AND n.to_state = 'effected'),
               count(*) FILTER (WHERE w.own AND n.to_state = 'effected' AND c.due_on < m.day),
               count(*) FILTER (WHERE w.own AND n.to_state = 'reversed'),
               count(*) FILTER (WHERE w.own AND t.case_ptr_id IS NOT NULL),
               count(*) FILTER (WHERE NOT w.own)
          FROM %I n
          JOIN agency_case c ON c.id = n.case_id
          LEFT JOIN enrolment_transfer t ON t.case_ptr_id = c.id AND n.to_state = 'effected'
                AND pooling_area(t.to_region) <> pooling_area(c.region)
         CROSS JOIN LATERAL (
               SELECT c.county, true
                UNION ALL
               SELECT (t.to_region / 1000000)::int, false WHERE t.case_ptr_id IS NOT NULL
               ) w (county, own)
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

CREATE OR REPLACE FUNCTION fold_cases() RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT fold_sums('case_total', '{county,kind,state,opened_on,due_on}', '{cases}')
           + fold_sums('case_month', '{county,kind,month}',
                       '{submitted,returned,effected,late,reversed,moved_out,moved_in}')
$$;
