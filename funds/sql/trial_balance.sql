-- The accounts that were used until the end of a period, of a book or of all, of a scheme or of both: what
-- stood before the period, what was posted in it, in yuan. What stood follows from all that was ever posted
-- less what came since, so that read is one row a day and account from the first day on (account_day), and
-- not the years before it.
SELECT a.id, a.area_id, a.book, a.scheme, a.kind, k.element, k.side,
       t.debit - t.credit - coalesce(d.debit, 0) + coalesce(d.credit, 0)
                          - coalesce(d.later_debit, 0) + coalesce(d.later_credit, 0) AS opening,
       coalesce(d.debit, 0) AS debit, coalesce(d.credit, 0) AS credit
  FROM account a
  JOIN account_kind k ON k.kind = a.kind
  JOIN account_total t ON t.account_id = a.id
  LEFT JOIN LATERAL (SELECT sum(debit) FILTER (WHERE day <= %(until)s) AS debit,
                            sum(credit) FILTER (WHERE day <= %(until)s) AS credit,
                            sum(debit) FILTER (WHERE day > %(until)s) AS later_debit,
                            sum(credit) FILTER (WHERE day > %(until)s) AS later_credit
                       FROM account_day
                      WHERE account_id = a.id AND day >= %(since)s) d ON true
 WHERE (%(book)s::bigint IS NULL OR a.book = %(book)s::bigint)
   AND (%(scheme)s::smallint IS NULL OR a.scheme = %(scheme)s::smallint)
   AND (%(kind)s::text = '' OR a.kind = %(kind)s::text)
   AND t.debit + t.credit > coalesce(d.later_debit, 0) + coalesce(d.later_credit, 0)
 ORDER BY k.position, a.scheme, a.area_id
