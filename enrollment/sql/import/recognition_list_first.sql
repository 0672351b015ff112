-- recognition_list: the first people of each outcome, in the order of their files.
SELECT outcome, person_id, was, becomes
  FROM (SELECT *, row_number() OVER (PARTITION BY outcome ORDER BY person_id) AS place
          FROM staging_list_person) x
 WHERE place <= %(most)s
 ORDER BY outcome, person_id
