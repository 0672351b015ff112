-- What the ledger says of revenue and expenditure in a period of one year, by area and kind of account,
-- in yuan on its normal side. One row a day and account is read (account_day); the close of the year,
-- which empties these accounts on its last day, is left out by the lines of that day alone.
SELECT a.book, a.kind, k.side * (d.amount - closed.amount) AS amount
  FROM account a
  JOIN account_kind k ON k.kind = a.kind AND k.element IN ('revenue', 'expenditure')
 CROSS JOIN LATERAL (
       SELECT coalesce(sum(debit - credit), 0) AS amount
         FROM account_day
        WHERE account_id = a.id AND day BETWEEN %(since)s AND %(until)s) d
 CROSS JOIN LATERAL (
       SELECT coalesce(sum(l.debit - l.credit), 0) AS amount
         FROM entry_line l
         JOIN entry e ON e.id = l.entry_id
         LEFT JOIN entry o ON o.id = e.reverses_id
        WHERE l.account_id = a.id AND l.day <= %(until)s
          AND l.day = make_date(extract(year FROM %(until)s::date)::int, 12, 31)
          AND 'year_closed' IN (e.reason, o.reason)) closed
 WHERE a.scheme = %(scheme)s AND a.book = ANY (%(books)s)
