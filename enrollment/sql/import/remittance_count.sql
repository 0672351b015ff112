-- remittance: inserted, updated (never), unchanged.
SELECT count(*) FILTER (WHERE known IS NULL),
       0,
       count(*) FILTER (WHERE known)
  FROM staging_remittance
 WHERE problem IS NULL
