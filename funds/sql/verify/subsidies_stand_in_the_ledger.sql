-- What medical assistance and others awarded, by area and day, is due in the ledger. That
-- bills say the same is proved by subsidy_is_the_sum_of_its_awards.
SELECT area, scheme, day, kind, amount AS missing
  FROM unposted('infinity', posted_until())
 WHERE source = 'awards' AND EXISTS (SELECT FROM source_posting)
