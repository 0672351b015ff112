-- recognition_list: whom the list changed, for the follow-up.
INSERT INTO listed_change (source_id, person_id, county, outcome, was, becomes)
SELECT %(import)s, person_id, region / 1000000, outcome, was, becomes
  FROM staging_list_person
 ORDER BY person_id
