-- enrollments: the years of cover of one benefit year, in the order of the key.
-- Amounts in yuan. Benefits run from 1 January to 31 December unless the row says otherwise
-- (安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（三）); a row that is not paid up, or waits for a day
-- not yet assessed, has none. `first_key` and `last_key` leave one partition to read.
WITH shown AS (
    SELECT e.id, e.person_id, e.region, e.category, e.standard, e.subsidy, e.payable, e.paid,
           enrollment_status(e.id, %(on)s::date, %(activated_on)s::date, e.payable, e.paid,
                             e.due_on, e.paid_on, e.benefit_start, e.benefit_end,
                             e.suspended_from, e.ended_on) AS status,
           coalesce(e.benefit_start, %(year_start)s::date) AS first_day,
           least(coalesce(e.benefit_end, %(year_end)s::date), e.ended_on) AS last_day,
           (e.paid < e.payable OR (e.benefit_start IS NULL AND e.paid_on > e.due_on)) IS TRUE
               AS without
      FROM enrollment e
     WHERE e.id >= %(first_key)s
       AND e.id < %(last_key)s
       AND e.region BETWEEN %(area_first)s AND %(area_last)s
)
SELECT p.id_sealed, s.id / 1000000000000, s.id / 100000000000 %% 10, s.region, s.category,
       s.standard, s.subsidy, s.payable, s.paid, s.status,
       CASE WHEN NOT s.without AND s.first_day <= s.last_day THEN s.first_day END,
       CASE WHEN NOT s.without AND s.first_day <= s.last_day THEN s.last_day END
  FROM shown s
  JOIN person p ON p.id = s.person_id
 ORDER BY s.id
