-- What a person used in a year is the sum of the claims settled in it, to the cent.
SELECT coalesce(u.id, c.id) / 1000000000000 AS year, coalesce(u.id, c.id) % 10000000000 AS person,
       u.claims AS claims_of_the_use, c.claims, u.total AS total_of_the_use, c.total
  FROM claim_use u
  FULL JOIN (SELECT extract(year FROM settled_on)::bigint * 1000000000000 + 100000000000
                    + person_id AS id,
                    count(*) AS claims, sum(total) AS total, sum(fund_paid) AS fund_paid,
                    sum(major_illness_paid) AS major_illness_paid,
                    sum(assistance_paid) AS assistance_paid
               FROM claim
              GROUP BY 1) c ON c.id = u.id
 WHERE (u.claims, u.total, u.fund_paid, u.major_illness_paid, u.assistance_paid)
       IS DISTINCT FROM
       (c.claims, c.total, c.fund_paid, c.major_illness_paid, c.assistance_paid)
