-- seed, receipts: what the tax service will report for the coming year from one batch. Most whom
-- `open` bills pay inside the window and more as it closes; the longer somebody was without cover,
-- the less likely. Some pay late, too little, too much or twice, some without being billed.
-- Amounts are what the bill will be: the standard less the quota held on the day of opening.
WITH here AS (
    SELECT p.id, p.name, p.insured_region, p.birth_date, p.died_on, p.gone_on, p.story, p.turned_on, t.standard,
           t.standard - coalesce(s.amount, 0) AS payable, t.window_first, t.window_last,
           p.scheme = 1 AND (p.gone_on IS NULL OR p.gone_on > %(opened_on)s) AS is_billed,
           w.gap_count,
           hashint8extended(p.id, %(salt)s + 31) AS a, hashint8extended(p.id, %(salt)s + 32) AS b
      FROM seed_person p
      -- LEFT, though each finds its row: as in residents.sql
      LEFT JOIN seed_terms t ON t.year = %(coming)s AND t.area = pooling_area(p.insured_region)
      LEFT JOIN seed_wait w ON w.year = %(coming)s AND w.gaps = p.gaps
      LEFT JOIN seed_subsidy s ON s.person_id = p.id AND s.year = %(coming)s
    OFFSET 0
), paying AS (
    SELECT id, name, insured_region, standard, payable, is_billed, gone_on, story, turned_on,
           (a >> 48 & 65535)::int AS mistake, (b >> 32 & 65535)::int AS channel,
           (b >> 48 & 65535)::int AS second,
           greatest(birth_date + 5,
               CASE WHEN a >> 32 & 65535 < 1050
                    THEN %(coming_start)s + (b & 65535)::int * 59 / 65536
                    ELSE window_first + (window_last - window_first + 1)
                         * greatest(b & 65535, b >> 16 & 65535)::int / 65536 END) AS paid_on
      FROM here
     WHERE CASE WHEN is_billed
                THEN payable > 0 AND a & 65535 < CASE gap_count WHEN 0 THEN 65000 WHEN 1 THEN 39000
                                                                WHEN 2 THEN 23000 ELSE 8000 END
                -- paid by people of the employee scheme, or for somebody who has left
                WHEN died_on IS NOT NULL THEN false
                ELSE a & 65535 < 330 END
    OFFSET 0
)
INSERT INTO receipt (id, receipt_number, person_id, name, year, scheme, amount, paid_at, channel,
                     region)
SELECT id * 2 - 1 + copy, (%(number_base)s + id * 10 + copy)::text, id, name, %(coming)s, 1,
       CASE WHEN NOT is_billed THEN standard
            WHEN mistake < 330 THEN greatest(payable - 20, 1)
            WHEN mistake < 530 THEN CASE WHEN payable < standard THEN standard ELSE payable + 20 END
            ELSE payable END,
       -- from seven in the morning to ten at night
       (paid_on + make_interval(days => copy * (2 + id %% 8)::int,
                                secs => 25200 + second * 27000 / 32768))
           AT TIME ZONE 'Asia/Shanghai',
       CASE WHEN channel < 36000 THEN 'app' WHEN channel < 46000 THEN 'bank'
            WHEN channel < 58000 THEN 'village' WHEN channel < 62500 THEN 'counter'
            ELSE 'terminal' END,
       insured_region
  FROM paying
  JOIN (VALUES (0), (1)) AS copies (copy) ON copy = 0 OR mistake BETWEEN 530 AND 729
 WHERE (gone_on IS NULL OR gone_on > paid_on)
   AND (story <> 'to_employee' OR turned_on > paid_on OR NOT is_billed)
