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
