-- standings: who has a ceiling in one benefit year, in the order of the key. Amounts in yuan.
-- `first_key` and `last_key` leave one partition to read.
SELECT p.id_sealed, s.id / 1000000000000, s.streak, s.broken_years_total, s.continuity_bonus,
       s.zero_claim_bonus, s.bonus_applied, s.penalty_applied, s.cap, s.fixed_months,
       s.variable_months, s.benefit_start
  FROM standing s
  JOIN person p ON p.id = s.person_id
 WHERE s.id >= %(first_key)s
   AND s.id < %(last_key)s
   AND s.cap IS NOT NULL
   AND s.region BETWEEN %(area_first)s AND %(area_last)s
 ORDER BY s.id
