-- control_totals: totals that are new and those that a source corrects, in the order of the lines.
-- A day that was closed meanwhile is refused by totals_of_closed_days_stand, and the file with it.
INSERT INTO control_total AS t (source, day, region, scheme, channel, receipts, amount)
SELECT source, day, region, scheme, channel, receipts, amount
  FROM staging_control_totals
 WHERE problem IS NULL
   AND (known IS NULL OR changed)
 ORDER BY line
    ON CONFLICT (source, day, region, scheme, channel)
    DO UPDATE SET receipts = excluded.receipts, amount = excluded.amount, told_at = now()
