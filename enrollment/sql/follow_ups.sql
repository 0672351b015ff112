-- follow-ups: what is left to do about the bills of people whom lists changed, from the facts of this
-- moment, the latest list first; of several lists the latest of a person speaks. The quotas come as
-- %(quotas)s; of an area and category whose quota is not published nothing is said. A bill whose
-- reason was dealt with says what the law says, and is no longer here.
-- Reads listed_change by (county, id), enrollment by key, award by (enrollment_id), person_category by
-- (person, category, valid), person by key.
WITH quota AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%(quotas)s) q (year int, area bigint, category text, amount numeric)
), bill AS (
    SELECT l.id AS change_id, l.source_id, l.outcome, l.was, l.becomes, y.year, e.id, e.person_id,
           e.region, e.standard, e.payable, e.paid, e.paid_on, e.ended_on, e.subsidy,
           e.subsidy - o.others AS given, o.others
      FROM listed_change l
     CROSS JOIN unnest(%(years)s::int[]) y (year)
      JOIN enrollment e ON e.id = y.year * 1000000000000 + 100000000000 + l.person_id
     CROSS JOIN LATERAL (SELECT coalesce(sum(a.amount), 0) AS others
                           FROM award a
                          WHERE a.enrollment_id = e.id
                            AND a.funder <> 'medical_assistance') o
     WHERE (%(counties)s::int[] IS NULL OR l.county = ANY(%(counties)s))
       AND NOT l.is_settled
       AND (l.id, y.year) < (%(before_id)s, %(before_year)s)
       AND e.id BETWEEN %(first_key)s AND %(last_key)s
       AND e.ended_on IS NULL
       AND NOT EXISTS (SELECT FROM listed_change n WHERE n.person_id = l.person_id AND n.id > l.id)
), due AS (
    SELECT b.*, d.category,
           CASE WHEN d.is_known IS NOT FALSE
                THEN least(coalesce(d.amount, 0), b.standard - b.others) END AS due,
           CASE WHEN b.paid > 0 AND b.paid >= b.payable
                THEN least(coalesce(w.amount, 0), b.standard - b.others) END AS due_when_paid,
           w.category AS category_when_paid
      FROM bill b
     CROSS JOIN LATERAL (
        SELECT max(q.amount) AS amount, bool_and(q.amount IS NOT NULL) AS is_known,
               (array_agg(c.category ORDER BY q.amount DESC NULLS LAST, c.category))[1] AS category
          FROM person_category c
          LEFT JOIN quota q ON q.year = b.year AND q.area = pooling_area(b.region)
                           AND q.category = c.category
         WHERE c.person_id = b.person_id AND c.category = ANY(%(subsidised)s)
           AND c.qualified AND c.valid @> %(today)s::date) d
     CROSS JOIN LATERAL (
        SELECT max(q.amount) AS amount,
               (array_agg(c.category ORDER BY q.amount DESC, c.category))[1] AS category
          FROM person_category c
          JOIN quota q ON q.year = b.year AND q.area = pooling_area(b.region)
                      AND q.category = c.category
         WHERE c.person_id = b.person_id AND c.qualified AND c.valid @> b.paid_on) w
), told AS (
    SELECT d.*,
           subsidy_follow_up(d.payable, d.paid, d.given, d.due, coalesce(d.due_when_paid, 0),
                             d.ended_on, make_date(d.year, 1, 1) <= %(today)s) AS follow_up
      FROM due d
)
SELECT change_id, source_id, person_id, region, year, outcome, was, becomes, follow_up,
       coalesce(CASE follow_up WHEN 'refund' THEN category_when_paid ELSE category END, ''),
       given, CASE follow_up WHEN 'refund' THEN due_when_paid ELSE due END, payable, paid, paid_on
  FROM told
 WHERE follow_up = ANY(%(kinds)s)
 ORDER BY change_id DESC, year DESC
 LIMIT %(most)s
