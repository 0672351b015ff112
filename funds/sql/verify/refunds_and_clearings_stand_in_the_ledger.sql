-- Refunds and decisions on money in suspense, by area and day of their effect, are in the ledger.
SELECT source, area, scheme, day, kind, amount AS missing
  FROM unposted('infinity', 'infinity')
 WHERE source IN ('refunds', 'clearings') AND EXISTS (SELECT FROM source_posting)
