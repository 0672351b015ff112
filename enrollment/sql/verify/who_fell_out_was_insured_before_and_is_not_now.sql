-- Every fallout row: insured the year before, and not insured at activation of the year.
SELECT f.id, f.reason,
       coalesce(is_insured(l.id, l.payable, l.paid, l.ended_on), false) AS was_insured,
       coalesce(is_insured(n.id, n.payable, n.paid, n.ended_on), false) AS is_insured
  FROM fallout f
  JOIN year_run r ON r.year = f.id / 1000000000000 AND r.mode = 'real'
  LEFT JOIN enrollment l ON l.id = f.id - 1000000000000
  LEFT JOIN enrollment n ON n.id = f.id
 WHERE NOT coalesce(is_insured(l.id, l.payable, l.paid, l.ended_on), false)
    OR (coalesce(is_insured(n.id, n.payable, n.paid, n.ended_on), false)
        AND coalesce(n.paid_on <= r.activated_on, true))
