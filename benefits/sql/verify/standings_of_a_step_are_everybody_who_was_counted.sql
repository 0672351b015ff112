-- Each kind of figure of an assessment counts every resident who paid, once.
SELECT s.step_id AS step, s.area, s.kind, sum(s.people) AS summed, r.persons AS counted
  FROM standing_sum s
  JOIN year_step y ON y.id = s.step_id AND y.state = 'done'
  LEFT JOIN (SELECT t.step_id, pooling_area(t.county::bigint * 1000000) AS area,
                    sum(t.persons) AS persons
               FROM step_total t
              WHERE t.item = 'R' OR t.item LIKE 'R+%'
              GROUP BY 1, 2) r ON r.step_id = s.step_id AND r.area = s.area
 GROUP BY s.step_id, s.area, s.kind, r.persons
HAVING sum(s.people) IS DISTINCT FROM r.persons
