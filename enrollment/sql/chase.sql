-- chase: who of a slice has not paid the bill of the year, and who is insured nowhere, once on the list
-- of the registered area and once on that of the habitual one; once where one of the two holds the
-- other. An area outside of the province gets no list; where both are, the place of insurance does.
-- Clauses: 皖医保发〔2024〕6号 二（三）; 安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（一）.
-- Whoever is in the employee scheme, has other statutory cover, has left, died or is insured elsewhere is
-- nobody's to push. Reads person and enrollment of the year by the slice's range, the deadlines of the
-- step (one row an area).
WITH employed AS (
    -- with a month of the year in the employee scheme that has not ended
    SELECT DISTINCT e.person_id
      FROM (SELECT %(employee_base)s + slot * 10000000000 AS low
              FROM generate_series(0, 9) AS slot) s
      JOIN enrollment e ON e.id BETWEEN s.low + %(first)s AND s.low + %(last)s
     WHERE e.id >= %(employee_base)s AND e.id < %(employee_base)s + 100000000000
       AND e.months <> 0 AND e.ended_on IS NULL
), open_person AS (
    SELECT p.id, p.name, p.id_mask, p.insured_region, p.household_region, p.residence_region,
           extract(year FROM p.birth_date)::smallint AS birth_year,
           CASE WHEN e.ended_on IS NULL AND e.id IS NOT NULL THEN 'unpaid' ELSE 'uninsured' END
               AS kind,
           CASE WHEN e.ended_on IS NULL AND e.id IS NOT NULL THEN e.payable - e.paid ELSE 0 END
               AS owed
      FROM person p
      LEFT JOIN enrollment e ON e.id = %(base)s + p.id
                            AND e.id BETWEEN %(base)s + %(first)s AND %(base)s + %(last)s
      LEFT JOIN employed m ON m.person_id = p.id
     WHERE p.id BETWEEN %(first)s AND %(last)s
       AND p.scheme = 1
       AND m.person_id IS NULL
       AND (p.died_on IS NULL OR p.died_on > %(on)s)
       -- on file and not registered is the very one who is insured nowhere
       AND (p.left_on IS NULL OR p.left_on > %(on)s OR p.left_for = 'not_registered')
       AND CASE WHEN e.id IS NULL THEN true
                WHEN e.ended_on IS NULL THEN e.paid < e.payable
                ELSE e.ended_for NOT IN ('deceased', 'moved_out', 'duplicate', 'other_cover') END
), placed AS (
    SELECT o.*, h.area IS NOT NULL AS is_registered_here, r.area IS NOT NULL AS lives_here,
           o.household_region = o.residence_region
               OR region_holds(o.household_region, o.residence_region)
               OR region_holds(o.residence_region, o.household_region) AS is_one
      FROM open_person o
      LEFT JOIN step_deadline h ON h.step_id = %(step)s AND h.area = pooling_area(o.household_region)
      LEFT JOIN step_deadline r ON r.step_id = %(step)s AND r.area = pooling_area(o.residence_region)
), listed AS MATERIALIZED (
    SELECT p.id, p.name, p.id_mask, p.birth_year, p.kind, p.owed, s.side, s.region, s.is_first, d.due_on
      FROM placed p
     CROSS JOIN LATERAL (
           -- the finer of the two, where one holds the other
           SELECT 'one', greatest(p.household_region, p.residence_region), true
            WHERE p.is_one AND p.lives_here
            UNION ALL
           SELECT 'household', p.household_region, true WHERE NOT p.is_one AND p.is_registered_here
            UNION ALL
           SELECT 'residence', p.residence_region, NOT p.is_registered_here
            WHERE NOT p.is_one AND p.lives_here
            UNION ALL
           SELECT 'insured', p.insured_region, true
            WHERE NOT p.lives_here AND NOT p.is_registered_here
           ) s (side, region, is_first)
      JOIN step_deadline d ON d.step_id = %(step)s AND d.area = pooling_area(s.region)
     WHERE s.region BETWEEN %(area_first)s AND %(area_last)s
), pushed AS (
    INSERT INTO push (step_id, year, pushed_on, due_on, person_id, region, kind, side, owed, name,
                      id_mask, birth_year, shard)
    SELECT %(step)s, %(year)s, %(on)s, due_on, id, region, kind, side, owed, name, id_mask,
           birth_year, %(shard)s
      FROM listed
     WHERE NOT %(rehearse)s
     ORDER BY region, id
)
-- people by what they are on their first list; the lists of a second area are an item of their own
INSERT INTO shard_total (shard_id, county, item, persons, payable, output_hash)
SELECT %(shard)s, region / 1000000, CASE WHEN is_first THEN kind ELSE 'second_list' END, count(*),
       sum(CASE WHEN is_first THEN owed ELSE 0 END),
       bit_xor(hashint8extended(id, hashint8extended(region, hashtextextended(side || kind,
           hash_numeric_extended(owed, 0)))))
  FROM listed
 GROUP BY region / 1000000, CASE WHEN is_first THEN kind ELSE 'second_list' END
