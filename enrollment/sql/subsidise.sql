-- subsidise: the awards of the medical assistance fund behind the subsidies of a slice, one row a
-- change, and the categories gained or lost since on bills nobody has paid yet.
-- Clauses: 皖医保发〔2024〕6号 一（一）. The category on the day of payment decides; a later loss
-- takes nothing back. Other funders' money stays and is never pushed above the personal share.
-- A bill that somebody else changes at this moment is left to the next run.
-- Reads enrollment, person and person_category by the slice's range, award by (enrollment_id).
WITH best AS (
    SELECT DISTINCT ON (c.person_id) c.person_id, c.category, q.amount
      FROM person_category c
      JOIN enrollment e ON e.id = %(base)s + c.person_id
      JOIN step_quota q ON q.step_id = %(step)s
                       AND q.area = pooling_area(e.region)
                       AND q.category = c.category
     WHERE c.person_id BETWEEN %(first)s AND %(last)s
       AND e.id BETWEEN %(base)s + %(first)s AND %(base)s + %(last)s
       AND c.valid @> %(on)s::date
       AND c.qualified
     ORDER BY c.person_id, q.amount DESC, c.category
), awarded AS (
    SELECT a.enrollment_id,
           sum(a.amount) FILTER (WHERE a.funder = 'medical_assistance') AS assistance,
           sum(a.amount) FILTER (WHERE a.funder <> 'medical_assistance') AS others
      FROM award a
     WHERE a.enrollment_id BETWEEN %(base)s + %(first)s AND %(base)s + %(last)s
     GROUP BY a.enrollment_id
), wanted AS (
    SELECT e.id, e.county, e.category AS old_category,
           coalesce(a.assistance, 0) AS assistance, coalesce(a.others, 0) AS others,
           e.subsidy - coalesce(a.others, 0) AS billed,
           e.paid = 0 AND e.payable > 0 AND e.ended_on IS NULL AS is_open,
           coalesce(b.category, '') AS best_category,
           least(coalesce(b.amount, 0), e.standard - coalesce(a.others, 0)) AS best_amount
      FROM enrollment e
      LEFT JOIN best b ON b.person_id = e.person_id
      LEFT JOIN awarded a ON a.enrollment_id = e.id
     WHERE e.id BETWEEN %(base)s + %(first)s AND %(base)s + %(last)s
       AND e.region BETWEEN %(area_first)s AND %(area_last)s
       AND (e.subsidy > 0 OR b.person_id IS NOT NULL)
), result AS MATERIALIZED (
    SELECT id, county, others, billed,
           CASE WHEN is_open THEN best_category ELSE old_category END AS category,
           CASE WHEN is_open THEN best_amount ELSE billed END AS amount,
           CASE WHEN is_open THEN best_amount ELSE billed END - assistance AS difference,
           is_open AND (best_category, best_amount) IS DISTINCT FROM (old_category, billed)
               AS is_changed
      FROM wanted
), rebilled AS (
    UPDATE enrollment e
       SET category = r.category,
           subsidy = r.amount + r.others,
           payable = e.standard - r.amount - r.others
      FROM result r
     WHERE NOT %(rehearse)s
       AND r.is_changed
       AND e.id = r.id
       AND e.id BETWEEN %(base)s + %(first)s AND %(base)s + %(last)s
       -- tested on the row as it is once we may write it
       AND e.subsidy = r.billed + r.others AND e.paid = 0 AND e.ended_on IS NULL
    RETURNING e.id
), settled AS (
    SELECT r.*
      FROM result r
      LEFT JOIN rebilled b ON b.id = r.id
     WHERE %(rehearse)s OR NOT r.is_changed OR b.id IS NOT NULL
), awards AS (
    INSERT INTO award (enrollment_id, funder, category, amount, awarded_on, shard)
    SELECT id, 'medical_assistance', category, difference, %(on)s, %(shard)s
      FROM settled
     WHERE NOT %(rehearse)s AND difference <> 0
), counted AS (
    SELECT id, county, category AS item, difference AS amount
      FROM settled WHERE difference <> 0
    UNION ALL
    SELECT id, county, 'bill_changed', amount - billed FROM settled WHERE is_changed
)
INSERT INTO shard_total (shard_id, county, item, persons, subsidy, output_hash)
SELECT %(shard)s, county, item, count(*), sum(amount),
       bit_xor(hashint8extended(id, hashtextextended(item, hash_numeric_extended(amount, 0))))
  FROM counted
 GROUP BY county, item
