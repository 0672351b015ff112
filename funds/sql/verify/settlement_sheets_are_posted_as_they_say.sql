-- What was posted for a settlement sheet is what its lines say, and a sheet is posted whole or not yet:
-- the step posts all entries of its sheets by one statement. An entry bears its area in its key.
WITH due AS (
    SELECT s.case_ptr_id AS sheet, c.state, 'sheet:' || s.case_ptr_id || ':' || d.reason || ':' || d.area AS key,
           d.amount
      FROM settlement_sheet s
      JOIN agency_case c ON c.id = s.case_ptr_id
     CROSS JOIN LATERAL (
           SELECT 'levy_paid' AS reason, l.area_id AS area, l.levy AS amount
             FROM settlement_line l WHERE l.sheet_id = s.case_ptr_id AND s.part = 'levy'
            UNION ALL
           SELECT CASE s.method WHEN 'anhui' THEN 'gap_share_paid' ELSE 'allocation_paid' END,
                  l.area_id, l.allocation
             FROM settlement_line l WHERE l.sheet_id = s.case_ptr_id AND s.part = 'allocation'
            UNION ALL
           SELECT 'reserve_set_aside', c.region, s.reserve_in WHERE s.part = 'allocation') d
     WHERE d.amount > 0
), posted AS (
    SELECT e.case_id AS sheet, e.key, sum(l.debit + l.credit) AS amount
      FROM entry e
      JOIN settlement_sheet s ON s.case_ptr_id = e.case_id
      JOIN entry_line l ON l.entry_id = e.id
      JOIN account a ON a.id = l.account_id AND a.kind = 'adjustment_fund'
     WHERE e.reverses_id IS NULL
     GROUP BY 1, 2
)
SELECT sheet, key, due.amount, posted.amount AS posted
  FROM due
  FULL JOIN posted USING (sheet, key)
 WHERE due.amount IS DISTINCT FROM posted.amount
   AND (posted.amount IS NOT NULL OR sheet IN (SELECT sheet FROM posted))
