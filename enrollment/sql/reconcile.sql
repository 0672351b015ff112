-- reconcile: the receipts of a slice that nobody has looked at, applied to their bills in order of
-- payment; one receipt number once. A bill takes what it lacks; what is above it, and what finds no
-- open bill or another name, waits in suspense with its reason. A bill that somebody else changes at
-- this moment, and its receipts, are left to the next run.
-- Clauses: 皖医保发〔2024〕6号 二（三）、（五）, 三（八）; 鄂政办发〔2020〕9号 三（五）.
-- Reads receipt_to_reconcile, receipt by key, enrollment by the slice's range; for receipts without a
-- bill also the years beside by key. People without a file (person_id null) come with the first slice.
WITH open_receipt AS (
    -- by an array: a slice joins by hashing alone, which would read every receipt there ever was
    SELECT r.id, r.person_id, r.name, r.region, r.amount,
           (r.paid_at AT TIME ZONE 'Asia/Shanghai')::date AS paid_on, r.paid_at
      FROM receipt r
     WHERE r.id = ANY (ARRAY(SELECT w.receipt_id
                               FROM receipt_to_reconcile w
                              WHERE w.year = %(year)s
                                AND (w.person_id BETWEEN %(first)s AND %(last)s
                                     OR (w.person_id IS NULL AND %(first)s = 1))))
       AND r.outcome = ''
       AND r.year = %(year)s AND r.scheme = 1 AND r.bill_number = ''
       AND r.paid_at < (%(on)s::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
), employed AS (
    -- with a month of the year in the employee scheme that has not ended
    SELECT DISTINCT e.person_id
      FROM (SELECT %(employee_base)s + slot * 10000000000 AS low
              FROM generate_series(0, 9) AS slot) s
      JOIN enrollment e ON e.id BETWEEN s.low + %(first)s AND s.low + %(last)s
     WHERE e.id >= %(employee_base)s AND e.id < %(employee_base)s + 100000000000
       AND e.months <> 0 AND e.ended_on IS NULL
), placed AS (
    SELECT r.id, r.amount, r.paid_on, r.paid_at, e.id AS bill, e.county, e.payable, e.paid, e.due_on,
           CASE WHEN r.person_id IS NULL THEN 'person_unknown'
                WHEN r.name <> p.name THEN 'name_differs'
                WHEN r.paid_on > %(year_end)s THEN 'wrong_year'
                WHEN e.id IS NULL AND (p.scheme = 2 OR p.left_for = 'other_cover')
                  OR e.ended_for IN ('employee_scheme', 'duplicate', 'other_cover')
                  OR m.person_id IS NOT NULL THEN 'insured_already'
                WHEN e.id IS NOT NULL AND e.ended_on IS NULL THEN NULL
                WHEN EXISTS (SELECT
                               FROM enrollment o
                              WHERE o.id BETWEEN %(last_base)s + %(first)s
                                             AND %(base)s + 1000000000000 + %(last)s
                                AND o.id IN (%(last_base)s + r.person_id,
                                             %(base)s + 1000000000000 + r.person_id)
                                AND o.ended_on IS NULL AND o.paid < o.payable)
                THEN 'wrong_year'
                WHEN e.id IS NULL THEN 'no_bill'
                ELSE 'bill_ended' END AS obstacle
      FROM open_receipt r
      LEFT JOIN enrollment e ON e.id = %(base)s + r.person_id
                            AND e.id BETWEEN %(base)s + %(first)s AND %(base)s + %(last)s
      LEFT JOIN person p ON p.id = r.person_id
                        AND p.id BETWEEN %(first)s AND %(last)s
      LEFT JOIN employed m ON m.person_id = r.person_id
     -- without a bill the person's area decides; who has no file belongs to whoever sent the file
     WHERE coalesce(e.region, p.insured_region, r.region) BETWEEN %(area_first)s AND %(area_last)s
), summed AS (
    SELECT *, paid + sum(amount) FILTER (WHERE obstacle IS NULL)
                         OVER (PARTITION BY bill ORDER BY paid_at, id
                               ROWS UNBOUNDED PRECEDING) - amount AS before
      FROM placed
), result AS MATERIALIZED (
    SELECT id, amount, paid_on, payable, paid, coalesce(county, 0) AS county,
           CASE WHEN obstacle IS NOT NULL THEN obstacle
                WHEN payable = 0 THEN 'fully_subsidised'
                WHEN before >= payable THEN 'paid_twice'
                WHEN before + amount < payable THEN 'underpaid'
                WHEN before + amount > payable THEN 'overpaid'
                WHEN paid_on > due_on THEN 'after_window'
                ELSE 'matched' END AS outcome,
           CASE WHEN obstacle IS NULL THEN bill END AS bill,
           CASE WHEN obstacle IS NULL THEN greatest(least(amount, payable - before), 0)
                ELSE 0 END AS applied
      FROM summed
), wanted AS (
    SELECT bill, max(payable) AS payable, max(paid) AS paid, sum(applied) AS applied,
           max(paid_on) AS paid_on
      FROM result
     WHERE applied > 0
     GROUP BY bill
), bills AS (
    UPDATE enrollment e
       SET paid = e.paid + w.applied, paid_on = greatest(e.paid_on, w.paid_on),
           -- nothing new: but where no generated column depends on what is set, a server up to 18
           -- reads their expressions from the catalogue for every row (ExecInitGenerated)
           region = e.region
      FROM wanted w
     WHERE NOT %(rehearse)s
       AND e.id = w.bill
       AND e.id BETWEEN %(base)s + %(first)s AND %(base)s + %(last)s
       -- tested on the row as it is once we may write it
       AND e.payable = w.payable AND e.paid = w.paid AND e.ended_on IS NULL
    RETURNING e.id
), missed AS (
    -- bills that were changed meanwhile; mostly none
    SELECT w.bill
      FROM wanted w
      LEFT JOIN bills b ON b.id = w.bill
     WHERE NOT %(rehearse)s AND b.id IS NULL
), settled AS (
    SELECT r.*
      FROM result r
      LEFT JOIN missed m ON m.bill = r.bill
     WHERE m.bill IS NULL
), receipts AS (
    UPDATE receipt t
       SET outcome = r.outcome, enrollment_id = r.bill, applied = r.applied, shard = %(shard)s
      FROM settled r
     WHERE NOT %(rehearse)s
       AND t.id = r.id
       AND t.id = ANY (ARRAY(SELECT id FROM settled))
       AND t.outcome = ''
    RETURNING t.paid_at, t.county, t.scheme, t.channel, t.suspense
), days AS (
    -- what waits now, added to the days by which pages read (ReceiptDay)
    INSERT INTO receipt_day (day, county, scheme, channel, receipts, amount, waiting, suspense)
    SELECT (paid_at AT TIME ZONE 'Asia/Shanghai')::date, county, scheme, channel, 0, 0, count(*),
           sum(suspense)
      FROM receipts
     WHERE suspense > 0
     GROUP BY 1, 2, 3, 4
)
-- by outcome what was applied, or else received; what was above the bills is an item of its own
INSERT INTO shard_total (shard_id, county, item, persons, paid, output_hash)
SELECT %(shard)s, county, item, sum(counted), sum(money), bit_xor(row_hash)
  FROM (SELECT county, outcome AS item, 1 AS counted,
               CASE WHEN applied > 0 THEN applied ELSE amount END AS money,
               hashint8extended(id, hashtextextended(outcome, hashint8extended(
                   coalesce(bill, 0), hash_numeric_extended(amount, 0)))) AS row_hash
          FROM settled
         UNION ALL
        SELECT county, 'excess', 0, amount - applied,
               hashint8extended(id, hash_numeric_extended(applied, 0))
          FROM settled
         WHERE applied > 0 AND applied < amount) part
 GROUP BY county, item
