-- What pages tell of a round is the sum of its lists: by township and kind of list how many were pushed,
-- answered and have paid up since, and by county the same on each day.
WITH told AS (
    SELECT p.step_id, p.region / 1000 * 1000 AS region, p.county, p.kind, p.side, p.pushed_on,
           p.told_on,
           CASE WHEN e.id IS NOT NULL AND is_paid_up(e.id, e.payable, e.paid, e.ended_on)
                THEN counted_on(e.paid_on, p.pushed_on) END AS paid_day
      FROM push p
      LEFT JOIN enrollment e ON e.id = p.year * 1000000000000 + 100000000000 + p.person_id
), by_township AS (
    SELECT step_id, region, kind, side, sum(pushed) AS pushed, sum(answered) AS answered,
           sum(paid) AS paid
      FROM (SELECT step_id, region, kind, side, pushed, answered, paid FROM push_total
             UNION ALL
            SELECT step_id, region, kind, side, -1, -(told_on IS NOT NULL)::int,
                   -(paid_day IS NOT NULL)::int
              FROM told) d
     GROUP BY 1, 2, 3, 4
), by_day AS (
    SELECT step_id, county, day, sum(pushed) AS pushed, sum(answered) AS answered, sum(paid) AS paid
      FROM (SELECT step_id, county, day, pushed, answered, paid FROM push_day
             UNION ALL
            SELECT step_id, county, pushed_on, -1, 0, 0 FROM told
             UNION ALL
            SELECT step_id, county, told_on, 0, -1, 0 FROM told WHERE told_on IS NOT NULL
             UNION ALL
            SELECT step_id, county, paid_day, 0, 0, -1 FROM told WHERE paid_day IS NOT NULL) d
     GROUP BY 1, 2, 3
)
SELECT step_id, region AS place, NULL::date AS day, pushed, answered, paid
  FROM by_township WHERE (pushed, answered, paid) <> (0, 0, 0)
 UNION ALL
SELECT step_id, county, day, pushed, answered, paid
  FROM by_day WHERE (pushed, answered, paid) <> (0, 0, 0)
