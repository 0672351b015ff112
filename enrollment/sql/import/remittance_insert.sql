-- remittance: receipts that are new, in the order of the lines, still to be reconciled.
INSERT INTO receipt (receipt_number, person_id, name, year, scheme, amount, paid_at, channel,
                     bill_number)
SELECT receipt_number, person_id, name, year, scheme, amount, paid_at, channel, bill_number
  FROM staging_remittance
 WHERE problem IS NULL
   AND known IS NULL
 ORDER BY line
