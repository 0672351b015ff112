-- activate: cover of the year in force. What happened between opening and the first of January
-- ends the bills of those it happened to; whoever was insured last year and is not this year falls
-- out, with the first reason that applies. Everything else follows from the facts and the year's
-- state, so nobody's row is touched without a reason of its own. The first day of the year decides,
-- not the day of the run: who leaves on the second was covered on the first.
-- Clauses: 安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（一）、（三）.
-- Reads enrollment of both years and person by the slice's range.
-- When an area's step runs again, those whom the province's run had looked at stay decided: it
-- looks at bills that were made since (by shards after %(decided)s, 0 in the province's own run).
WITH this_year AS (
    SELECT e.id, e.person_id, e.region, e.county, e.payable, e.paid, e.ended_on,
           CASE WHEN e.ended_on < %(year_start)s THEN e.ended_for ELSE '' END AS ended_for
      FROM enrollment e
     WHERE e.id BETWEEN %(base)s + %(first)s AND %(base)s + %(last)s
       AND (%(decided)s = 0 OR e.shard > %(decided)s)
), last_year AS (
    SELECT e.person_id, e.region, e.county
      FROM enrollment e
     WHERE e.id BETWEEN %(last_base)s + %(first)s AND %(last_base)s + %(last)s
       AND is_insured(e.id, e.payable, e.paid, e.ended_on)
), employed AS (
    -- In the employee scheme at the end of last year or in any month of this one: work that went on
    -- in December and did not end before the year began. An area's spell is a slot; the bit of
    -- December is 2048.
    SELECT DISTINCT e.person_id
      FROM (SELECT %(employee_last_base)s + slot * 10000000000 AS low, 2048 AS wanted
              FROM generate_series(0, 9) AS slot
             UNION ALL
            SELECT %(employee_base)s + slot * 10000000000, 4095
              FROM generate_series(0, 9) AS slot) s
      JOIN enrollment e ON e.id BETWEEN s.low + %(first)s AND s.low + %(last)s
     WHERE e.id >= %(employee_last_base)s AND e.id < %(employee_base)s + 100000000000
       AND e.months & s.wanted <> 0
       AND (e.id >= %(employee_base)s OR coalesce(e.ended_on > %(year_start)s, true))
), looked_at AS (
    SELECT coalesce(n.person_id, l.person_id) AS person_id,
           coalesce(n.region, l.region) AS region,
           coalesce(n.county, l.county) AS county,
           n.id AS bill, l.person_id IS NOT NULL AS was_insured,
           coalesce(is_insured(n.id, n.payable, n.paid, n.ended_on), false) AS is_paid_up,
           CASE WHEN p.died_on < %(year_start)s THEN 'deceased'
                WHEN m.person_id IS NOT NULL OR p.scheme = 2 THEN 'employee_scheme'
                WHEN p.left_on <= %(year_start)s AND p.left_for = 'moved_out' THEN 'moved_out'
                WHEN n.ended_for = 'moved_out' THEN 'moved_out'
                WHEN p.left_on <= %(year_start)s AND p.left_for = 'duplicate' THEN 'duplicate'
                WHEN n.ended_for = 'duplicate' THEN 'duplicate'
                WHEN p.left_on <= %(year_start)s AND p.left_for = 'other_cover' THEN 'other_cover'
                WHEN n.ended_for = 'other_cover' THEN 'other_cover'
                WHEN n.ended_for = 'refunded' THEN 'refunded'
                -- a reversed registration never was: what is left is that nobody paid
                WHEN n.ended_for NOT IN ('', 'reversed') THEN n.ended_for END AS gone_for,
           CASE WHEN p.died_on < %(year_start)s THEN p.died_on
                WHEN p.left_on <= %(year_start)s AND m.person_id IS NULL AND p.scheme <> 2
                THEN p.left_on END AS gone_on,
           n.ended_on
      FROM this_year n
      FULL JOIN last_year l ON l.person_id = n.person_id
      JOIN person p ON p.id = coalesce(n.person_id, l.person_id)
                   AND p.id BETWEEN %(first)s AND %(last)s
      LEFT JOIN employed m ON m.person_id = p.id
     WHERE coalesce(n.region, l.region) BETWEEN %(area_first)s AND %(area_last)s
       AND (%(decided)s = 0
            OR n.id IS NOT NULL
               AND NOT EXISTS (SELECT FROM fallout f WHERE f.id = %(base)s + p.id))
), result AS MATERIALIZED (
    SELECT person_id, region, county, bill, gone_for, was_insured,
           is_paid_up AND gone_for IS NULL AS is_insured,
           -- a year that ended before it began ended on the eve of its first day
           least(coalesce(gone_on, %(year_start)s - 1), %(year_start)s - 1) AS ends_on,
           bill IS NOT NULL AND gone_for IS NOT NULL AND ended_on IS NULL AS ends_now
      FROM looked_at
), ended AS (
    UPDATE enrollment e
       SET ended_on = r.ends_on, ended_for = r.gone_for
      FROM result r
     WHERE NOT %(rehearse)s
       AND r.ends_now
       AND e.id = r.bill
       AND e.id BETWEEN %(base)s + %(first)s AND %(base)s + %(last)s
       AND e.ended_on IS NULL  -- nobody ended it meanwhile
), fallen AS (
    INSERT INTO fallout (id, person_id, region, reason, shard)
    SELECT %(base)s + person_id, person_id, region, coalesce(gone_for, 'unpaid'), %(shard)s
      FROM result
     WHERE NOT %(rehearse)s AND was_insured AND NOT is_insured
    ON CONFLICT DO NOTHING
), counted AS (
    SELECT county, person_id, 'insured_last_year' AS item FROM result WHERE was_insured
    UNION ALL
    SELECT county, person_id, 'insured' FROM result WHERE is_insured
    UNION ALL
    SELECT county, person_id, 'joined' FROM result WHERE is_insured AND NOT was_insured
    UNION ALL
    SELECT county, person_id, 'lapsed_before' FROM result
     WHERE NOT is_insured AND NOT was_insured
    UNION ALL
    SELECT county, person_id, 'fallout:' || coalesce(gone_for, 'unpaid') FROM result
     WHERE was_insured AND NOT is_insured
)
INSERT INTO shard_total (shard_id, county, item, persons, output_hash)
SELECT %(shard)s, county, item, count(*), bit_xor(hashint8extended(person_id, hashtextextended(item, 0)))
  FROM counted
 GROUP BY county, item
