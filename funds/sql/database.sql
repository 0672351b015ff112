-- What the database guarantees for the ledger; see enrollment/sql/database.sql.

-- The chart of accounts and for what money may move, as the database reads them at every statement.
-- Kinds: position, element, normal side (1 debit, -1 credit), whether it may stand on the other side,
-- whose account it is. What is owed to the fund is due before it comes, so that only what medical
-- assistance and donors owe may turn round, by awards taken back after the payment.
INSERT INTO account_kind (position, kind, element, side, may_be_negative, level) VALUES
    (10, 'treasury_in_transit', 'asset', 1, false, 'either'),
    (11, 'special_fiscal', 'asset', 1, false, 'pooling_area'),
    (12, 'expenditure_city', 'asset', 1, false, 'pooling_area'),
    (13, 'expenditure_county', 'asset', 1, false, 'county'),
    (14, 'assistance_deposit', 'asset', 1, false, 'pooling_area'),
    (15, 'adjustment_deposit', 'asset', 1, false, 'province'),
    (20, 'receivable_central', 'asset', 1, false, 'pooling_area'),
    (21, 'receivable_provincial', 'asset', 1, false, 'pooling_area'),
    (22, 'receivable_city', 'asset', 1, false, 'pooling_area'),
    (23, 'receivable_county', 'asset', 1, false, 'pooling_area'),
    (24, 'receivable_assistance', 'asset', 1, true, 'pooling_area'),
    (25, 'receivable_sponsors', 'asset', 1, true, 'pooling_area'),
    (26, 'receivable_violation', 'asset', 1, false, 'pooling_area'),
    (30, 'suspense', 'liability', -1, false, 'either'),
    (31, 'refunds_payable', 'liability', -1, false, 'pooling_area'),
    (32, 'subsidies_due', 'liability', -1, true, 'pooling_area'),
    (40, 'pooled_fund', 'net_asset', -1, false, 'pooling_area'),
    (41, 'assistance_balance', 'net_asset', -1, false, 'pooling_area'),
    (42, 'adjustment_fund', 'net_asset', -1, false, 'province'),
    (43, 'risk_reserve', 'net_asset', -1, false, 'province'),
    (50, 'contribution_revenue', 'revenue', -1, true, 'pooling_area'),
    (51, 'assistance_contributions', 'revenue', -1, true, 'pooling_area'),
    (52, 'sponsor_contributions', 'revenue', -1, true, 'pooling_area'),
    (53, 'subsidy_central', 'revenue', -1, true, 'pooling_area'),
    (54, 'subsidy_provincial', 'revenue', -1, true, 'pooling_area'),
    (55, 'subsidy_city', 'revenue', -1, true, 'pooling_area'),
    (56, 'subsidy_county', 'revenue', -1, true, 'pooling_area'),
    (57, 'interest_revenue', 'revenue', -1, true, 'pooling_area'),
    (58, 'allocation_revenue', 'revenue', -1, true, 'pooling_area'),
    (60, 'benefit_expenditure', 'expenditure', 1, true, 'pooling_area'),
    (61, 'major_illness_expenditure', 'expenditure', 1, true, 'pooling_area'),
    (62, 'levy_expenditure', 'expenditure', 1, true, 'pooling_area'),
    (63, 'assistance_expenditure', 'expenditure', 1, true, 'pooling_area')
ON CONFLICT (kind) DO UPDATE
   SET position = excluded.position, element = excluded.element, side = excluded.side,
       may_be_negative = excluded.may_be_negative, level = excluded.level;

-- Reasons: the kinds on which an entry may have a debit, a credit, or either (earmarked funds:
-- 安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（四）; 川办发〔2023〕38号 二（三）). Either where
-- a difference may also take back.
DELETE FROM reason_side;
INSERT INTO reason_side (reason, kind, side)
SELECT s.reason, k.kind, s.side
  FROM (VALUES
    ('receipts', 0, 'treasury_in_transit suspense contribution_revenue'),
    ('repair_received', 1, 'treasury_in_transit'),
    ('repair_received', -1, 'contribution_revenue'),
    ('suspense_cleared', 0, 'suspense contribution_revenue refunds_payable'),
    ('contribution_refunded', 0, 'contribution_revenue refunds_payable'),
    ('refund_paid', 1, 'refunds_payable'),
    ('refund_paid', -1, 'special_fiscal expenditure_city'),
    ('treasury_paid_over', 1, 'special_fiscal'),
    ('treasury_paid_over', -1, 'treasury_in_transit'),
    ('subsidy_due', 0, 'receivable_central receivable_provincial receivable_city receivable_county subsidies_due'),
    ('subsidy_received', 1, 'special_fiscal subsidies_due'),
    ('subsidy_received', -1, 'receivable_central receivable_provincial receivable_city receivable_county'),
    ('subsidy_received', -1, 'subsidy_central subsidy_provincial subsidy_city subsidy_county'),
    ('contribution_awarded', 0, 'receivable_assistance receivable_sponsors subsidies_due'),
    ('assistance_funded', 1, 'assistance_deposit'),
    ('assistance_funded', -1, 'assistance_balance'),
    ('assistance_paid', 1, 'special_fiscal subsidies_due assistance_expenditure'),
    ('assistance_paid', -1, 'assistance_deposit receivable_assistance assistance_contributions'),
    ('sponsor_paid', 1, 'special_fiscal subsidies_due'),
    ('sponsor_paid', -1, 'receivable_sponsors sponsor_contributions'),
    ('drawn', 1, 'expenditure_city'),
    ('drawn', -1, 'special_fiscal'),
    ('county_funded', 1, 'expenditure_county'),
    ('county_funded', -1, 'expenditure_city'),
    ('county_returned', 1, 'expenditure_city'),
    ('county_returned', -1, 'expenditure_county'),
    ('benefit_paid', 1, 'benefit_expenditure major_illness_expenditure'),
    ('benefit_paid', -1, 'expenditure_county expenditure_city'),
    ('benefit_recovered', 1, 'expenditure_county expenditure_city special_fiscal'),
    ('benefit_recovered', -1, 'benefit_expenditure major_illness_expenditure'),
    ('levy_paid', 1, 'levy_expenditure adjustment_deposit'),
    ('levy_paid', -1, 'special_fiscal adjustment_fund'),
    ('reserve_set_aside', 1, 'adjustment_fund'),
    ('reserve_set_aside', -1, 'risk_reserve'),
    ('allocation_paid', 1, 'adjustment_fund special_fiscal'),
    ('allocation_paid', -1, 'adjustment_deposit allocation_revenue'),
    ('gap_share_paid', 1, 'adjustment_fund special_fiscal'),
    ('gap_share_paid', -1, 'adjustment_deposit allocation_revenue'),
    ('reserve_used', 1, 'risk_reserve special_fiscal'),
    ('reserve_used', -1, 'adjustment_deposit allocation_revenue'),
    ('interest_received', 1, 'special_fiscal expenditure_city expenditure_county assistance_deposit adjustment_deposit'),
    ('interest_received', -1, 'interest_revenue assistance_balance adjustment_fund'),
    ('violation_found', 1, 'receivable_violation'),
    ('violation_found', -1, 'benefit_expenditure major_illness_expenditure'),
    ('violation_covered', 1, 'special_fiscal'),
    ('violation_covered', -1, 'receivable_violation'),
    ('year_closed', 0, 'pooled_fund assistance_balance')
  ) AS s (reason, side, kinds)
 CROSS JOIN LATERAL unnest(string_to_array(s.kinds, ' ')) AS k (kind)
 UNION ALL
SELECT 'year_closed', kind, 0 FROM account_kind WHERE element IN ('revenue', 'expenditure')
 UNION ALL
SELECT 'opening_balance', kind, side FROM account_kind
 WHERE element IN ('asset', 'liability', 'net_asset');

-- The area whose account of a level a region uses.
CREATE OR REPLACE FUNCTION account_area(region bigint, level text) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE level WHEN 'province' THEN region / 10000000000 * 10000000000
                      WHEN 'county' THEN region / 1000000 * 1000000
                      ELSE pooling_area(region) END
$$;

-- An account stands at the level of its kind, and is never another one afterwards.
CREATE OR REPLACE FUNCTION account_is_of_its_level() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE wanted text;
BEGIN
    SELECT level INTO wanted FROM account_kind WHERE kind = NEW.kind;
    IF NOT FOUND THEN
        RETURN NEW;  -- account_kind_is_on_the_chart refuses
    END IF;
    IF NEW.area_id <> account_area(NEW.area_id, wanted)
       OR wanted <> 'either' AND (wanted <> 'province') <> (NEW.area_id % 10000000000 <> 0)
       OR wanted = 'county' AND NEW.area_id % 100000000 = 0 THEN
        RAISE EXCEPTION 'account % is one of a %, which % is not', NEW.kind, wanted, NEW.area_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'account_is_of_its_level',
                  DETAIL = jsonb_build_object('kind', NEW.kind);
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER account_is_of_its_level BEFORE INSERT ON account
    FOR EACH ROW EXECUTE FUNCTION account_is_of_its_level();
CREATE OR REPLACE TRIGGER accounts_are_fixed BEFORE UPDATE OR DELETE OR TRUNCATE ON account
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();

-- What one statement adds to the ledger, asked at once of all of it (docs/adr/0040):
--   each entry balances in each book, in its own scheme, with its own day, and takes no line of a
--   later transaction; each line is of a kind and side that the reason names; a reversal mirrors
--   what it reverses; no line falls into a closed month; and no account that may not be negative is
--   so at the end of any day. The totals of accounts are written in the order of their keys and are
--   the lock by which two statements on one account follow each other, so that the second sees what
--   the first left. That needs READ COMMITTED: an older snapshot is refused.
-- A plan is kept from statement to statement: it finds entries by their key, whatever their number was
-- when it was made. Read from end to end, they made a statement of 100,000 lines last for ever.
CREATE OR REPLACE FUNCTION lines_are_posted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
DECLARE
    wrong record;
    accounts bigint[];
    days date[];
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'the ledger is written in READ COMMITTED'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_is_written_in_read_committed';
    END IF;
    -- closing a month waits for us, and we for it
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('period_close', 0));

    SELECT s.*, e.key, e.occurred_on INTO wrong
      FROM (SELECT n.entry_id, a.book, sum(n.debit) AS debit, sum(n.credit) AS credit,
                   min(a.scheme) AS scheme, max(a.scheme) AS other_scheme,
                   min(n.day) AS day, max(n.day) AS other_day
              FROM new_t n
              JOIN account a ON a.id = n.account_id
             GROUP BY n.entry_id, a.book) s
      JOIN entry e ON e.id = s.entry_id
     WHERE s.debit <> s.credit OR s.scheme <> e.scheme OR s.other_scheme <> e.scheme
        OR s.day <> e.occurred_on OR s.other_day <> e.occurred_on
        OR e.transaction <> pg_current_xact_id()::text::bigint
     LIMIT 1;
    IF FOUND THEN
        IF wrong.debit <> wrong.credit THEN
            RAISE EXCEPTION 'entry % does not balance in the books of %: debit %, credit %',
                            wrong.key, wrong.book, wrong.debit, wrong.credit
                USING ERRCODE = 'check_violation', CONSTRAINT = 'debits_equal_credits',
                      DETAIL = jsonb_build_object('key', wrong.key, 'debit', wrong.debit,
                                                  'credit', wrong.credit);
        ELSIF wrong.day <> wrong.occurred_on OR wrong.other_day <> wrong.occurred_on THEN
            RAISE EXCEPTION 'entry % has lines of another day', wrong.key
                USING ERRCODE = 'check_violation', CONSTRAINT = 'lines_bear_the_day_of_their_entry';
        ELSIF wrong.scheme <> wrong.other_scheme
              OR wrong.scheme <> (SELECT scheme FROM entry WHERE id = wrong.entry_id) THEN
            RAISE EXCEPTION 'entry % mixes schemes', wrong.key
                USING ERRCODE = 'check_violation', CONSTRAINT = 'schemes_never_mix',
                      DETAIL = jsonb_build_object('key', wrong.key);
        END IF;
        RAISE EXCEPTION 'entry % stands and takes no further line', wrong.key
            USING ERRCODE = 'check_violation', CONSTRAINT = 'an_entry_that_stands_is_complete';
    END IF;

    SELECT s.* INTO wrong
      FROM (SELECT DISTINCT e.reason, a.kind, CASE WHEN n.debit > 0 THEN 1 ELSE -1 END AS side
              FROM new_t n
              JOIN entry e ON e.id = n.entry_id
              JOIN account a ON a.id = n.account_id
             WHERE e.reverses_id IS NULL) s
     WHERE NOT EXISTS (SELECT FROM reason_side r
                        WHERE r.reason = s.reason AND r.kind = s.kind AND r.side IN (0, s.side))
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'reason % moves nothing on this side of %', wrong.reason, wrong.kind
            USING ERRCODE = 'check_violation', CONSTRAINT = 'the_reason_names_the_account',
                  DETAIL = jsonb_build_object('reason', wrong.reason, 'kind', wrong.kind);
    END IF;

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

    INSERT INTO account_total AS t (account_id, debit, credit)
    SELECT account_id, sum(debit), sum(credit) FROM new_t GROUP BY account_id ORDER BY account_id
        ON CONFLICT (account_id) DO UPDATE
       SET debit = t.debit + excluded.debit, credit = t.credit + excluded.credit;
    WITH posted AS (
        INSERT INTO account_day AS d (account_id, day, debit, credit)
        SELECT account_id, day, sum(debit), sum(credit)
          FROM new_t
         GROUP BY account_id, day
         ORDER BY account_id, day
            ON CONFLICT (account_id, day) DO UPDATE
           SET debit = d.debit + excluded.debit, credit = d.credit + excluded.credit
        RETURNING account_id, day
    )
    SELECT array_agg(account_id), array_agg(day) INTO accounts, days FROM posted;

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

-- The close of a month waits for whoever is posting; it is opened again and never rewritten.
CREATE OR REPLACE FUNCTION period_is_closed_when_all_is_posted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('period_close', 0));
    IF EXISTS (SELECT FROM change h JOIN agency_case c ON c.id = h.case_id
                WHERE h.cause IN ('repair', 'repair_reversed') AND pooling_area(c.region) = NEW.book
                  AND NOT EXISTS (SELECT FROM change_taken t
                                   WHERE t.change_id = h.id AND t.taker = 'post')) THEN
        RAISE EXCEPTION 'money of % is not posted yet', NEW.book
            USING ERRCODE = 'check_violation', CONSTRAINT = 'period_is_closed_when_all_is_posted';
    END IF;
    IF receipts_wait(NEW.book, NEW.month, (NEW.month + interval '1 month - 1 day')::date) THEN
        RAISE EXCEPTION 'receipts of % in % are not posted yet', NEW.book, to_char(NEW.month, 'YYYY-MM')
            USING ERRCODE = 'check_violation', CONSTRAINT = 'receipts_are_posted_before_the_close',
                  DETAIL = jsonb_build_object('month', to_char(NEW.month, 'YYYY-MM'));
    END IF;
    NEW.closed_at := now();
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER period_is_closed_when_all_is_posted BEFORE INSERT ON period_close
    FOR EACH ROW EXECUTE FUNCTION period_is_closed_when_all_is_posted();
CREATE OR REPLACE FUNCTION period_is_only_opened_again() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.reopened_at IS NOT NULL
       OR to_jsonb(NEW) - '{reopened_by_id,reopened_at,reason,county}'::text[]
          <> to_jsonb(OLD) - '{reopened_by_id,reopened_at,reason,county}'::text[] THEN
        RAISE EXCEPTION 'the close of % of % is not rewritten', OLD.month, OLD.book
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'period_is_only_opened_again';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER period_is_only_opened_again BEFORE UPDATE ON period_close
    FOR EACH ROW EXECUTE FUNCTION period_is_only_opened_again();
CREATE OR REPLACE TRIGGER period_closes_are_never_deleted BEFORE DELETE ON period_close
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();

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

-- The day up to which the ledger has been kept: what came in later waits for its night.
CREATE OR REPLACE FUNCTION posted_until() RETURNS date
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT max(s."on")
      FROM year_step s
      JOIN year_run r ON r.id = s.run_id
     WHERE s.name = 'post' AND s.state = 'done' AND r.mode = 'real'
$$;

-- Receipts of the days from `since` until `until` by area (of all, or of one), scheme and day, in yuan;
-- `applied` found their bill. Receipts of received repairs are posted with their case.
CREATE OR REPLACE FUNCTION receipts_to_post(since date, until date, book bigint)
RETURNS TABLE (area bigint, scheme smallint, day date, amount numeric, applied numeric)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT pooling_area(CASE WHEN r.region = 0 THEN (SELECT province_id FROM year_run LIMIT 1)
                             ELSE r.region END) AS area,
           r.scheme, (r.paid_at AT TIME ZONE 'Asia/Shanghai')::date AS day,
           sum(r.amount) AS amount, sum(r.applied) AS applied
      FROM receipt r
      LEFT JOIN gap_repair g ON g.receipt_number = r.receipt_number
      LEFT JOIN agency_case c ON c.id = g.case_ptr_id AND c.state = 'effected'
     WHERE c.id IS NULL
       AND r.paid_at >= since::timestamp AT TIME ZONE 'Asia/Shanghai'
       AND r.paid_at < (until + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
       AND (book IS NULL
            OR book = pooling_area(CASE WHEN r.region = 0 THEN (SELECT province_id FROM year_run LIMIT 1)
                                        ELSE r.region END))
     GROUP BY 1, 2, 3
$$;

-- Whether an area has receipts of these days that `post` has not posted: what came in of a day and
-- what stands for it in transit differ. Asked of the closes of a month and of a year.
CREATE OR REPLACE FUNCTION receipts_wait(book bigint, since date, until date) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH said AS (
        SELECT r.scheme, r.day, r.amount FROM receipts_to_post(since, until, book) r
    ), posted AS (
        SELECT p.scheme, p.day, sum(l.debit - l.credit) AS amount
          FROM source_posting p
          JOIN entry_line l ON l.entry_id = p.entry_id
          JOIN account a ON a.id = l.account_id AND a.kind = 'treasury_in_transit'
         WHERE p.source = 'receipts' AND p.area = receipts_wait.book
           AND p.day BETWEEN since AND until
         GROUP BY 1, 2
    )
    SELECT EXISTS (SELECT FROM said FULL JOIN posted USING (scheme, day)
                    WHERE coalesce(said.amount, 0) <> coalesce(posted.amount, 0))
$$;

-- What the register says of each source, area, scheme and day, less what was posted for it: debits
-- positive, in yuan. Contributions come in on the day of payment, in suspense until their bill is
-- found; clearings and refunds count on the day of their effect, awards on their own. Receipts of
-- received repairs are posted with their case. `since` limits receipts to days from it on.
CREATE OR REPLACE FUNCTION unposted(since date, until date)
RETURNS TABLE (source text, area bigint, scheme smallint, day date, kind text, amount numeric)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    WITH paid AS MATERIALIZED (
        SELECT * FROM receipts_to_post(since, until, NULL)
    ), awarded AS MATERIALIZED (
        SELECT pooling_area(e.region) AS area, (e.id / 100000000000 % 10)::smallint AS scheme,
               a.awarded_on AS day, sum(a.amount) AS amount,
               coalesce(sum(a.amount) FILTER (WHERE a.funder = 'medical_assistance'), 0) AS assistance
          FROM award a
          JOIN enrollment e ON e.id = a.enrollment_id
         WHERE a.awarded_on <= until
         GROUP BY 1, 2, 3
    ), refunded AS MATERIALIZED (
        SELECT pooling_area(e.region) AS area, (e.id / 100000000000 % 10)::smallint AS scheme,
               (c.effected_at AT TIME ZONE 'Asia/Shanghai')::date AS day, sum(c.amount) AS amount
          FROM refund f
          JOIN agency_case c ON c.id = f.case_ptr_id AND c.state = 'effected'
          JOIN enrollment e ON e.id = f.refunded_bill
         GROUP BY 1, 2, 3
    ), cleared AS MATERIALIZED (
        SELECT pooling_area(r.region) AS area, r.scheme,
               (s.cleared_at AT TIME ZONE 'Asia/Shanghai')::date AS day, sum(c.amount) AS amount,
               coalesce(sum(c.amount) FILTER (WHERE s.decision IN ('apply', 'move_year')), 0)
                   AS applied
          FROM suspense_clearing s
          JOIN agency_case c ON c.id = s.case_ptr_id
          JOIN receipt r ON r.id = s.receipt_id
         WHERE s.cleared_at IS NOT NULL AND r.region <> 0
         GROUP BY 1, 2, 3
    ), said AS (
        SELECT 'receipts' AS source, p.area, p.scheme, p.day, k.kind, k.amount
          FROM paid p
         CROSS JOIN LATERAL (VALUES ('treasury_in_transit', p.amount),
                                    ('contribution_revenue', -p.applied),
                                    ('suspense', p.applied - p.amount)) AS k (kind, amount)
         UNION ALL
        SELECT 'awards', a.area, a.scheme, a.day, k.kind, k.amount
          FROM awarded a
         CROSS JOIN LATERAL (VALUES ('receivable_assistance', a.assistance),
                                    ('receivable_sponsors', a.amount - a.assistance),
                                    ('subsidies_due', -a.amount)) AS k (kind, amount)
         UNION ALL
        SELECT 'refunds', f.area, f.scheme, f.day, k.kind, k.amount
          FROM refunded f
         CROSS JOIN LATERAL (VALUES ('contribution_revenue', f.amount),
                                    ('refunds_payable', -f.amount)) AS k (kind, amount)
         UNION ALL
        SELECT 'clearings', s.area, s.scheme, s.day, k.kind, k.amount
          FROM cleared s
         CROSS JOIN LATERAL (VALUES ('suspense', s.amount),
                                    ('contribution_revenue', -s.applied),
                                    ('refunds_payable', s.applied - s.amount)) AS k (kind, amount)
    ), posted AS (
        SELECT p.source, p.area, p.scheme, p.day, a.kind, sum(l.debit - l.credit) AS amount
          FROM source_posting p
          JOIN entry_line l ON l.entry_id = p.entry_id
          JOIN account a ON a.id = l.account_id
         WHERE p.source <> 'receipts' OR p.day >= since
         GROUP BY 1, 2, 3, 4, 5
    )
    SELECT source, area, scheme, day, kind, coalesce(s.amount, 0) - coalesce(p.amount, 0)
      FROM said s
      FULL JOIN posted p USING (source, area, scheme, day, kind)
     WHERE coalesce(s.amount, 0) <> coalesce(p.amount, 0)
       AND day <= until
$$;
CREATE OR REPLACE TRIGGER sources_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON source_posting
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();

-- Row security: lines, totals and days go with the area of their account, an entry with its lines.
DO $$
DECLARE rule text;
BEGIN
    CALL secure_rows('account', $rule$area_id <@ (SELECT nullif(current_setting('app.regions', true),
                                                          '')::int8multirange)$rule$, 'false');
    rule := 'EXISTS (SELECT FROM account a WHERE a.id = entry_line.account_id)';
    CALL secure_rows('entry_line', rule, 'false');
    rule := 'EXISTS (SELECT FROM account a WHERE a.id = account_total.account_id)';
    CALL secure_rows('account_total', rule, 'false');
    rule := 'EXISTS (SELECT FROM account a WHERE a.id = account_day.account_id)';
    CALL secure_rows('account_day', rule, 'false');
    rule := 'EXISTS (SELECT FROM entry_line l WHERE l.entry_id = entry.id)';
    CALL secure_rows('entry', rule, 'false');
    CALL secure_rows('source_posting', 'EXISTS (SELECT FROM entry e WHERE e.id = source_posting.entry_id)', 'false');
    rule := $rule$book <@ (SELECT nullif(current_setting('app.regions', true), '')::int8multirange)$rule$;
    CALL secure_rows('period_close', rule, rule);
END $$;

REVOKE EXECUTE ON FUNCTION post_lines(posting_line[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION post_lines(posting_line[]) TO {web}, {worker};
REVOKE INSERT ON account, entry, entry_line FROM {worker};
GRANT SELECT ON account, entry, entry_line, account_kind, reason_side, account_total, account_day,
                period_close, source_posting TO {web}, {worker};
GRANT INSERT ON source_posting TO {worker};
GRANT INSERT, UPDATE (reopened_by_id, reopened_at, reason) ON period_close TO {web};

-- ---------------------------------------------------------------------------------------------
-- Settlement sheets. What a sheet says is fixed once it is submitted, its cities and their causes
-- with it: the effect writes the countersignature, the end of the case frees what it settled.
CREATE OR REPLACE FUNCTION sheet_is_fixed() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE stands text;
BEGIN
    SELECT state INTO stands FROM agency_case WHERE id = OLD.case_ptr_id;
    stands := coalesce(stands, 'not yours');
    IF stands IN ('draft', 'returned') THEN
        RETURN NEW;
    ELSIF stands = 'approved' AND OLD.countersigned_on IS NULL
          AND to_jsonb(NEW) - '{countersigned_by,countersigned_on,countersign_document}'::text[]
            = to_jsonb(OLD) - '{countersigned_by,countersigned_on,countersign_document}'::text[] THEN
        RETURN NEW;
    ELSIF stands IN ('withdrawn', 'reversed') AND NEW.stands_for IS NULL
          AND to_jsonb(NEW) - 'stands_for' = to_jsonb(OLD) - 'stands_for' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'settlement sheet % is locked: it is %', OLD.case_ptr_id, stands
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'a_sheet_is_locked';
END $$;
CREATE OR REPLACE TRIGGER sheet_is_fixed BEFORE UPDATE ON settlement_sheet
    FOR EACH ROW EXECUTE FUNCTION sheet_is_fixed();

CREATE OR REPLACE FUNCTION sheet_takes_no_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    sheet bigint;
    stands text;
BEGIN
    IF TG_TABLE_NAME = 'settlement_line' THEN
        sheet := NEW.sheet_id;
    ELSE
        SELECT l.sheet_id INTO sheet FROM settlement_line l WHERE l.id = NEW.line_id;
    END IF;
    SELECT state INTO stands FROM agency_case WHERE id = sheet;
    IF coalesce(stands, 'not yours') NOT IN ('draft', 'returned') THEN
        RAISE EXCEPTION 'settlement sheet % is locked: it is %', sheet, stands
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'a_sheet_is_locked';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER sheet_takes_no_change BEFORE INSERT OR UPDATE ON settlement_line
    FOR EACH ROW EXECUTE FUNCTION sheet_takes_no_change();
CREATE OR REPLACE TRIGGER sheet_takes_no_change BEFORE INSERT OR UPDATE ON gap_cause
    FOR EACH ROW EXECUTE FUNCTION sheet_takes_no_change();
-- a city stays with its sheet and a cause with its city
CREATE OR REPLACE FUNCTION line_stays_with_its_sheet() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a row of a settlement sheet stays where it is and is never deleted'
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'a_sheet_is_locked';
END $$;
CREATE OR REPLACE TRIGGER line_stays_with_its_sheet BEFORE UPDATE ON settlement_line
    FOR EACH ROW WHEN ((OLD.sheet_id, OLD.area_id) IS DISTINCT FROM (NEW.sheet_id, NEW.area_id))
    EXECUTE FUNCTION line_stays_with_its_sheet();
CREATE OR REPLACE TRIGGER cause_stays_with_its_city BEFORE UPDATE ON gap_cause
    FOR EACH ROW WHEN (OLD.line_id <> NEW.line_id) EXECUTE FUNCTION line_stays_with_its_sheet();
CREATE OR REPLACE TRIGGER lines_are_never_deleted BEFORE DELETE ON settlement_line
    FOR EACH ROW EXECUTE FUNCTION line_stays_with_its_sheet();
CREATE OR REPLACE TRIGGER causes_are_never_deleted BEFORE DELETE ON gap_cause
    FOR EACH ROW EXECUTE FUNCTION line_stays_with_its_sheet();

-- Two levels sign a sheet, and it is in effect only with the countersignature of the Finance.
CREATE OR REPLACE FUNCTION sheet_is_signed() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT NEW.needs_second OR NEW.state = 'effected' AND NOT EXISTS (
           SELECT FROM settlement_sheet s
            WHERE s.case_ptr_id = NEW.id AND s.countersigned_on IS NOT NULL) THEN
        RAISE EXCEPTION 'settlement sheet % is not signed', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_sheet_is_signed';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER sheet_is_signed BEFORE INSERT OR UPDATE OF state ON agency_case
    FOR EACH ROW WHEN (NEW.kind = 'settlement_sheet' AND NEW.state IN ('approved', 'effected'))
    EXECUTE FUNCTION sheet_is_signed();
-- What a case stands for is free again once it was withdrawn or reversed; the argument is its table.
CREATE OR REPLACE FUNCTION case_frees_its_place() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    EXECUTE format('UPDATE %I SET stands_for = NULL WHERE case_ptr_id = $1', TG_ARGV[0]) USING NEW.id;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER sheet_frees_its_place AFTER UPDATE OF state ON agency_case
    FOR EACH ROW WHEN (NEW.kind = 'settlement_sheet' AND NEW.state IN ('withdrawn', 'reversed'))
    EXECUTE FUNCTION case_frees_its_place('settlement_sheet');
DROP FUNCTION IF EXISTS sheet_frees_its_place();

GRANT SELECT, INSERT, UPDATE ON settlement_sheet, settlement_line, gap_cause TO {web}, {worker};
REVOKE EXECUTE ON FUNCTION receipts_wait(bigint, date, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION receipts_wait(bigint, date, date) TO {web}, {worker};

-- ---------------------------------------------------------------------------------------------
-- Fund movements: what was submitted is fixed, and what is in effect stands in the ledger as it says.
CREATE OR REPLACE TRIGGER movement_is_fixed BEFORE UPDATE ON fund_movement
    FOR EACH ROW EXECUTE FUNCTION case_details_are_fixed();
CREATE OR REPLACE FUNCTION movement_is_posted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
           SELECT FROM fund_movement m
             JOIN entry e ON e.case_id = m.case_ptr_id AND e.key = 'movement:' || m.case_ptr_id
            WHERE m.case_ptr_id = NEW.id AND e.reason = m.purpose AND e.scheme = m.scheme
              AND e.occurred_on = m.occurred_on
              AND (m.purpose = 'year_closed'
                   OR NEW.amount = ALL (SELECT l.debit + l.credit FROM entry_line l WHERE l.entry_id = e.id))
              AND (NEW.state = 'reversed') = EXISTS (SELECT FROM entry r WHERE r.reverses_id = e.id)) THEN
        RAISE EXCEPTION 'movement % does not stand in the ledger as it says', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_movement_in_effect_is_posted';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER movement_is_posted BEFORE INSERT OR UPDATE OF state ON agency_case
    FOR EACH ROW WHEN (NEW.kind = 'fund_movement' AND NEW.state IN ('effected', 'reversed'))
    EXECUTE FUNCTION movement_is_posted();
GRANT SELECT, INSERT, UPDATE ON fund_movement TO {web}, {worker};

-- ---------------------------------------------------------------------------------------------
-- Budgets and county plans (docs/adr/0045). What was submitted is fixed: the effect writes the columns
-- that the trigger names as its arguments, and the end of the case frees what it stood for.
CREATE OR REPLACE FUNCTION what_stands_is_fixed() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE stands text;
BEGIN
    SELECT state INTO stands FROM agency_case WHERE id = OLD.case_ptr_id;
    stands := coalesce(stands, 'not yours');
    IF stands IN ('draft', 'returned')
       OR stands = 'approved' AND TG_NARGS > 0
          AND to_jsonb(NEW) - TG_ARGV::text[] = to_jsonb(OLD) - TG_ARGV::text[]
       OR stands IN ('withdrawn', 'reversed') AND to_jsonb(NEW) ->> 'stands_for' IS NULL
          AND to_jsonb(NEW) - 'stands_for' = to_jsonb(OLD) - 'stands_for' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what case % says is fixed: it is %', OLD.case_ptr_id, stands
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'what_was_submitted_is_fixed';
END $$;
CREATE OR REPLACE TRIGGER budget_is_fixed BEFORE UPDATE ON budget
    FOR EACH ROW EXECUTE FUNCTION what_stands_is_fixed('approval_document', 'approved_on');
CREATE OR REPLACE TRIGGER adjustment_is_fixed BEFORE UPDATE ON budget_adjustment
    FOR EACH ROW EXECUTE FUNCTION what_stands_is_fixed();
CREATE OR REPLACE TRIGGER plan_is_fixed BEFORE UPDATE ON county_plan
    FOR EACH ROW EXECUTE FUNCTION what_stands_is_fixed();

-- Rows that belong to a case; the argument is the column that names it.
CREATE OR REPLACE FUNCTION rows_of_a_case_are_fixed() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    own bigint := coalesce(to_jsonb(OLD) ->> TG_ARGV[0], to_jsonb(NEW) ->> TG_ARGV[0])::bigint;
    stands text;
BEGIN
    SELECT state INTO stands FROM agency_case WHERE id = own;
    stands := coalesce(stands, 'not yours');
    IF stands NOT IN ('draft', 'returned')
       OR TG_OP = 'UPDATE' AND to_jsonb(NEW) ->> TG_ARGV[0] <> own::text THEN
        RAISE EXCEPTION 'what case % says is fixed: it is %', own, stands
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'what_was_submitted_is_fixed';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE OR REPLACE TRIGGER budget_begins_as_a_draft BEFORE INSERT ON budget
    FOR EACH ROW EXECUTE FUNCTION rows_of_a_case_are_fixed('case_ptr_id');
CREATE OR REPLACE TRIGGER plan_begins_as_a_draft BEFORE INSERT ON county_plan
    FOR EACH ROW EXECUTE FUNCTION rows_of_a_case_are_fixed('case_ptr_id');
CREATE OR REPLACE TRIGGER lines_are_fixed BEFORE INSERT OR UPDATE OR DELETE ON budget_line
    FOR EACH ROW EXECUTE FUNCTION rows_of_a_case_are_fixed('budget_id');
CREATE OR REPLACE TRIGGER counties_are_fixed BEFORE INSERT OR UPDATE OR DELETE ON county_budget
    FOR EACH ROW EXECUTE FUNCTION rows_of_a_case_are_fixed('budget_id');
CREATE OR REPLACE TRIGGER goals_are_fixed BEFORE INSERT OR UPDATE OR DELETE ON budget_goal
    FOR EACH ROW EXECUTE FUNCTION rows_of_a_case_are_fixed('budget_id');
CREATE OR REPLACE TRIGGER parts_are_fixed BEFORE INSERT OR UPDATE OR DELETE ON budget_part
    FOR EACH ROW EXECUTE FUNCTION rows_of_a_case_are_fixed('whole_id');
CREATE OR REPLACE TRIGGER scores_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON goal_score
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();
CREATE OR REPLACE TRIGGER confirmations_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON county_receipt
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();

-- No budget leaves its maker that is not the sum of its lines, that gives counties more than they may
-- spend, that ends below zero, or in a deficit of the year without the document of the exception
-- (安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（四）). Two levels sign it, and in effect it
-- names the document of the government's approval.
CREATE OR REPLACE FUNCTION budget_is_sound() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    b budget;
    sums record;
    given numeric;
    broken text;
BEGIN
    SELECT * INTO b FROM budget WHERE case_ptr_id = NEW.id;
    SELECT coalesce(sum(l.amount) FILTER (WHERE k.element = 'revenue'), 0) AS revenue,
           coalesce(sum(l.amount) FILTER (WHERE k.element = 'expenditure'), 0) AS expenditure,
           coalesce(sum(l.amount) FILTER (WHERE k.element NOT IN ('revenue', 'expenditure')), 0) AS foreign_to_it,
           coalesce(sum(l.amount) FILTER (WHERE l.item = 'benefit_expenditure'), 0) AS by_counties
      INTO sums
      FROM budget_line l JOIN account_kind k ON k.kind = l.item
     WHERE l.budget_id = NEW.id;
    SELECT coalesce(sum(amount), 0) INTO given FROM county_budget WHERE budget_id = NEW.id;
    broken := CASE
        WHEN b.case_ptr_id IS NULL OR b.revenue <> sums.revenue OR b.expenditure <> sums.expenditure
             OR sums.foreign_to_it <> 0 THEN 'a_budget_is_the_sum_of_its_lines'
        WHEN b.opening + b.revenue - b.expenditure < 0 THEN 'no_cumulative_deficit'
        WHEN b.expenditure > b.revenue AND '' IN (b.exception_document, b.exception_clause)
             THEN 'a_deficit_of_the_year_has_its_exception'
        WHEN given > sums.by_counties THEN 'counties_stay_within_the_budget'
        WHEN NEW.state IN ('approved', 'effected') AND NOT NEW.needs_second
             OR NEW.state = 'effected' AND b.approved_on IS NULL THEN 'a_budget_is_signed'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'budget % is refused: %', NEW.id, broken
            USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER budget_is_sound BEFORE INSERT OR UPDATE OF state ON agency_case
    FOR EACH ROW WHEN (NEW.kind IN ('budget', 'budget_adjustment')
                       AND NEW.state IN ('submitted', 'checked', 'approved', 'effected'))
    EXECUTE FUNCTION budget_is_sound();
CREATE OR REPLACE TRIGGER budget_frees_its_place AFTER UPDATE OF state ON agency_case
    FOR EACH ROW WHEN (NEW.kind IN ('budget', 'budget_adjustment') AND NEW.state IN ('withdrawn', 'reversed'))
    EXECUTE FUNCTION case_frees_its_place('budget');
CREATE OR REPLACE TRIGGER plan_frees_its_place AFTER UPDATE OF state ON agency_case
    FOR EACH ROW WHEN (NEW.kind = 'county_plan' AND NEW.state IN ('withdrawn', 'reversed'))
    EXECUTE FUNCTION case_frees_its_place('county_plan');

-- What the budget in force gives a county, and what approved plans took of it, less what the county
-- sent back, in yuan; no row where no budget is in force. A county asks for its own.
CREATE OR REPLACE FUNCTION county_budget_of(place bigint, of_scheme smallint, of_year int)
RETURNS TABLE (budget bigint, approved numeric, disbursed numeric)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT b.case_ptr_id,
           coalesce((SELECT g.amount FROM county_budget g
                      WHERE g.budget_id = b.case_ptr_id AND g.county_id = place), 0),
           coalesce((SELECT sum(t.amount)
                       FROM county_plan p
                       JOIN agency_case t ON t.id = p.case_ptr_id
                      WHERE t.region = place AND t.county = place / 1000000 AND t.year = of_year
                        AND p.scheme = of_scheme AND t.state IN ('approved', 'effected')), 0)
           - coalesce((SELECT sum(l.credit)
                         FROM account a
                         JOIN entry_line l ON l.account_id = a.id
                          AND l.day BETWEEN make_date(of_year, 1, 1) AND make_date(of_year, 12, 31)
                         JOIN entry e ON e.id = l.entry_id AND e.reason = 'county_returned'
                        WHERE a.area_id = place AND a.scheme = of_scheme
                          AND a.kind = 'expenditure_county'
                          AND NOT EXISTS (SELECT FROM entry r WHERE r.reverses_id = e.id)), 0)
      FROM budget b
      JOIN agency_case c ON c.id = b.case_ptr_id
     WHERE c.region = pooling_area(place) AND c.year = of_year AND b.scheme = of_scheme
       AND c.state = 'effected' AND scope_holds(place)
     ORDER BY b.number DESC
     LIMIT 1
$$;

-- Plans stay within the approved budget, however many are approved at once, and no adjustment takes
-- away what they took (鄂政办发〔2020〕9号 三（五）). Whoever comes second waits, and sees the first.
CREATE OR REPLACE FUNCTION plans_stay_within_the_budget() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    of_scheme smallint;
    wrong record;
BEGIN
    IF NEW.kind = 'county_plan' THEN
        SELECT scheme INTO of_scheme FROM county_plan WHERE case_ptr_id = NEW.id;
    ELSE
        SELECT scheme INTO of_scheme FROM budget WHERE case_ptr_id = NEW.id;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended(
        format('county_budget:%s:%s:%s', pooling_area(NEW.region), NEW.year, of_scheme), 0));
    SELECT p.county, g.* INTO wrong
      FROM (SELECT DISTINCT t.region AS county
              FROM county_plan p
              JOIN agency_case t ON t.id = p.case_ptr_id
             WHERE CASE WHEN NEW.kind = 'county_plan' THEN t.region = NEW.region
                        ELSE pooling_area(t.region) = NEW.region END
               AND t.year = NEW.year AND p.scheme = of_scheme AND t.state IN ('approved', 'effected')) p
      LEFT JOIN LATERAL county_budget_of(p.county, of_scheme, NEW.year) g ON true
     WHERE coalesce(g.disbursed, 1) > coalesce(g.approved, 0)
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'plans of % exceed the approved budget', wrong.county
            USING ERRCODE = 'check_violation', CONSTRAINT = 'plans_stay_within_the_budget',
                  DETAIL = jsonb_build_object('place', (SELECT name FROM region WHERE code = wrong.county),
                                              'approved', coalesce(wrong.approved, 0),
                                              'disbursed', wrong.disbursed);
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER plans_stay_within_the_budget AFTER INSERT OR UPDATE OF state, amount ON agency_case
    FOR EACH ROW WHEN (NEW.kind = 'county_plan' AND NEW.state IN ('approved', 'effected')
                       OR NEW.kind IN ('budget', 'budget_adjustment') AND NEW.state IN ('effected', 'reversed'))
    EXECUTE FUNCTION plans_stay_within_the_budget();

-- The county confirms what was transferred to it, to the cent, and nobody who decided about it does.
CREATE OR REPLACE FUNCTION receipt_is_of_its_transfer() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM agency_case c
                    WHERE c.id = NEW.plan_id AND c.state = 'effected' AND c.amount = NEW.amount
                      AND c.checker_id <> NEW.confirmed_by_id) THEN
        RAISE EXCEPTION 'plan % was not transferred so', NEW.plan_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_county_confirms_what_was_transferred';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER receipt_is_of_its_transfer BEFORE INSERT ON county_receipt
    FOR EACH ROW EXECUTE FUNCTION receipt_is_of_its_transfer();

REVOKE EXECUTE ON FUNCTION county_budget_of(bigint, smallint, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION county_budget_of(bigint, smallint, int) TO {web}, {worker};
GRANT SELECT, INSERT, UPDATE ON budget, budget_adjustment, budget_line, county_budget, budget_goal,
                                budget_part, county_plan TO {web}, {worker};
GRANT SELECT, INSERT ON goal_score, county_receipt TO {web}, {worker};

-- ---------------------------------------------------------------------------------------------
-- The funds of pooling areas at the end of a month (its first day), in yuan: for the step `watch`, the
-- view of the funds and `verify`. Read are totals and days of accounts, the entries that close years
-- (entry_that_closes_a_year), and the sums of the collection; nobody's bill. What the close of a year
-- carries is neither revenue nor expenditure, and what medical assistance spends is none of the fund.
CREATE OR REPLACE FUNCTION funds_at(month date, spending_months int)
RETURNS TABLE (book bigint, scheme smallint, revenue_of_month numeric, expenditure_of_month numeric,
               revenue numeric, expenditure numeric, balance numeric, earned numeric, spent numeric, months int,
               spent_before numeric, claimed numeric, received numeric, arrears numeric,
               payable numeric, paid numeric, insured numeric, population numeric)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    WITH days AS (
        SELECT month AS first, (month + interval '1 month')::date AS after,
               date_trunc('year', month)::date AS year,
               (month - make_interval(months => 2 * spending_months - 1))::date AS since,
               (month - make_interval(months => spending_months - 1))::date AS middle
    ), carried AS MATERIALIZED (
        SELECT l.account_id, l.day, sum(l.debit) AS debit, sum(l.credit) AS credit
          FROM (SELECT id FROM entry WHERE reason = 'year_closed'
                 UNION ALL
                SELECT r.id FROM entry e JOIN entry r ON r.reverses_id = e.id
                 WHERE e.reason = 'year_closed') c
          JOIN entry_line l ON l.entry_id = c.id
         GROUP BY 1, 2
    ), flows AS MATERIALIZED (
        SELECT a.book, a.scheme, k.element, d.day,
               sum(k.side * (d.debit - coalesce(c.debit, 0) - d.credit + coalesce(c.credit, 0))) AS amount
          FROM days
         CROSS JOIN account a
          JOIN account_kind k ON k.kind = a.kind AND k.element IN ('revenue', 'expenditure')
                             AND k.kind <> 'assistance_expenditure'
          JOIN account_day d ON d.account_id = a.id AND d.day >= least(days.since, days.year)
                            AND d.day < days.after
          LEFT JOIN carried c ON c.account_id = d.account_id AND c.day = d.day
         GROUP BY 1, 2, 3, 4
    ), spans AS (
        SELECT f.book, f.scheme, date_trunc('month', min(f.day))::date AS began
          FROM days CROSS JOIN flows f
         WHERE f.element = 'expenditure' AND f.amount <> 0 AND f.day >= days.since GROUP BY 1, 2
    ), moved AS (
        SELECT f.book, f.scheme,
               sum(f.amount) FILTER (WHERE f.element = 'revenue' AND f.day >= days.first) AS revenue_of_month,
               sum(f.amount) FILTER (WHERE f.element = 'expenditure' AND f.day >= days.first) AS expenditure_of_month,
               sum(f.amount) FILTER (WHERE f.element = 'revenue' AND f.day >= days.year) AS revenue,
               sum(f.amount) FILTER (WHERE f.element = 'expenditure' AND f.day >= days.year) AS expenditure,
               sum(f.amount) FILTER (WHERE f.element = 'revenue' AND f.day >= days.middle) AS earned,
               sum(f.amount) FILTER (WHERE f.element = 'expenditure' AND f.day >= days.middle) AS spent,
               sum(f.amount) FILTER (WHERE f.element = 'expenditure' AND f.day < days.middle
                                       AND f.day >= days.since) AS spent_before
          FROM days CROSS JOIN flows f
         GROUP BY 1, 2
    ), stands AS (
        SELECT a.book, a.scheme,
               sum(t.credit - t.debit - coalesce(l.amount, 0)) FILTER (WHERE k.kind !~ '^receivable') AS balance,
               sum(t.debit - t.credit + coalesce(l.amount, 0)) FILTER (WHERE k.kind ~ '^receivable') AS arrears,
               sum(y.amount) AS received
          FROM days
         CROSS JOIN account a
          JOIN account_kind k ON k.kind = a.kind
           AND (k.kind IN ('pooled_fund', 'receivable_central', 'receivable_provincial', 'receivable_city',
                           'receivable_county')
                OR k.element IN ('revenue', 'expenditure') AND k.kind <> 'assistance_expenditure')
          JOIN account_total t ON t.account_id = a.id
          LEFT JOIN LATERAL (SELECT sum(d.credit - d.debit) AS amount FROM account_day d
                              WHERE d.account_id = a.id AND d.day >= days.after) l ON true
          LEFT JOIN LATERAL (SELECT sum(d.credit) AS amount FROM account_day d
                              WHERE k.kind ~ '^receivable' AND d.account_id = a.id
                                AND d.day >= days.year AND d.day < days.after) y ON true
         GROUP BY 1, 2
    ), billed AS (
        SELECT pooling_area(c.region) AS book, sum(c.payable) AS payable, sum(c.insured) AS insured
          FROM collection_total c, days WHERE c.year = extract(year FROM days.first) GROUP BY 1
    ), collected AS (
        SELECT pooling_area(c.county::bigint * 1000000) AS book, sum(c.paid) AS paid
          FROM collection_day c, days
         WHERE c.year = extract(year FROM days.first) AND c.day < days.after GROUP BY 1
    ), people AS (
        SELECT pooling_area(p.region) AS book, sum(p.habitual) AS habitual, sum(p.employees) AS employees
          FROM people_total p GROUP BY 1
    )
    SELECT s.book, s.scheme, coalesce(m.revenue_of_month, 0), coalesce(m.expenditure_of_month, 0),
           coalesce(m.revenue, 0), coalesce(m.expenditure, 0), coalesce(s.balance, 0), coalesce(m.earned, 0),
           coalesce(m.spent, 0),
           coalesce(least(spending_months, (12 * extract(year FROM age(days.first, n.began))
                                            + extract(month FROM age(days.first, n.began)) + 1)::int), 0),
           CASE WHEN n.began = days.since THEN m.spent_before END,
           coalesce(s.received, 0) + coalesce(s.arrears, 0), coalesce(s.received, 0), coalesce(s.arrears, 0),
           CASE WHEN s.scheme = 1 THEN b.payable END,
           CASE WHEN s.scheme = 1 AND b.payable IS NOT NULL THEN coalesce(c.paid, 0) END,
           CASE WHEN s.scheme = 1 AND p.habitual > 0 THEN coalesce(b.insured, 0) + p.employees END,
           CASE WHEN s.scheme = 1 AND p.habitual > 0 THEN p.habitual END
      FROM days
     CROSS JOIN stands s
      LEFT JOIN moved m USING (book, scheme)
      LEFT JOIN spans n USING (book, scheme)
      LEFT JOIN billed b USING (book)
      LEFT JOIN collected c USING (book)
      LEFT JOIN people p USING (book)
     WHERE s.book % 10000000000 <> 0
     ORDER BY s.book, s.scheme
$$;

-- ---------------------------------------------------------------------------------------------
-- Months of the funds, read and warned of. A run adds rows; nobody changes what it said.
CREATE OR REPLACE TRIGGER fund_months_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON fund_month
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();
CREATE OR REPLACE TRIGGER readings_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON risk_reading
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();
DO $$
DECLARE rule text := $rule$book <@ (SELECT nullif(current_setting('app.regions', true), '')::int8multirange)$rule$;
BEGIN
    CALL secure_rows('fund_month', rule, 'false');
    CALL secure_rows('risk_reading', 'EXISTS (SELECT FROM fund_month m WHERE m.id = risk_reading.of_id)', 'false');
END $$;

-- A warning keeps its reading and its plan from the day on which it is submitted. The effect writes the
-- result; whatever ends the case frees what it warned of.
CREATE OR REPLACE FUNCTION warning_is_fixed() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE stands text;
BEGIN
    SELECT state INTO stands FROM agency_case WHERE id = OLD.case_ptr_id;
    stands := coalesce(stands, 'not yours');
    IF stands IN ('draft', 'returned')
       OR stands = 'approved' AND OLD.outcome = ''
          AND to_jsonb(NEW) - '{outcome,result}'::text[] = to_jsonb(OLD) - '{outcome,result}'::text[]
       OR stands IN ('effected', 'withdrawn') AND NEW.stands_for IS NULL
          AND to_jsonb(NEW) - 'stands_for' = to_jsonb(OLD) - 'stands_for' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what warning % says is fixed: it is %', OLD.case_ptr_id, stands
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE OR REPLACE TRIGGER warning_is_fixed BEFORE UPDATE ON risk_warning
    FOR EACH ROW EXECUTE FUNCTION warning_is_fixed();
CREATE OR REPLACE FUNCTION warning_ends_with_a_result() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.state = 'effected' AND NOT EXISTS (
           SELECT FROM risk_warning w WHERE w.case_ptr_id = NEW.id AND w.outcome <> '') THEN
        RAISE EXCEPTION 'warning % has no result', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_warning_ends_with_a_result';
    END IF;
    UPDATE risk_warning SET stands_for = NULL WHERE case_ptr_id = NEW.id;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER warning_ends_with_a_result AFTER UPDATE OF state ON agency_case
    FOR EACH ROW WHEN (NEW.kind = 'risk_warning' AND NEW.state IN ('effected', 'withdrawn'))
    EXECUTE FUNCTION warning_ends_with_a_result();

GRANT SELECT ON fund_month, risk_reading TO {web}, {worker};
GRANT INSERT ON fund_month, risk_reading TO {worker};
GRANT SELECT, INSERT, UPDATE ON risk_warning TO {web}, {worker};

-- ---------------------------------------------------------------------------------------------
-- Reports (docs/adr/0049-reports.md): of the whole province, for whoever sees all of it; appended by workers.
CALL secure_rows('report', 'false', 'false');
GRANT SELECT ON report TO {web}, {worker};
GRANT INSERT ON report TO {worker};
