-- Nobody whose facts changed waits to be assessed again (重新核定中).
SELECT c.id, c.person_id, c.year, c.cause
  FROM change c
 WHERE NOT EXISTS (SELECT FROM change_taken t WHERE t.change_id = c.id AND t.taker = 'assess')
