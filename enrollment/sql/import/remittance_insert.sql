-- remittance: receipts that are new, still to be reconciled. Each belongs to where its person is insured
-- now, or else to the area that the file was sent for. Of a payer without a file it keeps what
-- suggestions compare. Rows lie by day, as pages read them, in a day by person, as a slice of
-- `reconcile` does, and of a person in the order of the lines.
-- Reads person by identity_number_has_one_file.
INSERT INTO receipt (receipt_number, person_id, name, year, scheme, amount, paid_at, channel,
                     bill_number, region, id_digest, id_mask, born)
SELECT s.receipt_number, p.id, s.name, s.year, s.scheme, s.amount, s.paid_at, s.channel,
       s.bill_number, coalesce(p.insured_region, %(area)s::bigint, 0),
       CASE WHEN p.id IS NULL THEN s.id_digest END,
       CASE WHEN p.id IS NULL THEN s.id_mask ELSE '' END,
       CASE WHEN p.id IS NULL THEN s.born END
  FROM staging_remittance s
  LEFT JOIN person p ON p.id_digest = s.id_digest
 WHERE s.problem IS NULL
   AND s.known IS NOT TRUE
 ORDER BY s.paid_at::date, p.id, s.line
