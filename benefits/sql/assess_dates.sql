-- assess, once the standings of the year are there: the first benefit day of those whose cover does
-- not simply begin on 1 January. A start after 31 December says that the year has no benefit; an empty
-- one means 1 January, unless the contribution came late, which reads as waiting.
-- Clauses: 皖医保发〔2024〕6号 一（二）. Reads standing and enrollment by the slice's range of keys.
UPDATE enrollment e
   SET benefit_start = d.begins
  FROM (SELECT s.id,
               CASE WHEN s.benefit_start IS NULL THEN %(year_end)s + 1
                    WHEN s.benefit_start = %(year_start)s AND NOT coalesce(b.paid_on > b.due_on, false)
                    THEN NULL
                    ELSE s.benefit_start END AS begins
          FROM standing s
          JOIN enrollment b ON b.id = s.id
         WHERE s.id BETWEEN %(base)s + %(first)s AND %(base)s + %(last)s
           AND b.id BETWEEN %(base)s + %(first)s AND %(base)s + %(last)s
           AND (%(among)s::bigint[] IS NULL OR s.person_id = ANY(%(among)s::bigint[]))
           AND s.region BETWEEN %(area_first)s AND %(area_last)s
           AND s.cover = 'R') d
 WHERE e.id = d.id
   AND e.id BETWEEN %(base)s + %(first)s AND %(base)s + %(last)s
   AND e.benefit_start IS DISTINCT FROM d.begins
