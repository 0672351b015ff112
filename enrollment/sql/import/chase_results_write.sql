-- chase_results: write the answers that are new or say something else. The triggers of push count them.
-- Reads push by its key.
UPDATE push p
   SET result = s.result, told_on = s.told_on, note = s.note, told_by_id = %(import)s
  FROM staging_chase_results s
 CROSS JOIN unnest(s.pushes) n (push)
 WHERE s.problem IS NULL
   AND s.changed
   AND p.id = n.push
   AND (p.result, p.told_on, p.note) IS DISTINCT FROM (s.result, s.told_on, s.note)
