-- What was received for a repair stands in the ledger, to the cent. A change that still waits is
-- told by changes_are_posted; here the money itself is compared.
SELECT c.id, c.amount, sum(l.debit) AS posted
  FROM agency_case c
  JOIN gap_repair r ON r.case_ptr_id = c.id
  JOIN change h ON h.case_id = c.id AND h.cause = 'repair'
  JOIN change_taken t ON t.change_id = h.id AND t.taker = 'post'
  LEFT JOIN entry e ON e.key = 'repair:' || c.id
  LEFT JOIN entry_line l ON l.entry_id = e.id
 GROUP BY c.id, c.amount
HAVING sum(l.debit) IS DISTINCT FROM c.amount
