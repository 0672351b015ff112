-- claims: a settlement number that stands in the file twice counts once; the first line stays.
-- Reads staging_claims alone.
UPDATE staging_claims s
   SET problem = 'same_line', problem_column = 'claim_number', problem_value = f.first
  FROM (SELECT claim_number, min(line) AS first
          FROM staging_claims
         WHERE problem IS NULL
         GROUP BY claim_number
        HAVING count(*) > 1) f
 WHERE s.problem IS NULL
   AND s.claim_number = f.claim_number
   AND s.line > f.first
