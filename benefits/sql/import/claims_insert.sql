-- claims: settlements that are new, in the order of the lines.
INSERT INTO claim (claim_number, person_id, region, settled_on, kind, provider, total, in_policy,
                   fund_paid, major_illness_paid, assistance_paid, source_id)
SELECT claim_number, person_id, region, settled_on, kind, provider, total, in_policy, fund_paid,
       major_illness_paid, assistance_paid, %(source)s
  FROM staging_claims
 WHERE problem IS NULL
   AND known IS NULL
 ORDER BY line
