-- What the step `watch` kept of the last month is what the books say of it, unless something was posted
-- with a day of it or before since; and each fund of a run has a reading of each indicator it was asked for.
WITH last AS (
    SELECT DISTINCT ON (m.book, m.scheme) m.*
      FROM fund_month m
     WHERE m.month = (SELECT max(month) FROM fund_month)
     ORDER BY m.book, m.scheme, m.shard DESC
)
SELECT l.book, l.scheme, l.month, l.revenue, l.expenditure, l.balance, l.arrears
  FROM last l
  LEFT JOIN funds_at((SELECT max(month) FROM last), 12) f USING (book, scheme)
 WHERE ((l.revenue_of_month, l.expenditure_of_month, l.revenue, l.expenditure, l.balance, l.claimed, l.arrears)
        IS DISTINCT FROM
        (f.revenue_of_month, f.expenditure_of_month, f.revenue, f.expenditure, f.balance, f.claimed, f.arrears)
        AND NOT EXISTS (SELECT FROM entry e
                          JOIN entry_line n ON n.entry_id = e.id
                          JOIN account a ON a.id = n.account_id AND a.book = l.book AND a.scheme = l.scheme
                         WHERE e.recorded_at > l.recorded_at
                           AND e.occurred_on < l.month + interval '1 month'))
    OR NOT EXISTS (SELECT FROM risk_reading r WHERE r.of_id = l.id)
