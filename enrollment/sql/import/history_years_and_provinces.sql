-- history: the years of the file with their provinces; who was not covered counts where the person
-- is insured now. Reads person by key.
SELECT DISTINCT s.year, coalesce(s.region, p.insured_region) / 10000000000 * 10000000000
  FROM staging_history s
  JOIN person p ON p.id = s.person_id
 WHERE s.problem IS NULL
