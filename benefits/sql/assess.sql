-- assess: the standing of a slice in a benefit year, from the standing of the year before and what
-- happened in between; the same rules as benefits/rules/cap.py and waiting.py for one person.
-- Clauses: 皖医保发〔2024〕6号 一（二）.
-- Reads person, enrollment of the year, standing of the year before with the claim_use of its key by
-- the slice's range of keys, each in the order of its key and merged: hash tables of a slice outgrow
-- the processor's cache. Employee spells of both years by range; the step's terms, one row an area.
-- With %(among)s (people whose facts changed) the same by look-ups of their keys.
-- {target} is the year under construction, which has no index yet, or the attached table. A row that is
-- there already stays, or is written anew (assess_again.sql).
WITH spell AS (
    SELECT e.person_id,
           bool_or(e.id < %(employee_base)s) AS before, bool_or(e.id >= %(employee_base)s) AS now,
           bool_or(e.id >= %(employee_base)s
                   OR e.months & 2048 <> 0 AND coalesce(e.ended_on > %(year_start)s, true)) AS employed
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
           bool_or(e.id >= %(employee_base)s
                   OR e.months & 2048 <> 0 AND coalesce(e.ended_on > %(year_start)s, true))
      FROM enrollment e
     WHERE e.id = ANY(%(spells)s::bigint[])
       AND e.months <> 0
     GROUP BY e.person_id
), earlier AS (
    -- Before the first year that counts there is no standing: only whether there was cover at all. Asked
    -- of the whole branch, so that the planner leaves it out of every other year.
    SELECT DISTINCT e.person_id
      FROM (SELECT DISTINCT y.year FROM year_run y
             WHERE y.mode = 'real' AND y.year < %(year)s) y
     CROSS JOIN (SELECT 100000000000 UNION ALL
                 SELECT 200000000000 + slot * 10000000000
                   FROM generate_series(0::bigint, 9) slot) part (low)
      JOIN enrollment e ON e.id BETWEEN y.year * 1000000000000 + part.low + %(first)s
                                    AND y.year * 1000000000000 + part.low + %(last)s
                       AND e.id < %(base)s
     WHERE %(skipped)s::int IS NOT NULL AND %(among)s::bigint[] IS NULL
       AND CASE WHEN part.low = 100000000000
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
), few AS (
    -- One join for everybody with what few have; in the first year almost everybody was covered
    -- earlier, and a list of them that outgrew a hash table would be searched once a person.
    SELECT coalesce(m.person_id, h.person_id, w.person_id) AS person_id, m.before, m.now, m.employed,
           h.groups, h.days, w.person_id IS NOT NULL AS covered_earlier
      FROM spell m
      FULL JOIN held h ON h.person_id = m.person_id
      FULL JOIN earlier w ON w.person_id = coalesce(m.person_id, h.person_id)
), fact AS (
    -- Cover of the year and of the year before: 1 resident, 2 employee, 0 none. An employee member is
    -- taken as covered while the year runs; without a month he was not.
    SELECT p.id, coalesce(e.region, p.insured_region) AS region, p.birth_date,
           CASE WHEN e.is_insured
                 AND (%(activated)s
                      OR p.scheme = 1 AND NOT coalesce(m.employed, false)
                         AND coalesce(p.died_on >= %(year_start)s, true)
                         AND coalesce(p.left_on > %(year_start)s, true))
                THEN 1
                WHEN m.now
                  OR %(provisional)s AND p.scheme = 2 AND p.left_on IS NULL
                     AND coalesce(p.died_on >= %(year_start)s, true)
                THEN 2
                ELSE 0 END AS cover,
           CASE s.cover WHEN 'R' THEN 1 WHEN 'N' THEN 0
                        WHEN 'E' THEN CASE WHEN m.before THEN 2 ELSE 0 END END AS last_cover,
           CASE WHEN m.covered_earlier THEN %(skipped)s::int END AS skipped,
           s.streak AS last_streak, s.gap_years, s.broken_years_total AS last_broken,
           s.continuity_bonus, s.zero_claim_bonus,
           s.is_zero_claim, s.bonus_used,
           e.paid_on, e.repaired_years, e.repaired_on,
           m.groups, m.days
      FROM (SELECT id, insured_region, birth_date, scheme, died_on, left_on FROM person
             WHERE id BETWEEN %(first)s AND %(last)s
               AND (%(among)s::bigint[] IS NULL OR id = ANY(%(among)s::bigint[]))
             ORDER BY id) p
      LEFT JOIN (SELECT id - %(base)s AS person_id, region,
                        is_insured(id, payable, paid, ended_on) AS is_insured,
                        coalesce(paid_on, due_on) AS paid_on, repaired_years, repaired_on
                   FROM enrollment
                  WHERE id BETWEEN %(base)s + %(first)s AND %(base)s + %(last)s
                    AND (%(among)s::bigint[] IS NULL OR id = ANY(%(keys)s::bigint[]))
                  ORDER BY 1) e ON e.person_id = p.id
      LEFT JOIN (SELECT l.id - %(last_base)s AS person_id, l.cover, l.streak, l.gap_years,
                        l.broken_years_total, l.continuity_bonus, l.zero_claim_bonus,
                        -- neither is negative, as no claim is
                        u.id IS NULL OR u.fund_paid = 0 AND u.major_illness_paid = 0 AS is_zero_claim,
                        u.id IS NOT NULL AND l.bonus_applied > 0
                            AND u.major_illness_paid > l.cap - l.bonus_applied AS bonus_used
                   FROM standing l
                   LEFT JOIN claim_use u
                     ON u.id = l.id
                    AND u.id BETWEEN %(last_base)s + %(first)s AND %(last_base)s + %(last)s
                    AND (%(among)s::bigint[] IS NULL OR u.id = ANY(%(last_keys)s::bigint[]))
                  WHERE l.id BETWEEN %(last_base)s + %(first)s AND %(last_base)s + %(last)s
                    AND (%(among)s::bigint[] IS NULL OR l.id = ANY(%(last_keys)s::bigint[]))
                    AND %(skipped)s::int IS NULL
                  ORDER BY 1) s ON s.person_id = p.id
      LEFT JOIN (SELECT * FROM few ORDER BY person_id) m ON m.person_id = p.id
     -- Of the whole province nothing is asked: the planner takes any test for one in two hundred.
     WHERE %(area_first)s = 0
        OR coalesce(e.region, p.insured_region) BETWEEN %(area_first)s AND %(area_last)s
    OFFSET 0  -- planned apart from the terms, of which the planner expects few to match
), term AS (
    SELECT t.*, t AS terms, round(t.base_cap * t.limit_rate, 2)::numeric(10, 2) AS most
      FROM standing_terms t
     WHERE t.step_id = %(terms)s
    OFFSET 0  -- rounded once an area, not once a person; whole as `terms` for the few who wait
), state AS (
    SELECT f.id, f.region, f.birth_date, f.cover,
           CASE WHEN f.last_cover = 0 THEN f.gap_years + 1 ELSE coalesce(f.skipped, 0) END
               AS gap_years,
           CASE f.cover WHEN 1 THEN CASE WHEN f.last_cover > 0 THEN f.last_streak + 1 ELSE 1 END
                        WHEN 2 THEN CASE WHEN f.last_cover > 0 THEN f.last_streak ELSE 0 END
                        ELSE 0 END AS streak,
           coalesce(f.last_broken, 0) + coalesce(f.skipped, 0)
               + CASE WHEN f.last_cover = 0 THEN 1 ELSE 0 END AS broken_total,
           coalesce(f.continuity_bonus, 0.00::numeric(10, 2)) AS continuity_bonus,
           coalesce(f.zero_claim_bonus, 0.00::numeric(10, 2)) AS zero_claim_bonus,
           f.cover = 1 AND f.last_cover = 1 AND f.is_zero_claim AS gains_zero_claim,
           f.last_cover = 1 AND f.bonus_used AS used_bonus,
           f.last_cover IS NULL AND f.skipped IS NULL AS is_new,
           coalesce(f.paid_on, t.window_last) AS paid_on,
           coalesce(f.paid_on <= t.window_last, true) AS inside,
           CASE WHEN f.groups IS NOT NULL AND f.cover = 1
                THEN (SELECT x.category
                        FROM unnest(f.groups, f.days) WITH ORDINALITY x (category, valid, place)
                       WHERE x.category = ANY(t.exemptions)
                         AND x.valid @> coalesce(f.paid_on, t.window_last)
                       ORDER BY x.place LIMIT 1) END AS exemption,
           f.repaired_years, coalesce(f.repaired_on, f.paid_on) AS repaired_on,
           t.streak_needed, t.never_enrolled_counts, t.incentive_step, t.penalty_step,
           CASE WHEN f.cover = 1 THEN t.base_cap END AS base_cap, t.most, t.terms
      FROM fact f
      JOIN term t ON t.area = pooling_area(f.region)
     WHERE f.cover > 0 OR f.last_cover IS NOT NULL OR f.skipped IS NOT NULL
    OFFSET 0
), earned AS (
    SELECT s.id, s.region, s.cover, s.gap_years, s.streak, s.broken_total, s.paid_on, s.exemption,
           s.gains_zero_claim, s.used_bonus, s.zero_claim_bonus, s.incentive_step, s.base_cap,
           s.most, s.cover = 1 AND s.streak > s.streak_needed AS gains_continuity,
           CASE WHEN s.cover = 1 AND s.streak > s.streak_needed
                THEN (s.continuity_bonus + s.incentive_step)::numeric(10, 2)
                ELSE s.continuity_bonus END AS continuity,
           CASE WHEN s.used_bonus
                THEN CASE WHEN s.gains_zero_claim THEN s.incentive_step
                          ELSE 0.00::numeric(10, 2) END
                WHEN s.gains_zero_claim
                THEN (s.zero_claim_bonus + s.incentive_step)::numeric(10, 2)
                ELSE s.zero_claim_bonus END AS zero_claim,
           CASE WHEN s.cover <> 1 THEN NULL::numeric(10, 2)
                WHEN s.broken_total = 0 THEN 0.00::numeric(10, 2)
                ELSE least(s.penalty_step * s.broken_total, s.most)::numeric(10, 2) END AS penalty,
           CASE WHEN s.cover = 1
                 AND (s.gap_years > 0 OR NOT s.inside OR s.exemption IS NOT NULL
                      OR s.is_new AND s.never_enrolled_counts)
                THEN
    -- The few whose contribution did not simply begin the year: broken years, fixed and variable
    -- months, months left after a repair, and the first day as days of the year.
    (SELECT ARRAY[r.years, r.fixed, r.variable, greatest(r.variable - r.repair, r.floor),
                  CASE WHEN r.waits
                       THEN least(greatest((r.counted_from + make_interval(months => r.fixed
                                         + greatest(r.variable - r.repair, r.floor)))::date,
                                     CASE WHEN r.repair > 0 THEN s.repaired_on + 1 END),
                                  -- an override of this one wait (原则上), where there is one
                                  (SELECT (r.counted_from + make_interval(months => o.months))::date
                                          + CASE WHEN o.months > 0 OR s.inside THEN 0 ELSE 1 END
                                     FROM waiting_override o WHERE o.in_force = %(base)s + s.id))
                       WHEN s.exemption = 'newborn' AND s.paid_on - s.birth_date <= r.newborn_days
                       THEN greatest(s.birth_date, %(year_start)s)
                       WHEN s.inside THEN %(year_start)s
                       ELSE s.paid_on + 1 END - %(year_start)s]
       FROM (
        -- A repair counts up to the useful years, and only until the start that it leads to.
        SELECT m.*,
               CASE WHEN s.repaired_years > 0 AND m.variable > m.floor
                     AND s.repaired_on <= (m.counted_from
                             + make_interval(months => m.fixed
                                 + greatest(m.variable - s.repaired_years, m.floor)))
                    THEN least(s.repaired_years, m.variable - m.floor) ELSE 0 END AS repair
          FROM (
            SELECT w.years, w.waits, w.newborn_days,
                   CASE WHEN s.inside THEN %(year_start)s ELSE s.paid_on END AS counted_from,
                   CASE WHEN w.waits THEN w.fixed_months ELSE 0 END AS fixed,
                   CASE WHEN w.waits AND w.years > 0
                        THEN greatest(w.years - w.variable_offset, 0) ELSE 0 END AS variable,
                   CASE WHEN w.waits AND w.years >= w.floor_years
                        THEN greatest(w.floor_total_months - w.fixed_months, 0) ELSE 0 END AS floor
              FROM (
                SELECT t.*,
                       b.years + CASE WHEN t.count_missed_window_year AND b.years > 0
                                       AND NOT s.inside THEN 1 ELSE 0 END AS years,
                       s.exemption IS NULL
                           AND (b.years > 0
                                OR NOT (s.inside OR coalesce(s.paid_on <= t.grace_end, false)))
                           AS waits
                  FROM (SELECT (s.terms).*) t
                 -- Consecutive years, from the first year that counts, and as the area reads a
                 -- missed window and the years of people never covered before.
                 CROSS JOIN LATERAL (
                    SELECT CASE WHEN NOT s.is_new
                                THEN least(s.gap_years, greatest(%(year)s - t.count_breaks_from, 0))
                                WHEN t.never_enrolled_counts
                                THEN greatest(%(year)s - greatest(t.count_breaks_from,
                                                     extract(year FROM s.birth_date)::int), 0)
                                ELSE 0 END AS years
                    OFFSET 0
                  ) b
                OFFSET 0
              ) w
            OFFSET 0
          ) m
        OFFSET 0
       ) r) END AS wait
      FROM state s
    OFFSET 0
), limited AS (
    SELECT e.*, CASE WHEN cover = 1 THEN least(continuity + zero_claim, most) END AS bonus,
           CASE WHEN cover = 1 THEN 0 END AS none
      FROM earned e
    OFFSET 0
), written AS (
    INSERT INTO {target} (id, person_id, region, county, shard, cover, gap_years, streak,
                          broken_years_total, continuity_bonus, continuity_gain, zero_claim_bonus,
                          zero_claim_gain, zero_claim_cleared, base_cap, bonus_applied,
                          penalty_applied, cap, paid_on, exemption, broken_years, fixed_months,
                          variable_before, repaired_months, variable_months, benefit_start)
    SELECT %(base)s + id, id, region, (region / 1000000)::int, %(shard)s,
           CASE cover WHEN 1 THEN 'R' WHEN 2 THEN 'E' ELSE 'N' END::varchar(1),
           gap_years, streak, broken_total, continuity,
           CASE WHEN gains_continuity THEN incentive_step ELSE 0.00::numeric(10, 2) END,
           zero_claim,
           CASE WHEN gains_zero_claim THEN incentive_step ELSE 0.00::numeric(10, 2) END,
           CASE WHEN used_bonus THEN zero_claim_bonus ELSE 0.00::numeric(10, 2) END,
           base_cap, bonus, penalty,
           CASE WHEN broken_total = 0 THEN base_cap + bonus ELSE base_cap + bonus - penalty END,
           CASE WHEN cover = 1 THEN paid_on END,
           coalesce(exemption, ''),
           coalesce(wait[1], none), coalesce(wait[2], none), coalesce(wait[3], none),
           CASE WHEN wait IS NOT NULL THEN greatest(wait[3] - wait[4], 0) ELSE none END,
           coalesce(wait[4], none),
           CASE WHEN wait IS NULL AND cover = 1 THEN %(year_start)s
                WHEN wait[5] <= %(year_end)s::date - %(year_start)s::date
                THEN %(year_start)s::date + wait[5] END
      FROM limited
    ON CONFLICT {again}
    RETURNING county * 1000000::bigint + ascii(cover) * 10000 +
              -- where and as what the person is counted, as digits: they are told apart once a group
              CASE WHEN cap IS NULL THEN 0
                   ELSE CASE WHEN fixed_months > 0 THEN 1 ELSE 0 END
                        + CASE WHEN benefit_start IS NULL THEN 10 ELSE 0 END
                        + CASE WHEN bonus_applied > 0 THEN 100 ELSE 0 END
                        + CASE WHEN penalty_applied > 0 THEN 1000 ELSE 0 END END AS marks,
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
SELECT %(shard)s, marks / 1000000,
       concat_ws('+', chr((marks / 10000 %% 100)::int),
                 CASE WHEN marks %% 10 > 0 THEN 'wait' END,
                 CASE WHEN marks / 10 %% 10 > 0 THEN 'nothing' END,
                 CASE WHEN marks / 100 %% 10 > 0 THEN 'bonus' END,
                 CASE WHEN marks / 1000 %% 10 > 0 THEN 'penalty' END),
       count(*), bit_xor(row_hash)
  FROM written
 WHERE %(shard)s::bigint IS NOT NULL
 GROUP BY marks
