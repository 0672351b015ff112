-- Asked by statement when a receipt comes in or is reconciled (receipts_name_what_is_there); here of all.
SELECT r.id AS receipt, r.person_id, r.enrollment_id
  FROM receipt r
  LEFT JOIN person p ON p.id = r.person_id
  LEFT JOIN enrollment e ON e.id = r.enrollment_id
 WHERE (r.person_id IS NOT NULL AND p.id IS NULL)
    OR (r.enrollment_id IS NOT NULL AND e.id IS NULL)
