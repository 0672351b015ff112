-- remittance: receipts that were sent before; with another content they are refused. Whose they are
-- is not compared where nobody was found then. Reads receipt by its number, person by
-- identity_number_has_one_file.
UPDATE staging_remittance s
   SET known = true,
       problem = CASE WHEN (r.name, r.year, r.scheme, r.amount, r.paid_at, r.channel, r.bill_number)
                           IS DISTINCT FROM
                           (s.name, s.year, s.scheme, s.amount, s.paid_at, s.channel, s.bill_number)
                        OR (r.person_id IS NOT NULL AND r.person_id IS DISTINCT FROM
                            (SELECT p.id FROM person p WHERE p.id_digest = s.id_digest))
                      THEN 'receipt_differs' END,
       problem_column = 'receipt_number',
       problem_value = s.receipt_number
  FROM receipt r
 WHERE s.problem IS NULL
   AND r.receipt_number = s.receipt_number
