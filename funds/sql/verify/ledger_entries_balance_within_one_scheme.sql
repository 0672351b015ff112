-- Every entry has two lines or more, debits equal credits, and one scheme.
SELECT e.key, sum(l.debit) AS debit, sum(l.credit) AS credit
  FROM entry e
  LEFT JOIN entry_line l ON l.entry_id = e.id
  LEFT JOIN account a ON a.id = l.account_id
 GROUP BY e.id, e.key
HAVING sum(l.debit) IS DISTINCT FROM sum(l.credit) OR count(l.id) < 2
    OR count(DISTINCT a.scheme) <> 1
