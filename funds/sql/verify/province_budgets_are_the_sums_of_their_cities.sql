-- A province's budget in effect is, line by line and with the balance it begins with, what the cities'
-- budgets that it names are together, one of each area.
WITH wholes AS (
    SELECT b.case_ptr_id AS whole, b.opening
      FROM budget b
      JOIN agency_case c ON c.id = b.case_ptr_id AND c.state = 'effected'
     WHERE c.region % 10000000000 = 0
), figures AS (
    SELECT w.whole, 'opening' AS item, w.opening AS amount,
           (SELECT coalesce(sum(b.opening), 0)
              FROM budget_part p JOIN budget b ON b.case_ptr_id = p.part_id
             WHERE p.whole_id = w.whole) AS together
      FROM wholes w
     UNION ALL
    SELECT w.whole, l.item, l.amount,
           (SELECT coalesce(sum(o.amount), 0)
              FROM budget_part p JOIN budget_line o ON o.budget_id = p.part_id
             WHERE p.whole_id = w.whole AND o.item = l.item)
      FROM wholes w JOIN budget_line l ON l.budget_id = w.whole
     UNION ALL
    SELECT w.whole, 'areas', count(*), count(DISTINCT c.region)
      FROM wholes w
      JOIN budget_part p ON p.whole_id = w.whole
      JOIN agency_case c ON c.id = p.part_id
     GROUP BY w.whole
)
SELECT whole, item, amount, together FROM figures WHERE amount <> together
