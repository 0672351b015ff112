-- Codes change over the years, so no foreign key holds them; but each must be a known division.
SELECT 'person' AS found_in, p.insured_region AS region, count(*) AS persons
  FROM person p LEFT JOIN region r ON r.code = p.insured_region
 WHERE r.code IS NULL
 GROUP BY p.insured_region
 UNION ALL
SELECT 'enrollment', e.region, count(*)
  FROM enrollment e LEFT JOIN region r ON r.code = e.region
 WHERE r.code IS NULL
 GROUP BY e.region
