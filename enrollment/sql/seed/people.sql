-- seed, people: one batch of people in clear, each with the story that the years are made of.
-- Draws are 16 bits of hashes (see tables.sql). Birth year and sex are no draw: each block of 16,384
-- numbers goes through seed_cohort exactly once, in an order of its own, so that a person's place
-- within the cohort is known, and birth day and serial of the identity number are unique without
-- looking at anybody else.
-- Identity numbers (GB 11643): counties 349900 to 349999, which do not exist, 499 men and 499 women
-- a county and day of birth, and a valid check character. Phones begin with 154, which is not given
-- out. OFFSET 0 keeps the planner from computing a hash again at every use.
WITH numbered AS (
    SELECT id, (id - 1) >> 14 AS block, hashint8extended((id - 1) >> 14, %(salt)s) AS shuffle
      FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS id
    OFFSET 0
), hashed AS (
    -- odd multiplier, offset, and a half of it once more: each step is one to one on 14 bits
    SELECT id, block,
           ((id - 1) * (shuffle & 16383 | 1) + (shuffle >> 16 & 16383)) & 16383 AS shuffled,
           (shuffle >> 32 & 16383 | 1) AS multiplier,
           hashint8extended(id, %(salt)s + 1) AS a, hashint8extended(id, %(salt)s + 2) AS b,
           hashint8extended(id, %(salt)s + 3) AS c, hashint8extended(id, %(salt)s + 4) AS d,
           hashint8extended(id, %(salt)s + 5) AS e, hashint8extended(id, %(salt)s + 6) AS f,
           hashint8extended(id, %(salt)s + 7) AS g
      FROM numbered
    OFFSET 0
), drawn AS (
    SELECT id, block,
           (shuffled # (shuffled >> 7)) * multiplier & 16383 AS cohort_bucket,
           a & 16383 AS place_bucket, a >> 16 & 255 AS elsewhere_bucket,
           a >> 24 & 15 AS outside_bucket, (a >> 32 & 65535)::int AS away,
           b & 8191 AS surname_bucket, b >> 16 & 16383 AS given_bucket,
           (c & 65535)::int AS has_phone, c >> 16 & 134217727 AS phone,
           (d & 65535)::int AS job, (d >> 16 & 65535)::int AS turn,
           (d >> 32 & 65535)::int AS turn_month, (d >> 48 & 65535)::int AS certificate,
           (e & 65535)::int AS gap, (e >> 16 & 65535)::int AS unpaid,
           (e >> 32 & 65535)::int AS unpaid_year, (e >> 48 & 65535)::int AS move,
           (f & 65535)::int AS leave, (f >> 16 & 65535)::int AS leave_day,
           (f >> 32 & 65535)::int AS leave_cause, (f >> 48 & 65535)::int AS move_year,
           (g & 4294967295) / 4294967296.0::float8 AS death
      FROM hashed
), person AS (
    SELECT d.*,
           s.value || g.value AS name, s.initials || g.initials AS initials,
           c.male, c.year >= %(first_year)s AS is_new, %(last_year)s - c.year AS age,
           c.hazard, c.turn AS cohort_turn, (block * c.size + c.place) / c.days AS round,
           make_date(c.year, 1, 1)
               + (((block * c.size + c.place) * 227 + c.turn) %% c.days)::int AS birth_date,
           p.code AS insured_region, e.code AS elsewhere, o.code AS outside
      FROM drawn d
      JOIN seed_cohort c ON c.bucket = cohort_bucket
      JOIN seed_place p ON p.bucket = place_bucket
      JOIN seed_elsewhere e ON e.bucket = p.county * 256 + elsewhere_bucket
      JOIN seed_outside o ON o.bucket = outside_bucket
      JOIN seed_surname s ON s.bucket = surname_bucket
      JOIN seed_given g ON g.bucket = given_bucket + CASE WHEN c.male THEN 16384 ELSE 0 END
    OFFSET 0
), dated AS (
    SELECT *,
           CASE WHEN death < hazard * %(years)s
                THEN greatest(birth_date, %(first_day)s) + (death / hazard * 365)::int END AS died_on,
           CASE WHEN is_new OR leave >= 590 THEN NULL
                -- two in five leave while the next year's money is collected
                WHEN leave_day < 26000 THEN make_date(%(last_year)s, 10, 1) + leave_day %% 92
                ELSE %(first_day)s + 60
                     + leave_day * (%(last_day)s - %(first_day)s - 185) / 65536 END AS left_on,
           turn * %(years)s / 65536 AS turn_year,
           CASE WHEN age NOT BETWEEN 20 AND 59 THEN 'resident'
                WHEN job < 13000 THEN 'employee'
                WHEN job < 13800 THEN 'joins in autumn'
                WHEN job < 14800 THEN 'to_employee'
                WHEN job < 15800 THEN 'to_resident'
                WHEN job < 16100 THEN 'twice'
                ELSE 'resident' END AS job_story
      FROM person
    OFFSET 0
), told AS (
    SELECT *,
           CASE WHEN died_on <= %(last_day)s THEN died_on END AS death_day,
           CASE WHEN died_on <= %(last_day)s THEN NULL ELSE left_on END AS leaving_day,
           CASE WHEN leave_cause < 36000 THEN 'moved_out'
                WHEN leave_cause < 54000 THEN 'other_cover' ELSE 'duplicate' END AS leaving_cause,
           -- who dies or leaves has no second story
           CASE WHEN job_story <> 'employee' AND (died_on <= %(last_day)s OR left_on IS NOT NULL)
                THEN 'resident' ELSE job_story END AS story,
           (349900 + round / 499) * 100000000000
               + (EXTRACT(year FROM birth_date)::bigint * 10000
                  + EXTRACT(month FROM birth_date)::bigint * 100
                  + EXTRACT(day FROM birth_date)::bigint) * 1000
               + 2 * ((round * 7 + cohort_turn + (birth_date - DATE '1900-01-01') * 31) %% 499)
               + CASE WHEN male THEN 1 ELSE 2 END AS number,
           -- the newest have no household registration yet
           is_new AND certificate < CASE WHEN age = 0 THEN 14000 ELSE 1300 END AS is_certified
      FROM dated
    OFFSET 0
), gapped AS (
    SELECT *, is_new OR story <> 'resident' AS is_regular,
           CASE WHEN gap < 60300 THEN 0
                WHEN gap < 62900 THEN 1 << gap %% %(years)s
                WHEN gap < 64200 THEN least(3, %(all_years)s) << gap %% greatest(%(years)s - 1, 1)
                ELSE %(all_years)s END AS missing_years,
           CASE WHEN unpaid < 1600 THEN 1 << unpaid_year * %(years)s / 65536 ELSE 0 END
               AS unpaid_years
      FROM told
    OFFSET 0
)
INSERT INTO seed_person
SELECT id, CASE WHEN is_certified THEN 'birth_certificate' ELSE 'resident_id' END,
       -- a birth certificate has a letter and nine digits; this letter says that it is synthetic
       CASE WHEN is_certified THEN 'Z' || lpad(id::text, 9, '0')
            ELSE number::text || substr('10X98765432', 1 + ((
                  7 * (number / 10000000000000000 %% 10) + 9 * (number / 1000000000000000 %% 10)
               + 10 * (number / 100000000000000 %% 10) + 5 * (number / 10000000000000 %% 10)
                + 8 * (number / 1000000000000 %% 10) + 4 * (number / 100000000000 %% 10)
                + 2 * (number / 10000000000 %% 10) + 1 * (number / 1000000000 %% 10)
                + 6 * (number / 100000000 %% 10) + 3 * (number / 10000000 %% 10)
                + 7 * (number / 1000000 %% 10) + 9 * (number / 100000 %% 10)
               + 10 * (number / 10000 %% 10) + 5 * (number / 1000 %% 10)
                + 8 * (number / 100 %% 10) + 4 * (number / 10 %% 10)
                + 2 * (number %% 10)) %% 11)::int, 1) END,
       name, initials, CASE WHEN male THEN 'M' ELSE 'F' END, birth_date,
       CASE WHEN away < 8700 THEN elsewhere     -- 13.3 %% registered elsewhere in the province
            WHEN away < 9600 THEN outside       -- 1.4 %% outside it
            ELSE insured_region END,
       -- 3.4 %% live outside the province and stay insured where they are registered
       CASE WHEN away BETWEEN 9600 AND 11800 THEN outside ELSE insured_region END,
       CASE WHEN has_phone < 57700 THEN '154' || lpad((phone %% 100000000)::text, 8, '0') END,
       death_day,
       CASE WHEN story IN ('employee', 'to_employee') THEN 2
            -- who joins in autumn is still a resident when the next year is opened
            WHEN story = 'twice' THEN 1 + (id & 1)
            ELSE 1 END,
       insured_region, leaving_day, CASE WHEN leaving_day IS NULL THEN '' ELSE leaving_cause END,
       CASE WHEN story = 'joins in autumn' THEN 'to_employee' ELSE story END,
       CASE WHEN story = 'joins in autumn' THEN make_date(%(last_year)s, 10 + turn_month %% 3, 1)
            WHEN story IN ('to_employee', 'to_resident')
            -- from February of the first year to August of the last
            THEN make_date(%(first_year)s + turn_year, 2 + turn_month * 7 / 65536, 1) END,
       CASE WHEN story = 'joins in autumn' THEN %(last_year)s
            WHEN story IN ('to_employee', 'to_resident') THEN %(first_year)s + turn_year END,
       coalesce(death_day, leaving_day),
       CASE WHEN death_day IS NOT NULL THEN 'deceased'
            WHEN leaving_day IS NOT NULL THEN leaving_cause ELSE '' END,
       elsewhere,
       CASE WHEN move < 1300 AND story = 'resident'
            THEN %(first_year)s + 1 + move_year * (%(years)s - 1) / 65536 END,
       CASE WHEN is_regular THEN 0 ELSE missing_years | unpaid_years END,
       CASE WHEN is_regular THEN 0 ELSE missing_years END
  FROM gapped
