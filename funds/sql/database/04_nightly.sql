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
