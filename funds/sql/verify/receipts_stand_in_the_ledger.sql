-- What came in by area and day up to the last night, what of it found its bill and what waits, is what
-- the ledger says. That bills say the same is proved by paid_is_the_sum_of_its_receipts. Receipts of
-- those days that came since wait for the next night and are named too.
SELECT area, scheme, day, kind, amount AS missing
  FROM unposted('2000-01-01', posted_until())
 WHERE source = 'receipts' AND EXISTS (SELECT FROM source_posting)
