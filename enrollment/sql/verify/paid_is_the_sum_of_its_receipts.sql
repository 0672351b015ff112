-- What a bill of a turned year says was paid is the sum of the receipts that were applied to it and
-- of what cases applied from suspense and relatives' accounts paid, less what was refunded of it.
SELECT e.id AS enrollment, e.paid, coalesce(r.amount, 0) AS received, coalesce(s.amount, 0) AS shared,
       coalesce(c.amount, 0) AS cleared, coalesce(f.amount, 0) AS refunded
  FROM (SELECT DISTINCT year FROM year_run WHERE mode = 'real' AND NOT from_history) y
  JOIN enrollment e ON e.id >= y.year * 1000000000000 AND e.id < (y.year + 1) * 1000000000000
  LEFT JOIN (SELECT enrollment_id, sum(applied) AS amount
               FROM receipt
              WHERE applied > 0
              GROUP BY enrollment_id) r ON r.enrollment_id = e.id
  LEFT JOIN (SELECT c.year * 1000000000000 + 100000000000 + c.person_id AS bill,
                    sum(c.amount) AS amount
               FROM contribution_subsidy d
               JOIN agency_case c ON c.id = d.case_ptr_id
              WHERE d.funder = 'personal_account' AND c.state = 'effected'
              GROUP BY bill) s ON s.bill = e.id
  LEFT JOIN (SELECT d.paid_bill, sum(a.amount) AS amount
               FROM suspense_clearing d
               JOIN agency_case a ON a.id = d.case_ptr_id
              WHERE d.paid_bill IS NOT NULL
              GROUP BY d.paid_bill) c ON c.paid_bill = e.id
  LEFT JOIN (SELECT d.refunded_bill, sum(c.amount) AS amount
               FROM refund d
               JOIN agency_case c ON c.id = d.case_ptr_id
              WHERE d.refunded_bill IS NOT NULL
              GROUP BY d.refunded_bill) f ON f.refunded_bill = e.id
 WHERE e.paid <> coalesce(r.amount, 0) + coalesce(c.amount, 0) + coalesce(s.amount, 0)
       - coalesce(f.amount, 0)
