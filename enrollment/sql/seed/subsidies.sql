-- seed, subsidies: the best quota of each person and year among the categories held on 1 September
-- before the year, where the person was insured in it. Alone, however many are held.
-- Clause: 皖医保发〔2024〕6号 一（一）.
WITH held AS (
    SELECT c.person_id, y.year, c.category,
           pooling_area(CASE WHEN p.moved_in > y.year THEN p.other_region ELSE p.insured_region END)
               AS area
      FROM seed_category c
      JOIN seed_person p ON p.id = c.person_id
     CROSS JOIN (SELECT DISTINCT year FROM seed_terms) y
     WHERE c.qualified AND c.valid @> make_date(y.year - 1, 9, 1)
    OFFSET 0
)
INSERT INTO seed_subsidy
SELECT DISTINCT ON (h.person_id, h.year) h.person_id, h.year, h.category, q.amount
  FROM held h
  JOIN seed_quota q ON q.year = h.year AND q.area = h.area AND q.category = h.category
 ORDER BY h.person_id, h.year, q.amount DESC, h.category
