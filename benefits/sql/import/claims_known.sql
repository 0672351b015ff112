-- claims: settlements that were sent before; with another content they are refused.
-- Reads claim by a_settlement_number_counts_once.
UPDATE staging_claims s
   SET known = true,
       problem = CASE WHEN (c.person_id, c.settled_on, c.kind, c.provider, c.total, c.in_policy,
                            c.fund_paid, c.major_illness_paid, c.assistance_paid)
                           IS DISTINCT FROM
                           (s.person_id, s.settled_on, s.kind, s.provider, s.total, s.in_policy,
                            s.fund_paid, s.major_illness_paid, s.assistance_paid)
                      THEN 'claim_differs' END,
       problem_column = 'claim_number',
       problem_value = s.claim_number
  FROM claim c
 WHERE s.problem IS NULL
   AND c.claim_number = s.claim_number
