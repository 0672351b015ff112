-- seed, pools: the lookup tables behind the draws (see tables.sql).
-- Cities weigh by the census of 2020. The divisions carry no population below the city: counties
-- and townships get uneven weights from a hash of their code, so geography is alike for all seeds.
-- Development zones (fifth digit 7 of the county) are no counties and are left out.

CREATE TEMP TABLE seed_place ON COMMIT DROP AS
WITH town AS (
    SELECT t.code, t.code / 1000000 AS county, t.code / 100000000 AS city,
           c.population_2020 AS people,
           0.4 + 1.2 * (hashint8extended(t.code / 1000000, 1) & 65535) / 65536.0 AS county_weight,
           (0.3 + (hashint8extended(t.code, 2) & 65535) / 65536.0)
               -- farms, zones and other units from 400 on are smaller than streets and towns
               * CASE WHEN t.code / 1000 %% 1000 >= 400 THEN 0.2 ELSE 1 END AS town_weight
      FROM region t
      JOIN region c ON c.code = t.code / 100000000 * 100000000
     WHERE t.level = 4
       AND t.code BETWEEN %(province)s AND %(province_last)s
       AND t.code / 10000000 %% 10 <> 7
       AND t.name NOT LIKE '%%直辖村级区划'
       AND t.valid_to IS NULL
), county AS (
    SELECT county, city, county_weight / sum(county_weight) OVER (PARTITION BY city) AS share
      FROM (SELECT DISTINCT county, city, county_weight FROM town) c
), weighed AS (
    SELECT t.code, t.county, t.city,
           t.people * c.share * t.town_weight / sum(t.town_weight) OVER (PARTITION BY t.county)
               AS weight
      FROM town t JOIN county c USING (county)
), stacked AS (
    SELECT code, county, city,
           round(16384 * sum(weight) OVER (ORDER BY code) / sum(weight) OVER ())::int AS upto,
           round(16384 * (sum(weight) OVER (ORDER BY code) - weight) / sum(weight) OVER ())::int
               AS begins
      FROM weighed
)
SELECT bucket::bigint AS bucket, code, county, city
  FROM stacked CROSS JOIN LATERAL generate_series(begins, upto - 1) AS bucket;

-- Where else somebody of a county may belong: 256 townships for each, five in eight of them in
-- another county of the same city, the others anywhere in the province. Buckets begin at 256 times
-- the county.
CREATE TEMP TABLE seed_elsewhere ON COMMIT DROP AS
WITH town AS (
    SELECT DISTINCT code, county, city FROM seed_place
), county AS (
    SELECT t.county, min(t.code) AS code,
           (SELECT array_agg(o.code ORDER BY o.code) FROM town o
             WHERE o.city = t.city AND o.county <> t.county) AS nearby
      FROM town t GROUP BY t.county, t.city
), drawn AS (
    SELECT c.county, c.code, c.nearby, bucket::bigint AS bucket,
           hashint8extended(c.county * 256 + bucket, 3) & 16383 AS draw
      FROM county c CROSS JOIN generate_series(0, 255) AS bucket
)
SELECT d.county * 256 + d.bucket AS bucket,
       CASE WHEN d.bucket < 160
            THEN coalesce(d.nearby[1 + d.draw %% cardinality(d.nearby)], d.code)
            ELSE p.code END AS code
  FROM drawn d JOIN seed_place p ON p.bucket = d.draw;

-- Counties outside the province where its people work, and where newcomers are registered.
CREATE TEMP TABLE seed_outside ON COMMIT DROP AS
SELECT row_number() OVER () - 1 AS bucket, code * 1000000::bigint AS code
  FROM (VALUES (310115), (310117), (310114), (310112), (320102), (320115), (320505), (320583),
               (320281), (320412), (330106), (330110), (330212), (330782), (420100), (411481)
       ) AS v (code);

-- Births a year in ten thousand people: cohorts of the census of 2020 in rounded shares, less for
-- the oldest, and the births since. `men` is the share of men. `hazard` is the chance to die within
-- a year (Gompertz, more in the first one).
CREATE TEMP TABLE seed_cohort ON COMMIT DROP AS
WITH cohort (first_year, last_year, births, men) AS (
    VALUES (1921, 1925, 0.1, 0.35), (1926, 1930, 1.4, 0.38), (1931, 1935, 9, 0.42),
           (1936, 1940, 22, 0.45), (1941, 1945, 38, 0.47), (1946, 1950, 65, 0.485),
           (1951, 1955, 101, 0.49), (1956, 1960, 102, 0.497), (1961, 1965, 143, 0.50),
           (1966, 1970, 171, 0.503), (1971, 1975, 162, 0.507), (1976, 1980, 132, 0.511),
           (1981, 1985, 141, 0.513), (1986, 1990, 176, 0.517), (1991, 1995, 131, 0.526),
           (1996, 2000, 107, 0.533), (2001, 2005, 103, 0.537), (2006, 2010, 121, 0.535),
           (2011, 2015, 128, 0.532), (2016, 2020, 110, 0.524), (2021, 2100, 64, 0.522)
), born AS (
    SELECT year, male, births * CASE WHEN male THEN men ELSE 1 - men END AS weight
      FROM cohort
     CROSS JOIN LATERAL generate_series(first_year, last_year) AS year
     CROSS JOIN (VALUES (true), (false)) AS sex (male)
     WHERE year <= %(last_year)s
), stacked AS (
    SELECT year, male,
           round(16384 * sum(weight) OVER w / sum(weight) OVER ())::int AS upto,
           round(16384 * (sum(weight) OVER w - weight) / sum(weight) OVER ())::int AS begins
      FROM born
    WINDOW w AS (ORDER BY year, male)
)
SELECT bucket::bigint AS bucket, year::int, male, (bucket - begins)::bigint AS place,
       (upto - begins)::bigint AS size,
       CASE WHEN make_date(year, 12, 31) - make_date(year, 1, 1) = 365 THEN 366 ELSE 365 END
           AS days,
       (hashint8extended(year * 2 + male::int, %(salt)s) & 65535)::int AS turn,
       CASE WHEN year >= %(first_year)s THEN 0.003
            -- rounded, so that no two mathematics libraries differ
            ELSE round((0.00002 * exp(0.0945 * (%(last_year)s - year)))::numeric, 6)::float8
            END AS hazard
  FROM stacked CROSS JOIN LATERAL generate_series(begins, upto - 1) AS bucket;

CREATE TEMP TABLE seed_surname ON COMMIT DROP AS
WITH stacked AS (
    SELECT value, initials,
           round(8192.0 * sum(weight) OVER (ORDER BY value COLLATE "C") / sum(weight) OVER ())::int
               AS upto,
           round(8192.0 * (sum(weight) OVER (ORDER BY value COLLATE "C") - weight)
                 / sum(weight) OVER ())::int AS begins
      FROM seed_name
     WHERE kind = 'surname'
)
SELECT bucket::bigint AS bucket, value, initials
  FROM stacked CROSS JOIN LATERAL generate_series(begins, upto - 1) AS bucket;

-- 16,384 given names for each sex, women's first, three in twenty of a single character.
CREATE TEMP TABLE seed_given ON COMMIT DROP AS
WITH stacked AS (
    SELECT kind, value, initials,
           round(4096.0 * sum(weight) OVER w / sum(weight) OVER (PARTITION BY kind))::int AS upto,
           round(4096.0 * (sum(weight) OVER w - weight) / sum(weight) OVER (PARTITION BY kind))::int
               AS begins
      FROM seed_name
     WHERE kind IN ('given_m', 'given_f')
    WINDOW w AS (PARTITION BY kind ORDER BY value COLLATE "C")
), one AS (
    SELECT kind, bucket::bigint AS bucket, value, initials
      FROM stacked CROSS JOIN LATERAL generate_series(begins, upto - 1) AS bucket
), drawn AS (
    SELECT kind, bucket, hashint8extended(bucket, hashtextextended(kind, 4)) AS h
      FROM (VALUES ('given_m'), ('given_f')) AS kinds (kind)
     CROSS JOIN generate_series(0, 16383) AS bucket
)
SELECT d.bucket + CASE kind WHEN 'given_m' THEN 16384 ELSE 0 END::bigint AS bucket,
       a.value || CASE WHEN h >> 32 & 65535 < 9800 THEN '' ELSE b.value END AS value,
       a.initials || CASE WHEN h >> 32 & 65535 < 9800 THEN '' ELSE b.initials END AS initials
  FROM drawn d
  JOIN one a USING (kind)
  JOIN one b USING (kind)
 WHERE a.bucket = h & 4095 AND b.bucket = h >> 16 & 4095;

ANALYZE seed_place;
ANALYZE seed_elsewhere;
ANALYZE seed_outside;
ANALYZE seed_cohort;
ANALYZE seed_surname;
ANALYZE seed_given;
ANALYZE seed_terms;
ANALYZE seed_quota;
ANALYZE seed_wait;
