-- history: inserted, updated, unchanged. A year without cover has no row, so it changes nothing.
SELECT count(*) FILTER (WHERE scheme <> 0 AND known IS NULL),
       count(*) FILTER (WHERE changed),
       count(*) FILTER (WHERE scheme = 0 OR NOT changed)
  FROM staging_history
 WHERE problem IS NULL
