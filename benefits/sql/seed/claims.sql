-- seed, claims: what the insured residents of one past year claimed, and the use of that year.
-- Draws are 16 bits of hashes of seed, year and person, as in enrollment/sql/seed. About half claim:
-- first bills of outpatients, some of them more, some a stay in hospital. A few are gravely ill:
-- whoever claimed nothing in the year before, and so earned a bonus, is paid beyond the ceiling,
-- which uses it up (皖医保发〔2024〕6号 一（二）); the others stay below.
-- Reads enrollment and claim_use by key, this year and the one before.
WITH covered AS (
    SELECT e.person_id, e.region, e.category, c.ceiling, c.bonus,
           greatest(e.benefit_start, %(year_start)s::date) AS first_day,
           least(e.benefit_end, e.ended_on, e.suspended_from - 1, %(year_end)s::date) AS last_day,
           hashint8extended(e.person_id, %(salt)s + 100 + %(year)s) AS h
      FROM enrollment e
      LEFT JOIN unnest(%(areas)s::bigint[], %(ceilings)s::numeric[], %(bonuses)s::numeric[])
                c (area, ceiling, bonus)
             ON c.area = pooling_area(e.region)
     WHERE e.id >= %(first_key)s
       AND e.id < %(last_key)s
       AND e.paid >= e.payable
       AND (e.benefit_start IS NOT NULL OR e.paid_on IS NULL OR e.paid_on <= e.due_on)
    OFFSET 0
), claiming AS (
    SELECT *, h >> 32 & 65535 < %(grave)s AND ceiling IS NOT NULL AS is_grave
      FROM covered
     WHERE last_day >= first_day
       AND h & 65535 < 33000
    OFFSET 0
), drawn AS (
    SELECT c.person_id, c.region, c.category, c.ceiling, c.first_day, c.last_day, n.part,
           CASE WHEN u.id IS NULL AND b.id IS NOT NULL THEN c.bonus ELSE 0 END AS bonus,
           hashint8extended(c.person_id * 4 + n.part, %(salt)s + 200 + %(year)s) AS h
      FROM claiming c
      -- 0 and 1 outpatient, 2 inpatient, 3 major illness
      JOIN generate_series(0, 3) n (part)
        ON n.part = 0 OR n.part = 1 AND c.h >> 16 & 65535 < 26000
        OR n.part = 2 AND c.h >> 16 & 65535 < 13000 OR n.part = 3 AND c.is_grave
      LEFT JOIN enrollment b
             ON n.part = 3 AND b.id = %(earlier_base)s + c.person_id AND b.paid >= b.payable
      LEFT JOIN claim_use u ON n.part = 3 AND u.id = %(earlier_base)s + c.person_id
    OFFSET 0
), priced AS (
    -- yuan; what the fund and major-illness insurance pay, and what else the bill holds
    SELECT d.*, first_day + (last_day - first_day + 1) * (h >> 48 & 65535)::int / 65536 AS on_day,
           CASE part WHEN 3 THEN 200000.00 + (h & 65535) / 2
                     WHEN 2 THEN (150000 + (h & 65535) * 60) / 100.0
                     ELSE (1000 + (h & 65535)) / 100.0 END AS fund,
           CASE WHEN part < 3 THEN 0
                WHEN bonus > 0 THEN ceiling + 1 + (bonus - 1) * (h >> 16 & 65535) / 65536
                ELSE ceiling - (h >> 16 & 65535) * 3 END AS major_illness,
           CASE part WHEN 3 THEN 90000.00 + (h >> 32 & 65535) / 2
                     WHEN 2 THEN (60000 + (h >> 32 & 65535) * 25) / 100.0
                     ELSE (1000 + (h >> 32 & 65535) / 2) / 100.0 END AS own
      FROM drawn d
    OFFSET 0
), written AS (
    INSERT INTO claim (claim_number, person_id, region, settled_on, kind, provider, total,
                       in_policy, fund_paid, major_illness_paid, assistance_paid)
    SELECT 'S' || %(year)s || lpad(p.person_id::text, 10, '0') || p.part, p.person_id, p.region,
           p.on_day,
           CASE p.part WHEN 3 THEN 'major_illness' WHEN 2 THEN 'inpatient' ELSE 'outpatient' END,
           coalesce(r.name, '') || CASE WHEN p.part < 2 THEN '示例卫生院' ELSE '示例医院' END,
           round(p.fund + p.major_illness + p.own, 2),
           round(p.fund + p.major_illness + p.own / 2, 2), round(p.fund, 2),
           round(p.major_illness, 2),
           -- medical assistance pays half of what the policy leaves to those it knows
           CASE WHEN p.category = '' OR p.part < 2 THEN 0 ELSE round(p.own / 4, 2) END
      FROM priced p
      LEFT JOIN region r ON r.code = p.region / 1000000 * 1000000
     ORDER BY p.person_id, p.part
    RETURNING person_id, total, fund_paid, major_illness_paid, assistance_paid
), used AS (
    INSERT INTO claim_use (id, claims, total, fund_paid, major_illness_paid, assistance_paid)
    SELECT %(base)s + person_id, count(*), sum(total), sum(fund_paid), sum(major_illness_paid),
           sum(assistance_paid)
      FROM written
     GROUP BY person_id
     ORDER BY person_id  -- as an import writes them
    RETURNING claims
)
SELECT coalesce(sum(claims), 0) FROM used
