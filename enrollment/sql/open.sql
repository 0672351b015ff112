-- open: a bill of the coming year for every living registered resident of a slice.
-- Clauses: 安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（一）、（二）、（三）;
--          皖医保发〔2024〕6号 一（一） (category and best quota on the day of the step).
-- Reads person by key range, person_category by (person_id), the step's terms (one row an area).
-- {target} is the year under construction, which has no index yet, or the attached table when an
-- area's step runs again: then the key says who is already there.
WITH best AS (
    SELECT DISTINCT ON (c.person_id) c.person_id, c.category, q.amount
      FROM person_category c
      JOIN person p ON p.id = c.person_id
      JOIN step_quota q ON q.step_id = %(step)s
                       AND q.area = pooling_area(p.insured_region)
                       AND q.category = c.category
     WHERE c.person_id BETWEEN %(first)s AND %(last)s
       AND p.id BETWEEN %(first)s AND %(last)s
       AND c.valid @> %(on)s::date
       AND c.qualified
     ORDER BY c.person_id, q.amount DESC, c.category
), filled AS (
    INSERT INTO {target} (id, person_id, region, shard, category, standard, subsidy, payable,
                          paid, due_on, ended_for, months, repaired_years)
    SELECT %(base)s + p.id, p.id, p.insured_region, %(shard)s, coalesce(b.category, ''),
           t.standard, coalesce(b.amount, 0), t.standard - coalesce(b.amount, 0),
           0, t.window_last, '', 0, 0
      FROM person p
      JOIN step_terms t ON t.step_id = %(step)s AND t.area = pooling_area(p.insured_region)
      LEFT JOIN best b ON b.person_id = p.id
     WHERE p.id BETWEEN %(first)s AND %(last)s
       AND p.insured_region BETWEEN %(area_first)s AND %(area_last)s
       AND p.scheme = 1
       AND (p.died_on IS NULL OR p.died_on > %(on)s)
       AND (p.left_on IS NULL OR p.left_on > %(on)s)
    ON CONFLICT DO NOTHING
    -- The terms have a digest of their own, and payable is standard less subsidy. Chained hashes
    -- of the columns cost less than a hash of the record.
    RETURNING region / 1000 * 1000 AS region, category, standard, subsidy,
              hashint8extended(id, hashint8extended(region, hashtextextended(category,
                  hash_numeric_extended(subsidy, 0)))) AS row_hash
), township AS MATERIALIZED (
    SELECT region, category, count(*) AS persons, sum(standard) AS standard,
           -- only a category brings a subsidy, and payable is their difference by CHECK
           coalesce(sum(subsidy) FILTER (WHERE category <> ''), 0) AS subsidy,
           count(*) FILTER (WHERE category <> '' AND subsidy > 0) AS subsidised,
           count(*) FILTER (WHERE category <> '' AND subsidy = standard) AS free,
           bit_xor(row_hash) AS output_hash
      FROM filled
     GROUP BY region, category
), opened AS (
    -- what pages read of the year once it is attached (CollectionTotal)
    INSERT INTO opened_total (shard_id, region, category, billed, subsidised, free, subsidy, payable)
    SELECT %(shard)s, region, category, persons, subsidised, free, subsidy, standard - subsidy
      FROM township
)
INSERT INTO shard_total (shard_id, county, item, persons, standard, subsidy, payable, output_hash)
SELECT %(shard)s, region / 1000000, category, sum(persons), sum(standard), sum(subsidy),
       sum(standard) - sum(subsidy), bit_xor(output_hash)
  FROM township
 GROUP BY region / 1000000, category
