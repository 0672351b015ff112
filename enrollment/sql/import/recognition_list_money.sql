-- recognition_list: what the list leaves to do about the bills of the open years, in yuan, by year and
-- county: awards to give, unpaid bills to change, refunds to offer (`subsidy_follow_up`). The quotas
-- come as %(quotas)s; of an area and category whose quota is not published nothing is said. What other
-- funders gave stays, as in subsidise.sql.
-- Reads enrollment by key, award by (enrollment_id), person_category by (person, category, valid).
WITH quota AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(quotas)s) q (year int, area bigint, category text, amount numeric)
), bill AS MATERIALIZED (
    SELECT y.year, e.id, e.person_id, e.county, pooling_area(e.region) AS area, e.standard,
           e.payable, e.paid, e.paid_on, e.subsidy, e.ended_on, x.after
      FROM staging_list_person x
     CROSS JOIN unnest(%(years)s::int[]) y (year)
      JOIN enrollment e ON e.id = y.year * 1000000000000 + 100000000000 + x.person_id
     WHERE e.ended_on IS NULL
       AND e.id BETWEEN %(first_key)s AND %(last_key)s
), given AS MATERIALIZED (
    SELECT a.enrollment_id AS id, sum(a.amount) AS others
      FROM award a
     WHERE a.enrollment_id IN (SELECT id FROM bill)
       AND a.funder <> 'medical_assistance'
     GROUP BY a.enrollment_id
), best AS MATERIALIZED (
    -- few: one a year, area and set of categories
    SELECT k.year, k.area, k.after,
           CASE WHEN bool_and(q.amount IS NOT NULL OR c.category IS NULL)
                THEN coalesce(max(q.amount), 0) END AS amount
      FROM (SELECT DISTINCT year, area, after FROM bill) k
      LEFT JOIN LATERAL (SELECT * FROM unnest(k.after) u (category)
                          WHERE u.category = ANY(%(subsidised)s)) c ON true
      LEFT JOIN quota q ON q.year = k.year AND q.area = k.area AND q.category = c.category
     GROUP BY k.year, k.area, k.after
), due AS MATERIALIZED (
    SELECT b.*, coalesce(g.others, 0) AS others, b.subsidy - coalesce(g.others, 0) AS assistance,
           CASE WHEN q.amount IS NOT NULL
                THEN least(q.amount, b.standard - coalesce(g.others, 0)) END AS due
      FROM bill b
      JOIN best q ON q.year = b.year AND q.area = b.area AND q.after = b.after
      LEFT JOIN given g ON g.id = b.id
), would AS MATERIALIZED (
    -- the rows of these people as the list leaves them
    SELECT c.person_id, c.category, coalesce(a.valid, c.valid) AS valid
      FROM person_category c
      LEFT JOIN staging_list_act a ON a.row_id = c.id AND a.act IN ('end', 'change')
     WHERE c.person_id IN (SELECT person_id FROM due WHERE paid > 0 AND paid >= payable)
       AND coalesce(a.qualified, c.qualified)
     UNION ALL
    SELECT a.person_id, a.category, a.valid
      FROM staging_list_act a
     WHERE a.act = 'begin' AND a.qualified
), when_paid AS MATERIALIZED (
    SELECT d.id, max(q.amount) AS amount
      FROM due d
      JOIN would w ON w.person_id = d.person_id AND w.valid @> d.paid_on
      JOIN quota q ON q.year = d.year AND q.area = d.area
                  AND q.category = w.category
     WHERE d.paid > 0 AND d.paid >= d.payable
     GROUP BY d.id
), told AS (
    SELECT d.*, least(coalesce(w.amount, 0), d.standard - d.others) AS due_when_paid
      FROM due d
      LEFT JOIN when_paid w ON w.id = d.id
), follows AS (
    SELECT year, county, assistance, due, due_when_paid,
           subsidy_follow_up(payable, paid, assistance, due, due_when_paid, ended_on,
                             make_date(year, 1, 1) <= %(today)s) AS follow_up
      FROM told
)
SELECT year, county, follow_up, count(*),
       sum(greatest(CASE follow_up WHEN 'refund' THEN due_when_paid ELSE due END - assistance, 0)),
       sum(greatest(assistance - due, 0)) FILTER (WHERE follow_up = 'bill')
  FROM follows
 WHERE follow_up <> ''
 GROUP BY 1, 2, 3
 ORDER BY 1, 2, 3
