-- What the register itself says of a collection by the end of a day, to be compared with a report: bills
-- that stand, who had paid, and the money of those bills. Reads every bill of one year by its range of
-- keys; for a report that is made at night, never for a page.
SELECT count(*) FILTER (WHERE b.stands) AS billed,
       count(*) FILTER (WHERE b.insured AND b.in_time) AS insured,
       coalesce(sum(b.paid) FILTER (WHERE b.stands AND b.in_time), 0) AS paid
  FROM (SELECT e.paid,
               e.ended_on < make_date(%(year)s, 1, 1) IS NOT TRUE AS stands,
               is_insured(e.id, e.payable, e.paid, e.ended_on) AS insured,
               coalesce(e.paid_on <= %(day)s, true) AS in_time
          FROM enrollment e
         WHERE e.id >= %(year)s::bigint * 1000000000000 + 100000000000
           AND e.id < %(year)s::bigint * 1000000000000 + 200000000000) b
