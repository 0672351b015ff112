-- What `reconcile` has to look at stands in receipt_to_reconcile, once, and nothing else does.
SELECT coalesce(r.id, w.receipt_id) AS receipt, w.person_id AS person, r.outcome, w.told
  FROM (SELECT id, person_id, year, outcome
          FROM receipt
         WHERE outcome = '' AND scheme = 1 AND bill_number = '') r
  FULL JOIN (SELECT receipt_id, person_id, year, count(*) AS told
               FROM receipt_to_reconcile
              GROUP BY 1, 2, 3) w ON w.receipt_id = r.id AND w.year = r.year
 WHERE r.id IS NULL OR w.told IS DISTINCT FROM 1 OR w.person_id IS DISTINCT FROM r.person_id
