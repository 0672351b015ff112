-- history: a person has one resident line a year, and one employee line a year and area; the first
-- one stays. Reads staging_history alone.
UPDATE staging_history s
   SET problem = 'same_line', problem_column = 'year', problem_value = f.first
  FROM (SELECT person_id, year, scheme, CASE WHEN scheme = 2 THEN region ELSE 0 END AS place,
               min(line) AS first
          FROM staging_history
         WHERE problem IS NULL
         GROUP BY 1, 2, 3, 4
        HAVING count(*) > 1) f
 WHERE s.problem IS NULL
   AND s.person_id = f.person_id
   AND s.year = f.year
   AND s.scheme = f.scheme
   AND CASE WHEN s.scheme = 2 THEN s.region ELSE 0 END = f.place
   AND s.line > f.first
