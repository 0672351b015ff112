-- assess, after its sequel: how many paid residents of a slice have the same streak, bonus, wait and so
-- on, by pooling area, added to those of the slices before. Reads standing by the slice's range of keys.
-- The last thing a slice does, in the order of the key: two slices wait for each other and never cross.
INSERT INTO standing_sum AS s (step_id, area, kind, value, people)
SELECT %(step)s, g.area, v.kind, v.value, sum(g.people) AS people
  FROM (SELECT pooling_area(c.county::bigint * 1000000) AS area, streak, bonus_applied,
               penalty_applied, wait, gap_years, repaired_months, sum(people) AS people
          FROM (SELECT county, streak, bonus_applied, penalty_applied,
                       fixed_months + variable_months AS wait, gap_years, repaired_months,
                       count(*) AS people
                  FROM standing
                 WHERE id BETWEEN %(base)s + %(first)s AND %(base)s + %(last)s
                   AND region BETWEEN %(area_first)s AND %(area_last)s
                   AND cover = 'R'
                 GROUP BY 1, 2, 3, 4, 5, 6, 7) c
         GROUP BY 1, 2, 3, 4, 5, 6, 7) g
 CROSS JOIN LATERAL (VALUES ('streak', g.streak::numeric), ('bonus', g.bonus_applied),
                            ('penalty', g.penalty_applied), ('wait', g.wait),
                            ('gap', g.gap_years), ('repaired', g.repaired_months)) v (kind, value)
 GROUP BY g.area, v.kind, v.value
 ORDER BY g.area, v.kind, v.value
ON CONFLICT (step_id, area, kind, value) DO UPDATE SET people = s.people + excluded.people
