-- Duplicates across areas: spells of the employee scheme in two pooling areas in the same months. A
-- resident has one row a year, so that nobody is a resident of two areas.
-- Reads enrollment by the slice's range of keys: ten spells a person.
WITH spells AS (
    SELECT e.id, e.person_id, e.region, e.months::int AS months
      FROM (SELECT %(base)s + 200000000000 + slot * 10000000000 AS low
              FROM generate_series(0::bigint, 9) AS slot) s
      JOIN enrollment e ON e.id BETWEEN s.low + %(first)s AND s.low + %(last)s
     WHERE e.id >= %(base)s + 200000000000
       AND e.id < %(base)s + 300000000000
       AND e.months <> 0
       AND e.ended_for NOT IN ('duplicate', 'reversed')
), found AS (
    SELECT a.person_id, bit_or(a.months & b.months) AS months
      FROM spells a
      JOIN spells b ON b.person_id = a.person_id
                   AND b.id > a.id
                   AND b.months & a.months <> 0
                   AND pooling_area(b.region) <> pooling_area(a.region)
     GROUP BY a.person_id
)
INSERT INTO finding (kind, person_id, region, year, told, details)
SELECT 'two_areas', f.person_id, p.insured_region, %(year)s, '',
       jsonb_build_object('months', (SELECT string_agg(m::text, ',' ORDER BY m)
                                       FROM generate_series(1, 12) m
                                      WHERE f.months >> (m - 1) & 1 = 1))
  FROM found f
  JOIN person p ON p.id = f.person_id
 ORDER BY f.person_id
ON CONFLICT ON CONSTRAINT a_finding_is_queued_once DO NOTHING
