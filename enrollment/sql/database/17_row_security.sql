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
