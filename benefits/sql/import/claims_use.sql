-- claims: the use of exactly the years that got new claims, computed again from all their claims.
-- Reads claim by person. Written in the order of keys: `assess` reads a slice of them beside the standings
-- of the same people, and rows that lie where a hash table left them cost it a tenth of its time.
WITH touched AS (
    SELECT DISTINCT person_id, extract(year FROM settled_on)::int AS year
      FROM staging_claims
     WHERE problem IS NULL
       AND known IS NULL
)
INSERT INTO claim_use (id, claims, total, fund_paid, major_illness_paid, assistance_paid)
SELECT t.year * 1000000000000 + 100000000000 + t.person_id, count(*), sum(c.total),
       sum(c.fund_paid), sum(c.major_illness_paid), sum(c.assistance_paid)
  FROM touched t
  JOIN claim c ON c.person_id = t.person_id
              AND c.settled_on BETWEEN make_date(t.year, 1, 1) AND make_date(t.year, 12, 31)
 GROUP BY t.year, t.person_id
 ORDER BY t.year, t.person_id
    ON CONFLICT (id) DO UPDATE
   SET claims = excluded.claims,
       total = excluded.total,
       fund_paid = excluded.fund_paid,
       major_illness_paid = excluded.major_illness_paid,
       assistance_paid = excluded.assistance_paid
