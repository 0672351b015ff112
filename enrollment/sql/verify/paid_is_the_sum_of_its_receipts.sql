-- What a bill of a turned year says was paid is the sum of the receipts that were applied to it.
SELECT e.id AS enrollment, e.paid, coalesce(r.amount, 0) AS received
  FROM (SELECT DISTINCT year FROM year_run WHERE mode = 'real' AND NOT from_history) y
  JOIN enrollment e ON e.id >= y.year * 1000000000000 AND e.id < (y.year + 1) * 1000000000000
  LEFT JOIN (SELECT enrollment_id, sum(amount) AS amount
               FROM receipt
              WHERE outcome IN ('matched', 'underpaid', 'overpaid')
              GROUP BY enrollment_id) r ON r.enrollment_id = e.id
 WHERE e.paid <> coalesce(r.amount, 0)
