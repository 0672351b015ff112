-- No change of money waits: closing a period demands it.
SELECT h.id, h.case_id, h.recorded_at
  FROM change h
 WHERE h.cause IN ('repair', 'repair_reversed')
   AND NOT EXISTS (SELECT FROM change_taken t
                    WHERE t.change_id = h.id AND t.taker = 'post')
