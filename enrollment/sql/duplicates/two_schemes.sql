-- Duplicates across the schemes: a resident year that goes on beside employee months of the same year
-- (皖医保发〔2024〕6号 二（三）; 安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（一）). Months before
-- resident cover began do not count. What was found before, decided or not, is not found again.
-- Reads enrollment by the slice's range of keys: the resident row and ten spells a person.
WITH spells AS (
    SELECT e.person_id, bit_or(e.months::int) AS months
      FROM (SELECT %(base)s + 200000000000 + slot * 10000000000 AS low
              FROM generate_series(0::bigint, 9) AS slot) s
      JOIN enrollment e ON e.id BETWEEN s.low + %(first)s AND s.low + %(last)s
     WHERE e.id >= %(base)s + 200000000000
       AND e.id < %(base)s + 300000000000
       AND e.months <> 0
       AND e.ended_for NOT IN ('duplicate', 'reversed')
     GROUP BY e.person_id
), found AS (
    SELECT r.person_id, r.region,
           s.months & CASE WHEN r.benefit_start > make_date(%(year)s, 12, 31) THEN 0
                           WHEN r.benefit_start > make_date(%(year)s, 1, 1)
                           THEN 4095 & ~((1 << extract(month FROM r.benefit_start)::int - 1) - 1)
                           ELSE 4095 END AS months
      FROM spells s
      JOIN enrollment r ON r.id = %(base)s + 100000000000 + s.person_id
                       AND r.id BETWEEN %(base)s + 100000000000 + %(first)s
                                    AND %(base)s + 100000000000 + %(last)s
     WHERE r.ended_on IS NULL
       AND r.suspended_from IS NULL
)
INSERT INTO finding (kind, person_id, region, year, told, details)
SELECT 'two_schemes', person_id, region, %(year)s, '',
       jsonb_build_object('months', (SELECT string_agg(m::text, ',' ORDER BY m)
                                       FROM generate_series(1, 12) m
                                      WHERE months >> (m - 1) & 1 = 1))
  FROM found
 WHERE months <> 0
 ORDER BY person_id
ON CONFLICT ON CONSTRAINT a_finding_is_queued_once DO NOTHING
