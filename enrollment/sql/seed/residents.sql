-- seed, residents: the resident rows of one batch in one past year, into the year under
-- construction. Who has a row follows from the story; who paid when, from draws of the year.
-- Clauses: 皖医保发〔2024〕6号 一（一） subsidies, 一（二） waits, 二（五） window.
WITH here AS (
    SELECT id, CASE WHEN moved_in > %(year)s THEN other_region ELSE insured_region END AS region,
           birth_date, story, turned_on, turned_in, gone_on, gone_for, gaps,
           hashint8extended(id, %(salt)s + %(year)s) AS h
      FROM seed_person
     WHERE birth_date <= %(year_end)s
       -- not an equation: the planner would take it for rare
       AND missing & (1 << %(year)s - %(first_year)s) < 1
       AND (gone_on IS NULL OR gone_on >= %(year_start)s)
       AND story <> 'employee'
    OFFSET 0
), billed AS (
    SELECT p.id, p.region, p.birth_date, p.turned_on, p.gone_on, p.gone_for, w.broken,
           t.standard, coalesce(s.amount, 0) AS subsidy,
           t.standard - coalesce(s.amount, 0) AS payable, coalesce(s.category, '') AS category,
           t.window_first, t.window_last, t.grace_end,
           (h >> 16 & 65535)::int AS day, (h >> 32 & 65535)::int AS rush,
           story = 'to_employee' AND turned_in = %(year)s AS is_leaving,
           CASE WHEN birth_date >= %(year_start)s THEN 'newborn'
                WHEN story = 'to_resident' AND turned_in = %(year)s THEN 'interrupted'
                WHEN t.standard = s.amount THEN 'free'
                WHEN p.gaps >> %(year)s - %(first_year)s & 1 = 1 THEN 'unpaid'
                WHEN h & 65535 < 1200 AND (gone_on IS NULL OR gone_on > %(year_start)s + 200)
                THEN 'late'
                ELSE 'inside' END AS how
      FROM here p
      -- terms and wait find their row; LEFT keeps the planner from hashing the people instead
      LEFT JOIN seed_terms t ON t.year = %(year)s AND t.area = pooling_area(p.region)
      LEFT JOIN seed_wait w ON w.year = %(year)s AND w.gaps = p.gaps
      LEFT JOIN seed_subsidy s ON s.person_id = p.id AND s.year = %(year)s
     WHERE story IN ('resident', 'twice')
        OR story = 'to_employee' AND turned_in >= %(year)s
        OR story = 'to_resident'
           AND (turned_in < %(year)s OR turned_in = %(year)s AND h >> 48 & 65535 < 20000)
    OFFSET 0
), paid AS (
    SELECT *,
           CASE how
                -- the later of two draws: more and more as the window closes
                WHEN 'inside' THEN least(window_last, greatest(birth_date + 5,
                    window_first + (window_last - window_first + 1) * greatest(day, rush) / 65536))
                WHEN 'newborn' THEN least(birth_date + day * 90 / 65536, gone_on, %(year_end)s)
                WHEN 'interrupted' THEN least(turned_on + day * 60 / 65536, %(year_end)s)
                WHEN 'late' THEN %(year_start)s + 1 + day * 170 / 65536 END AS paid_on
      FROM billed
    OFFSET 0
)
INSERT INTO {table} (id, person_id, region, category, standard, subsidy, payable, paid, due_on,
                     paid_on, benefit_start, suspended_from, ended_on, ended_for)
SELECT %(base)s + id, id, region, category, standard, subsidy, payable,
       CASE WHEN how IN ('unpaid', 'free') THEN 0 ELSE payable END, window_last, paid_on,
       CASE WHEN how = 'inside' AND broken = 0 THEN NULL
            WHEN how = 'newborn' THEN birth_date
            WHEN how = 'interrupted' OR how = 'late' AND broken = 0 AND paid_on <= grace_end
            THEN paid_on + 1
            WHEN how IN ('late', 'inside')
            THEN (CASE how WHEN 'late' THEN paid_on ELSE %(year_start)s END + make_interval(
                      months => %(fixed_months)s + greatest(broken - %(variable_offset)s, 0)
                  ))::date END,
       CASE WHEN is_leaving AND how <> 'unpaid' THEN turned_on END,
       CASE WHEN gone_on <= %(year_end)s THEN gone_on END,
       CASE WHEN gone_on <= %(year_end)s THEN gone_for ELSE '' END
  FROM paid
