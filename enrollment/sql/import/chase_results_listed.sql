-- chase_results: the items of the round that a line answers, on the lists of the area of the import; and
-- of which day they are. A line that names an item takes its person from there.
-- Reads push by its key and by somebody_is_listed_once_a_round_and_side.
UPDATE staging_chase_results s
   SET pushes = f.pushes, pushed_on = f.pushed_on, differs = f.differs,
       person_id = coalesce(s.person_id, f.person_id)
  FROM (SELECT n.line, array_agg(n.push) AS pushes, max(n.pushed_on) AS pushed_on,
               max(n.listed) AS person_id,
               bool_or(n.id_digest IS NOT NULL AND n.listed IS DISTINCT FROM n.person_id) AS differs
          FROM (SELECT s.line, s.id_digest, s.person_id, p.id AS push, p.pushed_on, p.region,
                       p.person_id AS listed
                  FROM staging_chase_results s
                  JOIN push p ON p.id = s.item AND p.step_id = s.step_id
                 WHERE s.problem IS NULL
                 UNION ALL
                SELECT s.line, s.id_digest, s.person_id, p.id, p.pushed_on, p.region, p.person_id
                  FROM staging_chase_results s
                  JOIN push p ON p.person_id = s.person_id AND p.step_id = s.step_id
                 WHERE s.problem IS NULL AND s.item IS NULL) n
         WHERE n.region BETWEEN %(area_first)s AND %(area_last)s
         GROUP BY n.line) f
 WHERE s.line = f.line
