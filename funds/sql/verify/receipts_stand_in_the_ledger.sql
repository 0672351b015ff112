-- What came in by area and day, what of it found its bill and what waits, is what the ledger says.
-- That bills say the same is proved by paid_is_the_sum_of_its_receipts. Asked once the ledger is kept (the step `post` has run); what waits for the night is named too.
SELECT area, scheme, day, kind, amount AS missing
  FROM unposted('2000-01-01', 'infinity')
 WHERE source = 'receipts' AND EXISTS (SELECT FROM source_posting)
