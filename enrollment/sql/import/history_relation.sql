-- history: where people are insured is where their latest year of cover was; they belong to the
-- employee scheme if the latest year in force (`latest`) has only employee rows for them, up to its
-- last month. Only people whose latest year this file brought or changed.
-- Reads enrollment by key: eleven look-ups a person and year from the touched one on (`years`).
WITH touched AS (
    SELECT person_id, max(year) AS year
      FROM staging_history
     WHERE problem IS NULL
       AND scheme <> 0
       AND (known IS NULL OR changed)
     GROUP BY person_id
), held AS (
    SELECT t.person_id, t.year AS touched, y.year, e.region, e.months,
           e.id / 100000000000 %% 10 AS scheme, e.id,
           max(y.year) OVER (PARTITION BY t.person_id) AS latest
      FROM touched t
      JOIN unnest(%(years)s::bigint[]) y (year) ON y.year >= t.year
     CROSS JOIN (SELECT 100000000000 UNION ALL
                 SELECT 200000000000 + slot * 10000000000
                   FROM generate_series(0::bigint, 9) slot) spell (part)
      JOIN enrollment e ON e.id = y.year * 1000000000000 + spell.part + t.person_id
), last_month AS (
    -- of a year that is over December, of the present one the last full month
    SELECT %(latest)s AS year, CASE WHEN %(latest)s = extract(year FROM %(today)s::date)
                                    THEN greatest(extract(month FROM %(today)s::date)::int - 1, 1)
                                    ELSE 12 END AS month
), relation AS (
    SELECT h.person_id,
           CASE WHEN bool_and(h.scheme = 2)
                 AND bool_and(h.latest = m.year)
                 AND bit_or(h.months::int) & (1 << (m.month - 1)) <> 0 THEN 2 ELSE 1 END
               AS scheme
      FROM held h
     CROSS JOIN last_month m
     WHERE h.year = h.latest
       AND h.touched = h.latest
     GROUP BY h.person_id, m.month
), place AS (
    SELECT DISTINCT ON (h.person_id) h.person_id, r.scheme, h.region
      FROM held h
      JOIN relation r USING (person_id)
     WHERE h.year = h.latest
     ORDER BY h.person_id, h.scheme = r.scheme DESC, h.months DESC, h.id DESC
)
UPDATE person p
   SET scheme = l.scheme, insured_region = l.region
  FROM place l
 WHERE p.id = l.person_id
   AND (p.scheme, p.insured_region) IS DISTINCT FROM (l.scheme, l.region)
