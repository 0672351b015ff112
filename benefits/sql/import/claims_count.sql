-- claims: inserted, updated (never), unchanged.
SELECT count(*) FILTER (WHERE known IS NULL),
       0,
       count(*) FILTER (WHERE known)
  FROM staging_claims
 WHERE problem IS NULL
