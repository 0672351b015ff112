-- history: years of cover that are new, without money. Who had died by the end of the year ended
-- with the death. Reads person by key.
INSERT INTO enrollment (id, person_id, region, due_on, paid_on, months, repaired_years, repaired_on,
                        ended_on, ended_for)
SELECT s.key, s.person_id, s.region, s.due_on, s.paid_on, s.months, s.repaired_years, s.repaired_on,
       CASE WHEN p.died_on <= make_date(s.year, 12, 31) THEN p.died_on END,
       CASE WHEN p.died_on <= make_date(s.year, 12, 31) THEN 'deceased' ELSE '' END
  FROM staging_history s
  JOIN person p ON p.id = s.person_id
 WHERE s.problem IS NULL
   AND s.scheme <> 0
   AND s.known IS NULL
 ORDER BY s.key
