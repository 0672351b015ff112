-- Every line is on an account and side that the reason of its entry names, with the day of its entry;
-- every entry balances in each book; a reversal is the mirror of its entry.
SELECT e.key, a.kind AS about
  FROM entry_line l
  JOIN entry e ON e.id = l.entry_id
  JOIN account a ON a.id = l.account_id
 WHERE l.day <> e.occurred_on OR a.scheme <> e.scheme
    OR e.reverses_id IS NULL AND NOT EXISTS (
           SELECT FROM reason_side r
            WHERE r.reason = e.reason AND r.kind = a.kind
              AND r.side IN (0, CASE WHEN l.debit > 0 THEN 1 ELSE -1 END))
 UNION ALL
SELECT e.key, a.book::text
  FROM entry_line l
  JOIN entry e ON e.id = l.entry_id
  JOIN account a ON a.id = l.account_id
 GROUP BY e.id, e.key, a.book
HAVING sum(l.debit) <> sum(l.credit)
 UNION ALL
SELECT e.key, 'mirror'
  FROM entry e
  JOIN entry_line l ON l.entry_id IN (e.id, e.reverses_id)
 WHERE e.reverses_id IS NOT NULL
 GROUP BY e.id, e.key, l.account_id
HAVING sum(l.debit) <> sum(l.credit)
