-- recognition_list: of which departments and days the readable lines are, most lines first.
SELECT source, listed_on, count(*)
  FROM staging_recognition_list
 WHERE source IS NOT NULL AND listed_on IS NOT NULL
 GROUP BY source, listed_on
 ORDER BY count(*) DESC
 LIMIT 3
