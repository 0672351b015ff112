-- The accounts that were ever used, of a book or of all, of a scheme or of both: what stood before the
-- period, what was posted in it, in yuan. At most one row a day and account is read (account_day).
SELECT a.id, a.area_id, a.book, a.scheme, a.kind, k.element, k.side,
       coalesce(sum(d.debit - d.credit) FILTER (WHERE d.day < %(since)s), 0) AS opening,
       coalesce(sum(d.debit) FILTER (WHERE d.day >= %(since)s), 0) AS debit,
       coalesce(sum(d.credit) FILTER (WHERE d.day >= %(since)s), 0) AS credit
  FROM account a
  JOIN account_kind k ON k.kind = a.kind
  JOIN account_day d ON d.account_id = a.id AND d.day <= %(until)s
 WHERE (%(book)s::bigint IS NULL OR a.book = %(book)s::bigint)
   AND (%(scheme)s::smallint IS NULL OR a.scheme = %(scheme)s::smallint)
   AND (%(kind)s::text = '' OR a.kind = %(kind)s::text)
 GROUP BY a.id, k.kind
 ORDER BY k.position, a.scheme, a.area_id
