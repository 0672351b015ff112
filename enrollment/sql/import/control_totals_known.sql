-- control_totals: which totals were told before, and whether they say something else now.
-- Reads control_total by a_source_tells_a_total_once.
UPDATE staging_control_totals s
   SET known = true, changed = (t.receipts, t.amount) IS DISTINCT FROM (s.receipts, s.amount)
  FROM control_total t
 WHERE s.problem IS NULL
   AND (t.source, t.day, t.region, t.scheme, t.channel)
     = (s.source, s.day, s.region, s.scheme, s.channel)
