-- A step that is done left no shard behind, and the year carries its mark.
SELECT s.id AS step, s.name, h.number, h.state
  FROM year_step s JOIN step_shard h ON h.step_id = s.id
 WHERE s.state = 'done' AND h.state <> 'done'
