-- What pages tell of the work of an office is the sum of its cases: by kind and state, the open ones by
-- the days on which they were opened and are due; and of their events, by month.
WITH total AS (
    SELECT county, kind, state, opened_on, due_on, sum(cases) AS cases
      FROM (SELECT county, kind, state, opened_on, due_on, cases FROM case_total
             UNION ALL
            SELECT county, kind, state, (opened_at AT TIME ZONE 'Asia/Shanghai')::date, due_on, -1
              FROM agency_case WHERE state NOT IN ('effected', 'withdrawn', 'reversed')
             UNION ALL
            SELECT county, kind, state, NULL, NULL, -count(*)
              FROM agency_case WHERE state IN ('effected', 'withdrawn', 'reversed') GROUP BY 1, 2, 3) d
     GROUP BY 1, 2, 3, 4, 5
), moved AS (
    SELECT c.county, c.kind, e.to_state, (e.recorded_at AT TIME ZONE 'Asia/Shanghai')::date AS day,
           c.due_on, (t.to_region / 1000000)::int AS to_county
      FROM case_event e JOIN agency_case c ON c.id = e.case_id
      LEFT JOIN enrolment_transfer t ON t.case_ptr_id = c.id AND e.to_state = 'effected'
            AND pooling_area(t.to_region) <> pooling_area(c.region)
     WHERE e.from_state <> e.to_state
), by_month AS (
    SELECT county, kind, month, sum(submitted) AS submitted, sum(returned) AS returned,
           sum(effected) AS effected, sum(late) AS late, sum(reversed) AS reversed,
           sum(moved_out) AS moved_out, sum(moved_in) AS moved_in
      FROM (SELECT county, kind, month, submitted, returned, effected, late, reversed, moved_out,
                   moved_in
              FROM case_month
             UNION ALL
            SELECT county, kind, date_trunc('month', day)::date,
                   -count(*) FILTER (WHERE to_state = 'submitted'),
                   -count(*) FILTER (WHERE to_state = 'returned'),
                   -count(*) FILTER (WHERE to_state = 'effected'),
                   -count(*) FILTER (WHERE to_state = 'effected' AND due_on < day),
                   -count(*) FILTER (WHERE to_state = 'reversed'), -count(to_county), 0
              FROM moved GROUP BY 1, 2, 3
             UNION ALL
            SELECT to_county, kind, date_trunc('month', day)::date, 0, 0, 0, 0, 0, 0, -count(*)
              FROM moved WHERE to_county IS NOT NULL GROUP BY 1, 2, 3) d
     GROUP BY 1, 2, 3
)
SELECT 'cases' AS what, county, kind, state, opened_on AS day, cases FROM total WHERE cases <> 0
 UNION ALL
SELECT 'moves', county, kind, '', month, submitted
  FROM by_month
 WHERE (submitted, returned, effected, late, reversed, moved_out, moved_in) <> (0, 0, 0, 0, 0, 0, 0)
