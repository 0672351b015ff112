-- recognition_list: lines whose number leads to nobody on file.
UPDATE staging_recognition_list s
   SET problem = CASE WHEN s.told_problem IS NOT NULL THEN s.told_problem
                      WHEN s.doubtful AND EXISTS (SELECT FROM staging_recognition_list
                                                   WHERE told_problem = 'identity_rounded')
                      THEN 'identity_rounded' ELSE 'person_unknown' END
 WHERE s.person_id IS NULL
