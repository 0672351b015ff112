-- people: a number that stands in the file twice keeps its first line; which one is right, the
-- sender has to say. Reads staging_people alone.
UPDATE staging_people s
   SET problem = 'same_line', problem_column = 'id_number', problem_value = f.first
  FROM (SELECT id_digest, min(line) AS first
          FROM staging_people
         WHERE problem IS NULL
         GROUP BY id_digest
        HAVING count(*) > 1) f
 WHERE s.problem IS NULL
   AND s.id_digest = f.id_digest
   AND s.line > f.first
