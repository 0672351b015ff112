-- What cases applied or paid back of a receipt is what the receipt says, and it was looked at.
SELECT r.id AS receipt, r.cleared, coalesce(c.cleared, 0) AS by_cases, r.refunded,
       coalesce(c.refunded, 0) AS refunded_by_cases
  FROM receipt r
  LEFT JOIN (SELECT d.receipt_id,
                    sum(a.amount) FILTER (WHERE d.decision IN ('apply', 'move_year')) AS cleared,
                    sum(a.amount) FILTER (WHERE d.decision IN ('refund', 'return_tax')) AS refunded
               FROM suspense_clearing d
               JOIN agency_case a ON a.id = d.case_ptr_id
              WHERE d.cleared_at IS NOT NULL AND a.state = 'effected'
              GROUP BY d.receipt_id) c ON c.receipt_id = r.id
 WHERE (r.cleared > 0 OR r.refunded > 0 OR c.receipt_id IS NOT NULL)
   AND (r.cleared <> coalesce(c.cleared, 0) OR r.refunded <> coalesce(c.refunded, 0))
