-- remittance: a receipt number that stands in the file twice counts once; the first line stays.
-- Reads staging_remittance alone.
UPDATE staging_remittance s
   SET problem = 'same_line', problem_column = 'receipt_number', problem_value = f.first
  FROM (SELECT receipt_number, min(line) AS first
          FROM staging_remittance
         WHERE problem IS NULL
         GROUP BY receipt_number
        HAVING count(*) > 1) f
 WHERE s.problem IS NULL
   AND s.receipt_number = f.receipt_number
   AND s.line > f.first
