-- push_list: everybody on a list of a round, in the order of villages. Reads push by push_by_area, person
-- by its key.
SELECT p.id, q.id_sealed, p.name, p.region, p.side, p.kind, p.owed, p.due_on, p.result, p.told_on, p.note
  FROM push p
  JOIN person q ON q.id = p.person_id
 WHERE p.step_id = %(round)s
   AND p.region BETWEEN %(area_first)s AND %(area_last)s
 ORDER BY p.region, p.id
