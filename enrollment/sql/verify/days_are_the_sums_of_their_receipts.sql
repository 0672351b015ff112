-- What pages tell of a day is the sum of its receipts: how many, how much, and how much of it waits.
SELECT coalesce(d.day, r.day) AS day, coalesce(d.county, r.county) AS county, d.receipts, r.receipts AS
       counted, d.amount, r.amount AS summed, d.suspense, r.suspense AS left_over
  FROM (SELECT day, county, scheme, channel, sum(receipts) AS receipts, sum(amount) AS amount,
               sum(waiting) AS waiting, sum(suspense) AS suspense
          FROM receipt_day
         GROUP BY 1, 2, 3, 4) d
  FULL JOIN (SELECT (paid_at AT TIME ZONE 'Asia/Shanghai')::date AS day, county, scheme, channel,
                    count(*) AS receipts, sum(amount) AS amount,
                    count(*) FILTER (WHERE outcome <> '' AND suspense > 0) AS waiting,
                    coalesce(sum(suspense) FILTER (WHERE outcome <> ''), 0) AS suspense
               FROM receipt
              GROUP BY 1, 2, 3, 4) r USING (day, county, scheme, channel)
 WHERE (coalesce(d.receipts, 0), coalesce(d.amount, 0), coalesce(d.waiting, 0), coalesce(d.suspense, 0))
       IS DISTINCT FROM
       (coalesce(r.receipts, 0), coalesce(r.amount, 0), coalesce(r.waiting, 0), coalesce(r.suspense, 0))
