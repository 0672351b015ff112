-- chase_results: whether an item was answered before, and whether the line says something else now.
-- Reads push by its key.
UPDATE staging_chase_results s
   SET known = f.known, changed = f.changed
  FROM (SELECT s.line, bool_and(p.result <> '') AS known,
               bool_or((p.result, p.told_on, p.note) IS DISTINCT FROM (s.result, s.told_on, s.note))
                   AS changed
          FROM staging_chase_results s
         CROSS JOIN unnest(s.pushes) n (push)
          JOIN push p ON p.id = n.push
         WHERE s.problem IS NULL AND s.result IS NOT NULL
         GROUP BY s.line) f
 WHERE s.line = f.line
