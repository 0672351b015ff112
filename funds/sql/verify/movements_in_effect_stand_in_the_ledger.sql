-- Every fund movement in effect has its one entry, of its purpose, scheme, day and amount, and one that was
-- reversed the mirror of it; nobody else has an entry under such a key.
SELECT m.case_ptr_id AS movement, c.state, m.purpose, c.amount, e.key
  FROM fund_movement m
  JOIN agency_case c ON c.id = m.case_ptr_id
  FULL JOIN (SELECT * FROM entry WHERE key ~ '^movement:[0-9]+$') e ON e.key = 'movement:' || m.case_ptr_id
 WHERE (c.state IN ('effected', 'reversed')) IS DISTINCT FROM (e.id IS NOT NULL)
    OR e.id IS NOT NULL AND (
       e.reason <> m.purpose OR e.scheme <> m.scheme OR e.occurred_on <> m.occurred_on OR e.case_id <> c.id
       OR m.purpose <> 'year_closed'
          AND c.amount <> ANY (SELECT l.debit + l.credit FROM entry_line l WHERE l.entry_id = e.id)
       OR (c.state = 'reversed') <> EXISTS (SELECT FROM entry r WHERE r.reverses_id = e.id))
