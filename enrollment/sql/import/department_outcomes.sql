-- department_list: what becomes of each line that was not refused, and what is left to decide.
-- A start of work is accepted beside a resident bill and suspends it; one in another area, or where
-- the area decides about a wait, is a transfer (安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见
-- 一（一）; 医保办发〔2021〕43号). Names and numbers are corrected by a case, which two people see.
-- Reads person_category and school_attendance by person, policy_parameter by code.
UPDATE staging_department_list s
   SET outcome = r.outcome,
       finding = r.finding,
       problem = CASE WHEN r.outcome = 'applied' AND s.event LIKE 'employee%%'
                       AND extract(year FROM s.on_day) <> ALL (%(years)s::int[])
                      THEN 'year_not_on_file' END,
       problem_column = 'on',
       problem_value = extract(year FROM s.on_day)
  FROM staging_department_list o
 CROSS JOIN LATERAL (
    SELECT CASE o.event
           WHEN 'death' THEN CASE WHEN o.known_death = o.on_day THEN 'known' ELSE 'applied' END
           WHEN 'moved' THEN CASE WHEN o.known_household = o.region THEN 'known' ELSE 'applied' END
           WHEN 'identity' THEN CASE WHEN o.known_name = o.new_name OR o.other_id = o.person_id
                                     THEN 'known' ELSE 'case' END
           WHEN 'birth' THEN CASE WHEN o.person_id IS NOT NULL THEN 'known'
                                  WHEN o.other_id IS NULL THEN 'applied'
                                  WHEN o.id_type = 'resident_id' THEN 'case' ELSE 'known' END
           WHEN 'student' THEN CASE WHEN EXISTS (SELECT FROM school_attendance a
                                                  WHERE a.person_id = o.person_id
                                                    AND a.since = o.on_day)
                                    THEN 'known' ELSE 'applied' END
           WHEN 'other_cover_start' THEN CASE WHEN o.known_left_for = 'other_cover'
                                              THEN 'known' ELSE 'applied' END
           WHEN 'other_cover_end' THEN CASE WHEN o.known_left_for <> 'other_cover'
                                             AND EXISTS (SELECT FROM person_category c
                                                          WHERE c.person_id = o.person_id
                                                            AND c.category = k.category
                                                            AND c.valid @> o.on_day)
                                            THEN 'known' ELSE 'applied' END
           WHEN 'employee_start' THEN CASE WHEN o.known_scheme = 2 AND NOT k.elsewhere THEN 'known'
                                           WHEN o.known_scheme = 2 OR k.elsewhere OR k.waits
                                           THEN 'case' ELSE 'applied' END
           WHEN 'employee_end' THEN CASE WHEN o.known_scheme = 1 THEN 'known' ELSE 'applied' END
           END AS outcome,
           CASE o.event
           WHEN 'moved' THEN CASE WHEN o.known_household <> o.region
                                   AND pooling_area(o.region) <> pooling_area(o.known_region)
                                   AND pooling_area(o.known_residence)
                                       <> pooling_area(o.known_region)
                                  THEN 'moved' END
           WHEN 'identity' THEN CASE WHEN o.other_id <> o.person_id THEN 'two_files'
                                     ELSE 'identity' END
           WHEN 'birth' THEN CASE WHEN o.other_id IS NULL THEN 'newborn'
                                  WHEN o.id_type = 'resident_id' THEN 'identity' END
           WHEN 'student' THEN CASE WHEN o.known_left_for = 'not_registered' THEN 'student' END
           WHEN 'other_cover_end' THEN 'returned'
           WHEN 'employee_start' THEN CASE WHEN o.known_scheme = 2 THEN 'employed_twice'
                                           WHEN k.elsewhere OR k.waits THEN 'switched' END
           WHEN 'employee_end' THEN CASE WHEN o.known_scheme = 2 THEN 'returned' END
           END AS finding
      FROM (SELECT CASE o.source WHEN 'military' THEN 'demobilised'
                                 ELSE 'released_prisoner' END AS category,
                   coalesce(pooling_area(o.region) <> pooling_area(o.known_region), false)
                       AS elsewhere,
                   EXISTS (SELECT FROM policy_parameter w
                            WHERE w.code = 'transfer.area_wait_months'
                              AND w.area_id = pooling_area(coalesce(o.region, o.known_region))
                              AND w.valid @> o.on_day
                              AND w.withdrawn_on IS NULL
                              AND (w.value #>> '{}')::int > 0) AS waits) k) r
 WHERE s.line = o.line
   AND o.problem IS NULL
