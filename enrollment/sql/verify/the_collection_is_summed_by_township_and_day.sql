-- What pages tell of a collection is the sum of its bills: by township and category who was billed,
-- subsidised and has paid, by county the same on each day of payment; and of people, by township, who
-- lives there, is registered there, and belongs to which scheme.
WITH bill AS (
    SELECT e.id / 1000000000000 AS year, e.region / 1000 * 1000 AS region, e.county, e.category,
           e.paid_on, e.subsidy, e.payable, e.paid,
           e.ended_on < make_date((e.id / 1000000000000)::int, 1, 1) IS NOT TRUE AS stands,
           is_insured(e.id, e.payable, e.paid, e.ended_on) AS insured
      FROM enrollment e
     WHERE e.id / 100000000000 % 10 = 1
), township AS (
    SELECT year, region, category, sum(billed) AS billed, sum(ended) AS ended, sum(insured) AS insured,
           sum(subsidised) AS subsidised,
           sum(subsidised_insured) AS subsidised_insured, sum(subsidy) AS subsidy, sum(payable) AS payable,
           sum(paid) AS paid
      FROM (SELECT year, region, category, billed, ended, insured, subsidised, subsidised_insured, subsidy,
                   payable, paid
              FROM collection_total
             UNION ALL
            SELECT year, region, category, -count(*) FILTER (WHERE stands),
                   -count(*) FILTER (WHERE NOT stands), -count(*) FILTER (WHERE insured),
                   -count(*) FILTER (WHERE stands AND subsidy > 0),
                   -count(*) FILTER (WHERE insured AND subsidy > 0),
                   -coalesce(sum(subsidy) FILTER (WHERE stands), 0),
                   -coalesce(sum(payable) FILTER (WHERE stands), 0),
                   -coalesce(sum(paid) FILTER (WHERE stands), 0)
              FROM bill
             GROUP BY 1, 2, 3) d
     GROUP BY 1, 2, 3
), by_day AS (
    SELECT year, county, day, sum(insured) AS insured, sum(subsidised_insured) AS subsidised_insured, sum(paid) AS paid
      FROM (SELECT year, county, day, insured, subsidised_insured, paid FROM collection_day
             UNION ALL
            SELECT year, county, paid_on, -count(*) FILTER (WHERE insured),
                   -count(*) FILTER (WHERE insured AND subsidy > 0),
                   -coalesce(sum(paid) FILTER (WHERE stands), 0)
              FROM bill
             GROUP BY 1, 2, 3) d
     GROUP BY 1, 2, 3
), people AS (
    SELECT region, sum(habitual) AS habitual, sum(hukou) AS hukou, sum(employees) AS employees,
           sum(residents) AS residents
      FROM (SELECT region, habitual, hukou, employees, residents FROM people_total
             UNION ALL
            SELECT residence_region / 1000 * 1000, -count(*), 0, 0, 0
              FROM person WHERE died_on IS NULL GROUP BY 1
             UNION ALL
            SELECT household_region / 1000 * 1000, 0, -count(*), 0, 0
              FROM person WHERE died_on IS NULL GROUP BY 1
             UNION ALL
            SELECT insured_region / 1000 * 1000, 0, 0, -count(*) FILTER (WHERE scheme = 2),
                   -count(*) FILTER (WHERE scheme = 1)
              FROM person WHERE died_on IS NULL AND left_on IS NULL GROUP BY 1) d
     GROUP BY 1
)
SELECT 'bills' AS what, year, region AS place, category, NULL::date AS day, billed, insured, paid
  FROM township
 WHERE (billed, ended, insured, subsidised, subsidised_insured, subsidy, payable, paid)
       <> (0, 0, 0, 0, 0, 0, 0, 0)
 UNION ALL
SELECT 'days', year, county, '', day, subsidised_insured, insured, paid
  FROM by_day WHERE (insured, subsidised_insured, paid) <> (0, 0, 0)
 UNION ALL
SELECT 'people', 0, region, '', NULL, habitual, hukou, employees
  FROM people WHERE (habitual, hukou, employees, residents) <> (0, 0, 0, 0)
