-- What was transferred for a county's plan is what the plan in effect says, once; a plan that was taken
-- back left nothing; and what a county confirmed is what was transferred.
SELECT c.id AS plan, c.state, c.amount, coalesce(e.amount, 0) AS transferred, r.amount AS confirmed
  FROM county_plan p
  JOIN agency_case c ON c.id = p.case_ptr_id
  LEFT JOIN county_receipt r ON r.plan_id = c.id
  LEFT JOIN LATERAL (
       SELECT sum(l.debit - l.credit) AS amount
         FROM entry e
         JOIN entry_line l ON l.entry_id = e.id
         JOIN account a ON a.id = l.account_id
        WHERE e.case_id = c.id AND a.kind = 'expenditure_county' AND a.area_id = c.region
          AND a.scheme = p.scheme) e ON true
 WHERE coalesce(e.amount, 0) <> CASE WHEN c.state = 'effected' THEN c.amount ELSE 0 END
    OR r.amount IS NOT NULL AND (c.state <> 'effected' OR r.amount <> c.amount)
