-- control_totals: inserted, updated, unchanged.
SELECT count(*) FILTER (WHERE known IS NULL),
       count(*) FILTER (WHERE known AND changed),
       count(*) FILTER (WHERE known AND NOT changed)
  FROM staging_control_totals
 WHERE problem IS NULL
