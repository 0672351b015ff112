-- reconcile: the receipts of a slice that nobody has looked at, applied to their bills in order of
-- payment; one receipt number once. What finds no open bill waits in suspense with its reason. A
-- bill that somebody else changes at this moment, and its receipts, are left to the next run.
-- Clauses: 皖医保发〔2024〕6号 三（八）; 鄂政办发〔2020〕9号 三（五）.
-- Reads receipt by receipt_not_reconciled (person_id), enrollment by the slice's range.
-- People without a file (person_id null) come with the first slice.
WITH open_receipt AS (
    SELECT r.id, r.person_id, r.amount, (r.paid_at AT TIME ZONE 'Asia/Shanghai')::date AS paid_on,
           r.paid_at
      FROM receipt r
     WHERE r.outcome = ''
       AND r.person_id BETWEEN %(first)s AND %(last)s
       AND r.year = %(year)s AND r.scheme = 1 AND r.bill_number = ''
       AND r.paid_at < (%(on)s::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
     UNION ALL
    SELECT r.id, NULL, r.amount, NULL, r.paid_at
      FROM receipt r
     WHERE r.outcome = ''
       AND r.person_id IS NULL
       AND %(first)s = 1
       AND r.year = %(year)s AND r.scheme = 1 AND r.bill_number = ''
       AND r.paid_at < (%(on)s::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
), placed AS (
    SELECT r.id, r.person_id, r.amount, r.paid_on, e.id AS bill, e.county, e.payable, e.paid,
           e.ended_on IS NOT NULL AS is_ended,
           e.paid + sum(r.amount) OVER (PARTITION BY e.id ORDER BY r.paid_at, r.id)
               - r.amount AS before
      FROM open_receipt r
      LEFT JOIN enrollment e ON e.id = %(base)s + r.person_id
                            AND e.id BETWEEN %(base)s + %(first)s AND %(base)s + %(last)s
      LEFT JOIN person p ON p.id = r.person_id
                        AND p.id BETWEEN %(first)s AND %(last)s
     -- without a bill the person's area decides; who has no file belongs to the province alone
     WHERE coalesce(e.region, p.insured_region, 0) BETWEEN %(area_first)s AND %(area_last)s
), result AS MATERIALIZED (
    SELECT id, amount, paid_on, payable, paid, coalesce(county, 0) AS county,
           CASE WHEN person_id IS NULL THEN 'person_unknown'
                WHEN bill IS NULL THEN 'no_bill'
                WHEN is_ended THEN 'bill_ended'
                WHEN before >= payable THEN 'paid_twice'
                WHEN before + amount < payable THEN 'underpaid'
                WHEN before + amount > payable THEN 'overpaid'
                ELSE 'matched' END AS outcome,
           CASE WHEN NOT is_ended THEN bill END AS bill
      FROM placed
), wanted AS (
    SELECT bill, payable, paid, sum(amount) AS amount, max(paid_on) AS paid_on
      FROM result
     WHERE outcome IN ('matched', 'underpaid', 'overpaid')
     GROUP BY bill, payable, paid
), bills AS (
    UPDATE enrollment e
       SET paid = e.paid + w.amount, paid_on = w.paid_on
      FROM wanted w
     WHERE NOT %(rehearse)s
       AND e.id = w.bill
       AND e.id BETWEEN %(base)s + %(first)s AND %(base)s + %(last)s
       -- tested on the row as it is once we may write it
       AND e.payable = w.payable AND e.paid = w.paid AND e.ended_on IS NULL
    RETURNING e.id
), settled AS (
    SELECT r.*
      FROM result r
     WHERE %(rehearse)s
        OR r.bill IS NULL
        OR r.bill NOT IN (SELECT bill FROM wanted)
        OR r.bill IN (SELECT id FROM bills)
), receipts AS (
    UPDATE receipt t
       SET outcome = r.outcome, enrollment_id = r.bill, shard = %(shard)s
      FROM settled r
     WHERE NOT %(rehearse)s
       AND t.id = r.id
       AND t.outcome = ''
       AND (t.person_id BETWEEN %(first)s AND %(last)s OR (t.person_id IS NULL AND %(first)s = 1))
)
INSERT INTO shard_total (shard_id, county, item, persons, paid, output_hash)
SELECT %(shard)s, county, outcome, count(*), sum(amount),
       bit_xor(hashint8extended(id, hashtextextended(outcome, hashint8extended(
           coalesce(bill, 0), hash_numeric_extended(amount, 0)))))
  FROM settled
 GROUP BY county, outcome
