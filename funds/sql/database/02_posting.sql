-- What people call an entry, for what is refused.
CREATE OR REPLACE FUNCTION entry_key(wanted bigint) RETURNS varchar
LANGUAGE sql STABLE SET search_path = public, pg_temp AS 'SELECT key FROM entry WHERE id = wanted';

-- What one statement adds to the ledger, asked at once of all of it (docs/adr/0040):
--   each entry balances in each book, in its own scheme, with its own day, and takes no line of a
--   later transaction; each line is of a kind and side that the reason names; a reversal mirrors
--   what it reverses; no line falls into a closed month; and no account that may not be negative is
--   so at the end of any day. The totals of accounts are written in the order of their keys and are
--   the lock by which two statements on one account follow each other, so that the second sees what
--   the first left. That needs READ COMMITTED: an older snapshot is refused.
-- The lines are read twice, whatever is asked of them: once by entry, once by account and day. Kinds of
-- accounts are bits of a number there (a_position_is_a_bit), so that what an entry moves is compared with
-- what its reason names without another row a line. A plan is kept from statement to statement: it reads
-- the entries from the first to the last of the statement by their key, whatever their number was when it
-- was made. Read from end to end, they made a statement of 100,000 lines last for ever. OFFSET 0 keeps the
-- kinds with the accounts, of which there are few, and away from the lines.
CREATE OR REPLACE FUNCTION lines_are_posted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    ours bigint := pg_current_xact_id()::text::bigint;
    first_entry bigint;
    last_entry bigint;
    moved record;
    wrong record;
    reversing boolean := false;
    accounts bigint[];
    days date[];
    debits numeric[];
    credits numeric[];
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'the ledger is written in READ COMMITTED'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_is_written_in_read_committed';
    END IF;
    -- closing a month waits for us, and we for it
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('period_close', 0));

    SELECT min(entry_id), max(entry_id) INTO first_entry, last_entry FROM new_t;
    -- Lines of another day or scheme than their entry's are found first: the sums are those of the rest.
    FOR moved IN
        SELECT e.reason, e.reverses_id IS NOT NULL AS reverses,
               bit_or(s.debited) AS debited, bit_or(s.credited) AS credited,
               min(s.entry_id) FILTER (WHERE s.day <> e.occurred_on) AS of_another_day,
               min(s.entry_id) FILTER (WHERE s.scheme <> e.scheme) AS of_another_scheme,
               min(s.entry_id) FILTER (WHERE e.transaction <> ours) AS that_stands,
               min(s.entry_id) FILTER (WHERE s.difference <> 0) AS unbalanced
          FROM (SELECT n.entry_id, a.book, a.scheme, n.day, sum(n.debit - n.credit) AS difference,
                       bit_or(CASE WHEN n.debit > 0 THEN a.bit ELSE 0 END) AS debited,
                       bit_or(CASE WHEN n.debit > 0 THEN 0 ELSE a.bit END) AS credited
                  FROM new_t n
                  JOIN (SELECT a.id, a.book, a.scheme, 1::bigint << k.position AS bit
                          FROM account a JOIN account_kind k ON k.kind = a.kind OFFSET 0) a ON a.id = n.account_id
                 GROUP BY n.entry_id, a.book, a.scheme, n.day) s
          JOIN entry e ON e.id = s.entry_id
         WHERE e.id BETWEEN first_entry AND last_entry
         GROUP BY 1, 2
    LOOP
        IF moved.of_another_day IS NOT NULL THEN
            RAISE EXCEPTION 'entry % has lines of another day', entry_key(moved.of_another_day)
                USING ERRCODE = 'check_violation', CONSTRAINT = 'lines_bear_the_day_of_their_entry';
        ELSIF moved.of_another_scheme IS NOT NULL THEN
            RAISE EXCEPTION 'entry % mixes schemes', entry_key(moved.of_another_scheme)
                USING ERRCODE = 'check_violation', CONSTRAINT = 'schemes_never_mix',
                      DETAIL = jsonb_build_object('key', entry_key(moved.of_another_scheme));
        ELSIF moved.that_stands IS NOT NULL THEN
            RAISE EXCEPTION 'entry % stands and takes no further line', entry_key(moved.that_stands)
                USING ERRCODE = 'check_violation', CONSTRAINT = 'an_entry_that_stands_is_complete';
        ELSIF moved.unbalanced IS NOT NULL THEN
            SELECT entry_key(n.entry_id) AS key, a.book, sum(n.debit) AS debit, sum(n.credit) AS credit INTO wrong
              FROM new_t n JOIN account a ON a.id = n.account_id
             WHERE n.entry_id = moved.unbalanced
             GROUP BY n.entry_id, a.book HAVING sum(n.debit) <> sum(n.credit) LIMIT 1;
            RAISE EXCEPTION 'entry % does not balance in the books of %: debit %, credit %',
                            wrong.key, wrong.book, wrong.debit, wrong.credit
                USING ERRCODE = 'check_violation', CONSTRAINT = 'debits_equal_credits',
                      DETAIL = jsonb_build_object('key', wrong.key, 'debit', wrong.debit,
                                                  'credit', wrong.credit);
        END IF;
        reversing := reversing OR moved.reverses;
        CONTINUE WHEN moved.reverses;
        SELECT k.kind INTO wrong
          FROM account_kind k
         WHERE (moved.debited >> k.position & 1 = 1 AND NOT EXISTS (
                   SELECT FROM reason_side r WHERE r.reason = moved.reason AND r.kind = k.kind AND r.side >= 0))
            OR (moved.credited >> k.position & 1 = 1 AND NOT EXISTS (
                   SELECT FROM reason_side r WHERE r.reason = moved.reason AND r.kind = k.kind AND r.side <= 0))
         LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'reason % moves nothing on this side of %', moved.reason, wrong.kind
                USING ERRCODE = 'check_violation', CONSTRAINT = 'the_reason_names_the_account',
                      DETAIL = jsonb_build_object('reason', moved.reason, 'kind', wrong.kind);
        END IF;
    END LOOP;

    IF reversing THEN
        SELECT m.* INTO wrong
          FROM (SELECT n.entry_id, n.account_id, n.debit, n.credit
                  FROM new_t n JOIN entry e ON e.id = n.entry_id AND e.reverses_id IS NOT NULL) m
          FULL JOIN (SELECT e.id, l.account_id, l.debit, l.credit
                       FROM (SELECT DISTINCT entry_id FROM new_t) n
                       JOIN entry e ON e.id = n.entry_id
                       JOIN entry_line l ON l.entry_id = e.reverses_id) o
            ON o.id = m.entry_id AND o.account_id = m.account_id
               AND o.debit = m.credit AND o.credit = m.debit
         WHERE m.entry_id IS NULL OR o.id IS NULL
         LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'entry % is not the mirror of what it reverses', wrong.entry_id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'a_reversal_mirrors_its_entry';
        END IF;
    END IF;

    SELECT array_agg(account_id), array_agg(day), array_agg(debit), array_agg(credit)
      INTO accounts, days, debits, credits
      FROM (SELECT account_id, day, sum(debit) AS debit, sum(credit) AS credit
              FROM new_t
             GROUP BY account_id, day) n;
    INSERT INTO account_total AS t (account_id, debit, credit)
    SELECT n.account_id, sum(n.debit), sum(n.credit)
      FROM unnest(accounts, debits, credits) AS n (account_id, debit, credit)
     GROUP BY n.account_id
     ORDER BY n.account_id
        ON CONFLICT (account_id) DO UPDATE
       SET debit = t.debit + excluded.debit, credit = t.credit + excluded.credit;
    INSERT INTO account_day AS d (account_id, day, debit, credit)
    SELECT n.*
      FROM unnest(accounts, days, debits, credits) AS n (account_id, day, debit, credit)
     ORDER BY n.account_id, n.day
        ON CONFLICT (account_id, day) DO UPDATE
       SET debit = d.debit + excluded.debit, credit = d.credit + excluded.credit;

    SELECT c.book, c.month INTO wrong
      FROM unnest(accounts, days) AS p (account_id, day)
      JOIN account a ON a.id = p.account_id
      JOIN period_close c ON c.book = a.book AND c.month = date_trunc('month', p.day)::date
                         AND c.reopened_at IS NULL
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'the books of % are closed for %', wrong.book, to_char(wrong.month, 'YYYY-MM')
            USING ERRCODE = 'check_violation', CONSTRAINT = 'period_is_open',
                  DETAIL = jsonb_build_object('month', to_char(wrong.month, 'YYYY-MM'), 'place',
                                              (SELECT name FROM region WHERE code = wrong.book));
    END IF;

    -- The balance at the end of each day from the first touched on is the total less what came later.
    SELECT f.account_id, f.day, f.balance, a.kind, a.area_id INTO wrong
      FROM (SELECT p.account_id, min(p.day) AS day
              FROM unnest(accounts, days) AS p (account_id, day)
             GROUP BY p.account_id) p
      JOIN account a ON a.id = p.account_id
      JOIN account_kind k ON k.kind = a.kind AND NOT k.may_be_negative
      JOIN account_total t ON t.account_id = p.account_id
     CROSS JOIN LATERAL (
           SELECT d.account_id, d.day,
                  k.side * (t.debit - t.credit - coalesce(
                      sum(d.debit - d.credit) OVER (ORDER BY d.day DESC ROWS BETWEEN
                                                    UNBOUNDED PRECEDING AND 1 PRECEDING), 0)) AS balance
             FROM account_day d
            WHERE d.account_id = p.account_id AND d.day >= p.day) f
     WHERE f.balance < 0
     ORDER BY f.account_id, f.day
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'account % would stand at % on %', wrong.account_id, wrong.balance, wrong.day
            USING ERRCODE = 'check_violation', CONSTRAINT = 'account_is_not_overdrawn',
                  DETAIL = jsonb_build_object('kind', wrong.kind, 'balance', wrong.balance,
                                              'day', wrong.day, 'place',
                                              (SELECT name FROM region WHERE code = wrong.area_id));
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS entry_balances ON entry_line;
DROP FUNCTION IF EXISTS entry_balances();
CREATE OR REPLACE TRIGGER lines_are_posted AFTER INSERT ON entry_line
    REFERENCING NEW TABLE AS new_t FOR EACH STATEMENT EXECUTE FUNCTION lines_are_posted();
CREATE OR REPLACE TRIGGER lines_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entry_line
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();
CREATE OR REPLACE TRIGGER entries_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();

-- Balances follow from lines: nobody writes them but the trigger of the lines.
CREATE OR REPLACE FUNCTION balances_follow_from_lines() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP IN ('DELETE', 'TRUNCATE') OR pg_trigger_depth() < 2 THEN
        RAISE EXCEPTION '% follows from the lines', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'balances_follow_from_lines';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER totals_follow_from_lines
    BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON account_total
    FOR EACH STATEMENT EXECUTE FUNCTION balances_follow_from_lines();
CREATE OR REPLACE TRIGGER days_follow_from_lines
    BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON account_day
    FOR EACH STATEMENT EXECUTE FUNCTION balances_follow_from_lines();

-- The one way in: many lines of many entries, each at most once by its key. `area` is any region inside
-- the area whose account it is. Returns how many entries are new; a key that stands for other lines is
-- refused. The web posts what an approved case of its scope puts into effect, and nothing else.
DO $$
BEGIN
    IF to_regtype('posting_line') IS NULL THEN
        CREATE TYPE posting_line AS (key text, reason text, occurred_on date, scheme smallint,
                                     case_id bigint, shard bigint, reverses_id bigint, area bigint,
                                     kind text, debit numeric, credit numeric);
    END IF;
END $$;
CREATE OR REPLACE FUNCTION post_lines(given posting_line[]) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    fresh text[];
    twice text;
BEGIN
    IF session_user::text::regrole = '{web}'::regrole AND EXISTS (
           SELECT FROM unnest(given) l
            WHERE NOT EXISTS (SELECT FROM agency_case c
                               WHERE c.id = l.case_id AND c.state IN ('approved', 'effected')
                                 AND scope_holds(c.region))) THEN
        RAISE EXCEPTION 'only what an approved case of the scope says is posted'
            USING ERRCODE = 'insufficient_privilege', CONSTRAINT = 'the_web_posts_approved_cases';
    END IF;
    SELECT key INTO twice FROM unnest(given) GROUP BY key HAVING min(scheme) <> max(scheme) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % mixes schemes', twice
            USING ERRCODE = 'check_violation', CONSTRAINT = 'schemes_never_mix',
                  DETAIL = jsonb_build_object('key', twice);
    END IF;
    SELECT key INTO twice
      FROM (SELECT DISTINCT key, reason, occurred_on, scheme, case_id, shard, reverses_id
              FROM unnest(given)) e
     GROUP BY key HAVING count(*) > 1 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'key % is given to two entries', twice
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_key_stands_for_one_fact',
                  DETAIL = jsonb_build_object('key', twice);
    END IF;
    INSERT INTO account (area_id, scheme, kind)
    SELECT DISTINCT account_area(l.area, k.level), l.scheme, l.kind
      FROM unnest(given) l
      LEFT JOIN account_kind k ON k.kind = l.kind
     ORDER BY 1, 2, 3
        ON CONFLICT (area_id, scheme, kind) DO NOTHING;
    WITH added AS (
        INSERT INTO entry (key, reason, scheme, occurred_on, case_id, shard, reverses_id)
        SELECT DISTINCT key, reason, scheme, occurred_on, case_id, shard, reverses_id
          FROM unnest(given)
         ORDER BY key
            ON CONFLICT (key) DO NOTHING
        RETURNING id, key, occurred_on
    ), lines AS (
        INSERT INTO entry_line (entry_id, account_id, day, debit, credit)
        SELECT e.id, a.id, e.occurred_on, l.debit, l.credit
          FROM added e
          JOIN unnest(given) l ON l.key = e.key
          LEFT JOIN account_kind k ON k.kind = l.kind
          LEFT JOIN account a ON a.area_id = account_area(l.area, k.level)
                             AND a.scheme = l.scheme AND a.kind = l.kind
         ORDER BY e.id
    )
    SELECT coalesce(array_agg(key), '{}') INTO fresh FROM added;
    -- What was posted before under these keys is the same, line by line.
    IF cardinality(fresh) = (SELECT count(DISTINCT key) FROM unnest(given)) THEN
        RETURN cardinality(fresh);
    END IF;
    WITH known AS (
        SELECT key FROM unnest(given) EXCEPT SELECT unnest(fresh)
    ), asked AS (
        SELECT l.key, account_area(l.area, k.level) AS area, l.scheme, l.kind, l.debit, l.credit
          FROM unnest(given) l
          JOIN known ON known.key = l.key
          LEFT JOIN account_kind k ON k.kind = l.kind
    ), stands AS (
        SELECT e.key, a.area_id AS area, a.scheme, a.kind, l.debit, l.credit
          FROM known
          JOIN entry e ON e.key = known.key
          JOIN entry_line l ON l.entry_id = e.id
          JOIN account a ON a.id = l.account_id
    )
    SELECT d.key INTO twice
      FROM ((TABLE asked EXCEPT ALL TABLE stands) UNION ALL
            (TABLE stands EXCEPT ALL TABLE asked)) d
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'key % was posted with other lines', twice
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_key_stands_for_one_fact',
                  DETAIL = jsonb_build_object('key', twice);
    END IF;
    RETURN cardinality(fresh);
END $$;
