-- Duties of one account whose roles exclude each other are never in force on the same day.
SELECT a.user_id AS account, a.id AS duty, b.id AS other
  FROM duty a
  JOIN duty b ON b.user_id = a.user_id AND b.id > a.id AND b.valid && a.valid
  JOIN role_conflict c ON (c.role_id, c.other_id)
                        = (least(a.role_id, b.role_id), greatest(a.role_id, b.role_id))
