-- assess: the standing of a slice in a benefit year, from the standing of the year before and what
-- happened in between; the same rules as benefits/rules/cap.py and waiting.py for one person.
-- Clauses: 皖医保发〔2024〕6号 一（二）.
-- Reads person, standing of the year before, enrollment of the year, claim_use of the year before by
-- the slice's range of keys; employee spells of both years by range; the step's terms, one row an
-- area. With %(among)s (people whose facts changed) the same by look-ups of their keys.
-- {target} is the year under construction, which has no index yet, or the attached table. A row that is
-- there already stays, or is written anew (assess_again.sql).
WITH spell AS (
    SELECT e.person_id,
           bool_or(e.id < %(employee_base)s) AS before, bool_or(e.id >= %(employee_base)s) AS now,
           bool_or(e.id >= %(employee_base)s OR e.months & 2048 <> 0) AS employed
      FROM (SELECT %(employee_last_base)s + slot * 10000000000 AS low
              FROM generate_series(0, 9) AS slot
             UNION ALL
            SELECT %(employee_base)s + slot * 10000000000 FROM generate_series(0, 9) AS slot) s
      JOIN enrollment e ON e.id BETWEEN s.low + %(first)s AND s.low + %(last)s
     WHERE %(among)s::bigint[] IS NULL
       AND e.id >= %(employee_last_base)s AND e.id < %(employee_base)s + 100000000000
       AND e.months <> 0
     GROUP BY e.person_id
     UNION ALL
    SELECT e.person_id, bool_or(e.id < %(employee_base)s), bool_or(e.id >= %(employee_base)s),
           bool_or(e.id >= %(employee_base)s OR e.months & 2048 <> 0)
      FROM enrollment e
     WHERE e.id = ANY(%(spells)s::bigint[])
       AND e.months <> 0
     GROUP BY e.person_id
), earlier AS (
    -- Before the first year that counts there is no standing: only whether there was cover at all.
    SELECT DISTINCT e.person_id
      FROM (SELECT DISTINCT y.year FROM year_run y
             WHERE %(skipped)s::int IS NOT NULL AND %(among)s::bigint[] IS NULL
               AND y.mode = 'real' AND y.year < %(year)s) y
     CROSS JOIN (SELECT 100000000000 UNION ALL
                 SELECT 200000000000 + slot * 10000000000
                   FROM generate_series(0::bigint, 9) slot) part (low)
      JOIN enrollment e ON e.id BETWEEN y.year * 1000000000000 + part.low + %(first)s
                                    AND y.year * 1000000000000 + part.low + %(last)s
                       AND e.id < %(base)s
     WHERE CASE WHEN part.low = 100000000000
                THEN is_insured(e.id, e.payable, e.paid, e.ended_on) ELSE e.months <> 0 END
     UNION
    SELECT e.person_id
      FROM enrollment e
     WHERE e.id = ANY(%(earlier)s::bigint[])
       AND CASE WHEN e.id / 100000000000 %% 10 = 1
                THEN is_insured(e.id, e.payable, e.paid, e.ended_on) ELSE e.months <> 0 END
), held AS (
    -- The groups without wait that somebody belonged to; newborns first, because their cover begins
    -- with their birth.
    SELECT c.person_id, array_agg(c.category ORDER BY c.category <> 'newborn', c.category) AS groups,
           array_agg(c.valid ORDER BY c.category <> 'newborn', c.category) AS days
      FROM person_category c
     WHERE c.person_id BETWEEN %(first)s AND %(last)s
       AND (%(among)s::bigint[] IS NULL OR c.person_id = ANY(%(among)s::bigint[]))
       AND c.qualified
       AND c.category = ANY(ARRAY(SELECT DISTINCT unnest(exemptions) FROM standing_terms
                                   WHERE step_id = %(terms)s))
     GROUP BY c.person_id
), fact AS (
    SELECT p.id, coalesce(e.region, p.insured_region) AS region, p.birth_date,
           CASE WHEN is_insured(e.id, e.payable, e.paid, e.ended_on)
                 AND (%(activated)s
                      OR p.scheme = 1 AND NOT coalesce(m.employed, false)
                         AND coalesce(p.died_on >= %(year_start)s, true)
                         AND coalesce(p.left_on > %(year_start)s, true))
                THEN 'R'
                WHEN m.now
                  OR %(provisional)s AND p.scheme = 2 AND p.left_on IS NULL
                     AND coalesce(p.died_on >= %(year_start)s, true)
                THEN 'E'
                ELSE 'N' END AS cover,
           -- An employee member is taken as covered while the year runs; without a month he was not.
           CASE WHEN s.cover = 'E' AND NOT coalesce(m.before, false) THEN 'N' ELSE s.cover END
               AS last_cover,
           CASE WHEN s.cover = 'E' AND NOT coalesce(m.before, false) THEN 0
                ELSE coalesce(s.streak, 0) END AS last_streak,
           s.gap_years,
           CASE WHEN a.person_id IS NOT NULL THEN %(skipped)s::int ELSE 0 END AS skipped,
           coalesce(s.broken_years_total, 0) AS last_broken,
           coalesce(s.continuity_bonus, 0) AS continuity_bonus,
           coalesce(s.zero_claim_bonus, 0) AS zero_claim_bonus,
           coalesce(u.fund_paid + u.major_illness_paid, 0) = 0 AS is_zero_claim,
           s.bonus_applied > 0
               AND coalesce(u.major_illness_paid, 0) > s.cap - s.bonus_applied AS bonus_used,
           s.person_id IS NULL AND a.person_id IS NULL AS is_new,
           coalesce(e.paid_on, e.due_on) AS paid_on, e.repaired_years, e.repaired_on,
           h.groups, h.days
      FROM person p
      LEFT JOIN enrollment e ON e.id = %(base)s + p.id
                            AND e.id BETWEEN %(base)s + %(first)s AND %(base)s + %(last)s
      LEFT JOIN standing s ON s.id = %(last_base)s + p.id
                          AND s.id BETWEEN %(last_base)s + %(first)s AND %(last_base)s + %(last)s
                          AND %(skipped)s::int IS NULL
      LEFT JOIN claim_use u ON u.id = %(last_base)s + p.id
                           AND u.id BETWEEN %(last_base)s + %(first)s AND %(last_base)s + %(last)s
      LEFT JOIN spell m ON m.person_id = p.id
      LEFT JOIN earlier a ON a.person_id = p.id
      LEFT JOIN held h ON h.person_id = p.id
     WHERE p.id BETWEEN %(first)s AND %(last)s
       AND (%(among)s::bigint[] IS NULL OR p.id = ANY(%(among)s::bigint[]))
       -- Of the whole province nothing is asked: the planner takes any test for one in two hundred.
       AND (%(area_first)s = 0
            OR coalesce(e.region, p.insured_region) BETWEEN %(area_first)s AND %(area_last)s)
    OFFSET 0  -- planned apart from the terms, of which the planner expects few to match
), state AS MATERIALIZED (
    SELECT f.id, f.region, f.birth_date, f.cover, t.area,
           CASE WHEN f.last_cover = 'N' THEN f.gap_years + 1 ELSE f.skipped END AS gap_years,
           CASE f.cover WHEN 'R' THEN f.last_streak + 1 WHEN 'N' THEN 0 ELSE f.last_streak END
               AS streak,
           f.last_broken + f.skipped + coalesce(f.last_cover = 'N', false)::int AS broken_total,
           f.continuity_bonus,
           f.cover = 'R' AND f.last_streak + 1 > t.streak_needed AS gains_continuity,
           f.zero_claim_bonus,
           coalesce(f.cover = 'R' AND f.last_cover = 'R' AND f.is_zero_claim, false)
               AS gains_zero_claim,
           coalesce(f.last_cover = 'R' AND f.bonus_used, false) AS used_bonus,
           f.is_new,
           coalesce(f.paid_on, t.window_last) AS paid_on,
           coalesce(f.paid_on <= t.window_last, true) AS inside,
           CASE WHEN f.groups IS NOT NULL AND f.cover = 'R'
                THEN (SELECT x.category
                        FROM unnest(f.groups, f.days) WITH ORDINALITY x (category, valid, place)
                       WHERE x.category = ANY(t.exemptions)
                         AND x.valid @> coalesce(f.paid_on, t.window_last)
                       ORDER BY x.place LIMIT 1) END AS exemption,
           f.repaired_years, coalesce(f.repaired_on, f.paid_on) AS repaired_on
      FROM fact f
      JOIN standing_terms t ON t.step_id = %(terms)s AND t.area = pooling_area(f.region)
     WHERE f.cover <> 'N' OR NOT f.is_new
), broken AS (
    -- The few whose contribution did not simply begin the year. Their broken years: consecutive, from
    -- the first year that counts, and as the area reads a missed window and the years of people
    -- never covered before.
    SELECT s.id, s.birth_date, s.paid_on, s.inside, s.exemption, s.repaired_years, s.repaired_on,
           t.fixed_months, t.variable_offset, t.floor_years, t.floor_total_months, t.newborn_days,
           b.years + (t.count_missed_window_year AND b.years > 0 AND NOT s.inside)::int AS years,
           s.exemption IS NULL
               AND (b.years > 0
                    OR NOT (s.inside OR coalesce(s.paid_on <= t.grace_end, false))) AS waits
      FROM state s
      JOIN standing_terms t ON t.step_id = %(terms)s AND t.area = s.area
     CROSS JOIN LATERAL (
        SELECT CASE WHEN NOT s.is_new
                    THEN least(s.gap_years, greatest(%(year)s - t.count_breaks_from, 0))
                    WHEN t.never_enrolled_counts
                    THEN greatest(%(year)s - greatest(t.count_breaks_from,
                                                      extract(year FROM s.birth_date)::int), 0)
                    ELSE 0 END AS years
      ) b
     WHERE s.cover = 'R'
       AND (s.gap_years > 0 OR NOT s.inside OR s.exemption IS NOT NULL
            OR s.is_new AND t.never_enrolled_counts)
), months AS (
    SELECT b.*,
           CASE WHEN waits THEN fixed_months ELSE 0 END AS fixed,
           CASE WHEN waits AND years > 0 THEN greatest(years - variable_offset, 0) ELSE 0 END
               AS variable,
           CASE WHEN waits AND years >= floor_years
                THEN greatest(floor_total_months - fixed_months, 0) ELSE 0 END AS floor
      FROM broken b
), repaired AS (
    -- A repair counts up to the useful years, and only until the start that it leads to.
    SELECT m.*,
           CASE WHEN repaired_years > 0 AND variable > floor
                 AND repaired_on <= (CASE WHEN inside THEN %(year_start)s ELSE paid_on END
                                     + make_interval(months => fixed
                                                     + greatest(variable - repaired_years, floor)))
                THEN least(repaired_years, variable - floor) ELSE 0 END AS repair
      FROM months m
), wait AS (
    SELECT r.id, years, fixed, variable, greatest(variable - repair, floor) AS variable_months,
           CASE WHEN waits
                THEN greatest((CASE WHEN inside THEN %(year_start)s ELSE paid_on END
                               + make_interval(months => fixed + greatest(variable - repair, floor))
                              )::date,
                              CASE WHEN repair > 0 THEN repaired_on + 1 END)
                WHEN exemption = 'newborn' AND paid_on - birth_date <= newborn_days
                THEN greatest(birth_date, %(year_start)s)
                WHEN inside THEN %(year_start)s
                ELSE paid_on + 1 END AS begins
      FROM repaired r
), earned AS (
    SELECT s.*, t.incentive_step, t.penalty_step, t.base_cap, t.limit_rate,
           CASE WHEN s.gains_continuity THEN s.continuity_bonus + t.incentive_step
                ELSE s.continuity_bonus END AS continuity,
           CASE WHEN s.used_bonus THEN 0 ELSE s.zero_claim_bonus END
               + CASE WHEN s.gains_zero_claim THEN t.incentive_step ELSE 0 END AS zero_claim,
           w.id IS NOT NULL AS is_judged, w.years, w.fixed, w.variable, w.variable_months, w.begins
      FROM state s
      JOIN standing_terms t ON t.step_id = %(terms)s AND t.area = s.area
      LEFT JOIN wait w ON w.id = s.id
    OFFSET 0
), limited AS (
    SELECT e.*,
           least(continuity + zero_claim, round(base_cap * limit_rate, 2)) AS bonus,
           CASE WHEN broken_total = 0 THEN 0
                ELSE least(penalty_step * broken_total, round(base_cap * limit_rate, 2)) END
               AS penalty
      FROM earned e
    OFFSET 0
), written AS (
    INSERT INTO {target} (id, person_id, region, shard, cover, gap_years, streak,
                          broken_years_total, continuity_bonus, continuity_gain, zero_claim_bonus,
                          zero_claim_gain, zero_claim_cleared, base_cap, bonus_applied,
                          penalty_applied, cap, paid_on, exemption, broken_years, fixed_months,
                          variable_before, repaired_months, variable_months, benefit_start)
    SELECT %(base)s + id, id, region, %(shard)s, cover, gap_years, streak, broken_total,
           continuity, CASE WHEN gains_continuity THEN incentive_step ELSE 0 END, zero_claim,
           CASE WHEN gains_zero_claim THEN incentive_step ELSE 0 END,
           CASE WHEN used_bonus THEN zero_claim_bonus ELSE 0 END,
           CASE WHEN cover = 'R' THEN base_cap END,
           CASE WHEN cover = 'R' THEN bonus END,
           CASE WHEN cover = 'R' THEN penalty END,
           CASE WHEN cover = 'R' THEN base_cap + bonus - penalty END,
           CASE WHEN cover = 'R' THEN paid_on END,
           coalesce(exemption, ''),
           CASE WHEN is_judged THEN years WHEN cover = 'R' THEN 0 END,
           CASE WHEN is_judged THEN fixed WHEN cover = 'R' THEN 0 END,
           CASE WHEN is_judged THEN variable WHEN cover = 'R' THEN 0 END,
           CASE WHEN is_judged THEN greatest(variable - variable_months, 0)
                WHEN cover = 'R' THEN 0 END,
           CASE WHEN is_judged THEN variable_months WHEN cover = 'R' THEN 0 END,
           CASE WHEN NOT is_judged AND cover = 'R' THEN %(year_start)s
                WHEN begins <= %(year_end)s THEN begins END
      FROM limited
    ON CONFLICT {again}
    RETURNING county,
              concat_ws('+', cover, CASE WHEN fixed_months > 0 THEN 'wait' END,
                        CASE WHEN cap IS NOT NULL AND benefit_start IS NULL THEN 'nothing' END,
                        CASE WHEN bonus_applied > 0 THEN 'bonus' END,
                        CASE WHEN penalty_applied > 0 THEN 'penalty' END) AS item,
              -- Small counts side by side in one number; the other figures follow from these.
              hashint8extended(id, hashint8extended(
                  streak + broken_years_total * 1000::bigint + gap_years * 1000000::bigint
                  + coalesce(fixed_months + variable_months * 100 + variable_before * 10000, 0)
                    * 1000000000::bigint,
                  hashint8extended(coalesce(benefit_start - '2000-01-01', 0),
                      hash_numeric_extended(continuity_bonus,
                          hash_numeric_extended(zero_claim_bonus,
                              hash_numeric_extended(coalesce(cap, -1), region)))))) AS row_hash
)
INSERT INTO shard_total (shard_id, county, item, persons, output_hash)
SELECT %(shard)s, county, item, count(*), bit_xor(row_hash)
  FROM written
 WHERE %(shard)s::bigint IS NOT NULL
 GROUP BY county, item
