-- The kept days and totals of every account are its lines, replayed; none that may not be negative is
-- so at the end of a day.
WITH moved AS (
    SELECT account_id, day, sum(debit) AS debit, sum(credit) AS credit
      FROM entry_line
     GROUP BY 1, 2
), run AS (
    SELECT *, sum(debit - credit) OVER (PARTITION BY account_id ORDER BY day) AS balance
      FROM moved
)
SELECT coalesce(r.account_id, d.account_id) AS account, coalesce(r.day, d.day) AS day,
       r.debit, r.credit, d.debit AS kept_debit, d.credit AS kept_credit
  FROM run r
  FULL JOIN account_day d ON d.account_id = r.account_id AND d.day = r.day
 WHERE (r.debit, r.credit) IS DISTINCT FROM (d.debit, d.credit)
 UNION ALL
SELECT account_id, NULL, m.debit, m.credit, t.debit, t.credit
  FROM (SELECT account_id, sum(debit) AS debit, sum(credit) AS credit FROM moved GROUP BY 1) m
  FULL JOIN account_total t USING (account_id)
 WHERE (m.debit, m.credit) IS DISTINCT FROM (t.debit, t.credit)
 UNION ALL
SELECT r.account_id, r.day, NULL, NULL, r.balance, NULL
  FROM run r
  JOIN account a ON a.id = r.account_id
  JOIN account_kind k ON k.kind = a.kind AND NOT k.may_be_negative
 WHERE k.side * r.balance < 0
