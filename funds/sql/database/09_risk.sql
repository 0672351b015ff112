-- The funds of pooling areas at the end of a month (its first day), in yuan: for the step `watch`, the
-- view of the funds and `verify`. Read are totals and days of accounts, the entries that close years
-- (entry_that_closes_a_year), and the sums of the collection; nobody's bill. What the close of a year
-- carries is neither revenue nor expenditure, and what medical assistance spends is none of the fund.
-- What it returns has changed since it was first there, which a replacement may not do.
DROP FUNCTION IF EXISTS funds_at(date, int);
CREATE OR REPLACE FUNCTION funds_at(month date, spending_months int)
RETURNS TABLE (book bigint, scheme smallint, revenue_of_month numeric, expenditure_of_month numeric,
               revenue numeric, expenditure numeric, balance numeric, earned numeric, spent numeric, months int,
               spent_before numeric, claimed numeric, received numeric, arrears numeric,
               payable numeric, paid numeric, insured bigint, population bigint)
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
        SELECT pooling_area(c.region) AS book, sum(c.payable) AS payable, sum(c.insured) AS insured,
               sum(c.paid) AS paid
          FROM collection_total c, days WHERE c.year = extract(year FROM days.first)::int GROUP BY 1
    ), later AS (
        -- of what was paid, what was paid after the month, which is less to read, or on no known day
        SELECT pooling_area(c.county::bigint * 1000000) AS book, sum(c.paid) AS paid
          FROM (SELECT d.county, d.paid FROM collection_day d, days
                 WHERE d.year = extract(year FROM days.first)::int AND d.day >= days.after
                 UNION ALL
                SELECT d.county, d.paid FROM collection_day d, days
                 WHERE d.year = extract(year FROM days.first)::int AND d.day IS NULL) c
         GROUP BY 1
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
           CASE WHEN s.scheme = 1 THEN b.paid - coalesce(l.paid, 0) END,
           CASE WHEN s.scheme = 1 AND p.habitual > 0
                THEN (coalesce(b.insured, 0) + p.employees)::bigint END,
           CASE WHEN s.scheme = 1 AND p.habitual > 0 THEN p.habitual::bigint END
      FROM days
     CROSS JOIN stands s
      LEFT JOIN moved m USING (book, scheme)
      LEFT JOIN spans n USING (book, scheme)
      LEFT JOIN billed b USING (book)
      LEFT JOIN later l USING (book)
      LEFT JOIN people p USING (book)
     WHERE s.book % 10000000000 <> 0
     ORDER BY s.book, s.scheme
$$;

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
CREATE OR REPLACE TRIGGER warning_is_fixed BEFORE UPDATE ON risk_warning
    FOR EACH ROW EXECUTE FUNCTION what_stands_is_fixed('{effected,withdrawn}', 'outcome', 'result');
DROP FUNCTION IF EXISTS warning_is_fixed();
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
