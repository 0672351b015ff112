-- seed, categories: recognised low income and grounds of exemption of one batch, with their days.
-- Shares of all people: extreme poverty 0.7 %%, dibao 4 %%, returned to poverty 0.3 %%, monitored
-- 1 %% (one in ten not qualified); more among the old. A few hold two at once; some begin or end in
-- the autumn before the coming year, when its categories are looked at.
WITH drawn AS (
    SELECT id, birth_date, died_on, gaps, missing, story, turned_on, sex,
           %(last_year)s - EXTRACT(year FROM birth_date)::int AS age,
           hashint8extended(id, %(salt)s + 21) AS a, hashint8extended(id, %(salt)s + 22) AS b
      FROM seed_person
    OFFSET 0
), weighed AS (
    SELECT *,
           (a & 65535) / CASE WHEN age >= 60 THEN 1.9 WHEN age < 20 THEN 1.0 ELSE 0.75 END::float8
               AS poverty,
           (a >> 16 & 65535)::int AS other
      FROM drawn
    OFFSET 0
), somehow AS MATERIALIZED (
    -- one in ten, whom the rest is about
    SELECT * FROM weighed
     WHERE poverty < 4250 OR other < 480 OR story = 'to_resident' OR birth_date >= %(first_day)s
), poor AS MATERIALIZED (
    -- somebody who is paid for in full leaves no bill unpaid
    SELECT *, CASE WHEN poverty < 500 AND gaps = missing THEN 'extreme_poverty'
                   WHEN poverty < 3320 THEN 'dibao'
                   WHEN poverty < 3535 THEN 'returned_to_poverty'
                   ELSE 'monitored' END AS category
      FROM somehow
     WHERE poverty < 4250 AND story = 'resident'
), held AS (
    SELECT id, birth_date, died_on, category, (b & 65535)::int AS pattern,
           (b >> 16 & 65535)::int AS day, (a >> 32 & 65535)::int AS doubt
      FROM poor
     UNION ALL
    SELECT id, birth_date, died_on,
           CASE category WHEN 'extreme_poverty' THEN 'dibao'
                         WHEN 'dibao' THEN 'monitored'
                         WHEN 'monitored' THEN 'returned_to_poverty' ELSE 'dibao' END,
           (b >> 32 & 32767)::int, (b >> 48 & 65535)::int, (a >> 32 & 65535)::int
      FROM poor
     WHERE a >> 48 & 65535 < 2600
), patterned AS (
    -- held for long; begun or ended in these years or in the last autumn; lost and found again
    SELECT id, birth_date, died_on, category, doubt, pattern, day,
           %(first_day)s - 300 - day * 2700 / 65536 AS long_ago,
           %(first_day)s + 120 + day * (%(last_day)s - %(first_day)s - 260) / 65536 AS some_day,
           %(last_day)s - 117 + day %% 110 AS in_autumn,
           %(first_day)s + (%(last_day)s - %(first_day)s) / 2 AS halfway
      FROM held
), ranged AS (
    SELECT id, birth_date, died_on, category, doubt,
           CASE WHEN pattern < 46000 THEN long_ago WHEN pattern < 52000 THEN some_day
                WHEN pattern < 59000 THEN long_ago WHEN pattern < 62500 THEN in_autumn
                ELSE long_ago END AS begins,
           CASE WHEN pattern < 52000 THEN NULL WHEN pattern < 56000 THEN some_day
                WHEN pattern < 59000 THEN in_autumn WHEN pattern < 62500 THEN NULL
                ELSE halfway - 20 - day %% 100 END AS ends
      FROM patterned
     UNION ALL
    SELECT id, birth_date, died_on, category, doubt, halfway + 20 + day %% 70, NULL
      FROM patterned WHERE pattern >= 62500
     UNION ALL
    -- newly recognised in autumn: exempt from waiting to the end of the year
    SELECT id, birth_date, died_on, 'medical_assistance_new', 65535, in_autumn, %(last_day)s + 1
      FROM patterned
     WHERE pattern BETWEEN 59000 AND 62499 AND category IN ('extreme_poverty', 'dibao')
     UNION ALL
    SELECT id, birth_date, died_on, 'newborn', 65535, birth_date, birth_date + 91
      FROM somehow WHERE birth_date >= %(first_day)s
     UNION ALL
    SELECT id, birth_date, died_on, 'employee_interrupted', 65535, turned_on,
           (turned_on + INTERVAL '3 months')::date
      FROM somehow WHERE story = 'to_resident'
     UNION ALL
    SELECT id, birth_date, died_on,
           CASE WHEN other < 200 THEN 'low_income_recognised'
                WHEN age BETWEEN 20 AND 30 AND sex = 'M' AND other < 420 THEN 'demobilised'
                WHEN age BETWEEN 18 AND 24 AND other < 450 THEN 'returned_recruit'
                WHEN age BETWEEN 22 AND 45 AND sex = 'F' AND other < 300 THEN 'military_spouse'
                WHEN age BETWEEN 20 AND 59 AND other BETWEEN 450 AND 479 THEN 'released_prisoner'
                END,
           65535,
           %(first_day)s + (a >> 32 & 65535)::int * (%(last_day)s - %(first_day)s) / 65536,
           %(first_day)s + (a >> 32 & 65535)::int * (%(last_day)s - %(first_day)s) / 65536 + 365
      FROM somehow WHERE other < 480 AND story = 'resident' AND age >= 18
)
INSERT INTO seed_category
SELECT id, category, daterange(greatest(begins, birth_date), least(ends, died_on), '[)'),
       CASE WHEN category IN ('extreme_poverty', 'dibao') THEN 'civil_affairs'
            WHEN category IN ('returned_to_poverty', 'monitored') THEN 'agriculture'
            WHEN category = 'low_income_recognised' AND id & 1 = 0 THEN 'disabled_federation'
            WHEN category = 'low_income_recognised' THEN 'civil_affairs'
            WHEN category = 'newborn' THEN 'health'
            WHEN category IN ('demobilised', 'returned_recruit', 'military_spouse') THEN 'military'
            WHEN category = 'released_prisoner' THEN 'justice'
            ELSE 'medical_security' END,
       NOT (category = 'monitored' AND doubt < 6554)
  FROM ranged
 WHERE category IS NOT NULL
   AND greatest(begins, birth_date) < coalesce(least(ends, died_on), 'infinity')
