-- recognition_list: whom the list changed, for the follow-up.
INSERT INTO listed_change (source_id, person_id, outcome, was, becomes)
SELECT %(import)s, person_id, outcome, was, becomes
  FROM staging_list_person
 ORDER BY person_id
