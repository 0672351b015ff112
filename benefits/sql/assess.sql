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
), exempt AS (
    -- Who belonged to a group without wait on the day of payment; newborns first, because their
    -- cover begins with their birth.
    SELECT DISTINCT ON (c.person_id) c.person_id, c.category
      FROM person_category c
      JOIN enrollment e ON e.id = %(base)s + c.person_id
                       AND e.id BETWEEN %(base)s + %(first)s AND %(base)s + %(last)s
      JOIN standing_terms t ON t.step_id = %(terms)s AND t.area = pooling_area(e.region)
     WHERE c.person_id BETWEEN %(first)s AND %(last)s
       AND (%(among)s::bigint[] IS NULL OR c.person_id = ANY(%(among)s::bigint[]))
       AND c.qualified
       AND c.category = ANY(t.exemptions)
       AND c.valid @> coalesce(e.paid_on, e.due_on, t.window_last)
     ORDER BY c.person_id, c.category <> 'newborn', c.category
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
           coalesce(e.paid_on, e.due_on) AS paid_on, e.repaired_years, e.repaired_on
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
     WHERE p.id BETWEEN %(first)s AND %(last)s
       AND (%(among)s::bigint[] IS NULL OR p.id = ANY(%(among)s::bigint[]))
       AND coalesce(e.region, p.insured_region) BETWEEN %(area_first)s AND %(area_last)s
), state AS MATERIALIZED (
    SELECT f.id, f.region, f.birth_date, f.cover, t.area,
           CASE WHEN f.last_cover = 'N' THEN f.gap_years + 1 ELSE f.skipped END AS gap_years,
           CASE f.cover WHEN 'R' THEN f.last_streak + 1 WHEN 'N' THEN 0 ELSE f.last_streak END
               AS streak,
           f.last_broken + f.skipped + coalesce(f.last_cover = 'N', false)::int AS broken_total,
           f.continuity_bonus,
           CASE WHEN f.cover = 'R' AND f.last_streak + 1 > t.streak_needed THEN t.incentive_step
                ELSE 0 END AS continuity_gain,
           f.zero_claim_bonus,
           CASE WHEN f.cover = 'R' AND f.last_cover = 'R' AND f.is_zero_claim THEN t.incentive_step
                ELSE 0 END AS zero_claim_gain,
           CASE WHEN f.last_cover = 'R' AND f.bonus_used THEN f.zero_claim_bonus ELSE 0 END
               AS zero_claim_cleared,
           f.is_new,
           coalesce(f.paid_on, t.window_last) AS paid_on,
           coalesce(f.paid_on <= t.window_last, true) AS inside,
           x.category AS exemption, f.repaired_years, coalesce(f.repaired_on, f.paid_on) AS repaired_on
      FROM fact f
      JOIN standing_terms t ON t.step_id = %(terms)s AND t.area = pooling_area(f.region)
      LEFT JOIN exempt x ON x.person_id = f.id
     WHERE f.cover <> 'N' OR NOT f.is_new
), broken AS (
    -- The broken years of the wait: consecutive, from the first year that counts, and as the area
    -- reads a missed window and the years of people never covered before.
    SELECT s.*, t.base_cap, round(t.base_cap * t.limit_rate, 2) AS limit_yuan,
           s.continuity_bonus + s.continuity_gain AS continuity,
           s.zero_claim_bonus - s.zero_claim_cleared + s.zero_claim_gain AS zero_claim,
           t.penalty_step, t.fixed_months, t.variable_offset, t.floor_years, t.floor_total_months,
           t.newborn_days,
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
                 AND r.days <= (CASE WHEN inside THEN %(year_start)s ELSE paid_on END
                                + make_interval(months => fixed
                                                + greatest(variable - repaired_years, floor)))
                THEN least(repaired_years, variable - floor) ELSE 0 END AS repair
      FROM months m
     CROSS JOIN LATERAL (SELECT m.repaired_on AS days) r
), start AS (
    SELECT r.*,
           greatest(variable - repair, floor) AS variable_months,
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
), written AS (
    INSERT INTO {target} (id, person_id, region, shard, cover, gap_years, streak,
                          broken_years_total, continuity_bonus, continuity_gain, zero_claim_bonus,
                          zero_claim_gain, zero_claim_cleared, base_cap, bonus_applied,
                          penalty_applied, cap, paid_on, exemption, broken_years, fixed_months,
                          variable_before, repaired_months, variable_months, benefit_start)
    SELECT %(base)s + id, id, region, %(shard)s, cover, gap_years, streak, broken_total,
           continuity, continuity_gain, zero_claim, zero_claim_gain, zero_claim_cleared,
           CASE WHEN cover = 'R' THEN base_cap END,
           CASE WHEN cover = 'R' THEN least(continuity + zero_claim, limit_yuan) END,
           CASE WHEN cover = 'R' THEN least(penalty_step * broken_total, limit_yuan) END,
           CASE WHEN cover = 'R' THEN base_cap + least(continuity + zero_claim, limit_yuan)
                                      - least(penalty_step * broken_total, limit_yuan) END,
           CASE WHEN cover = 'R' THEN paid_on END,
           CASE WHEN cover = 'R' THEN coalesce(exemption, '') ELSE '' END,
           CASE WHEN cover = 'R' THEN years END,
           CASE WHEN cover = 'R' THEN fixed END,
           CASE WHEN cover = 'R' THEN variable END,
           CASE WHEN cover = 'R' THEN greatest(variable - variable_months, 0) END,
           CASE WHEN cover = 'R' THEN variable_months END,
           CASE WHEN cover = 'R' AND begins <= %(year_end)s THEN begins END
      FROM start
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
