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
REVOKE EXECUTE ON FUNCTION receipts_wait(bigint, date, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION receipts_wait(bigint, date, date) TO {web}, {worker};
