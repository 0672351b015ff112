-- department_list: which spell of the employee scheme a start or an end of work is about. A start goes
-- on with the spell that the place has in the year, else takes the next free of ten; an end ends the
-- last open one, or tells the months of the year where the register has none. As acts do it
-- (enrollment/services/spells.py), a start brings its first month; an end tells all of them.
-- Reads enrollment by key: ten look-ups a line.
WITH told AS (
    SELECT line, person_id, event, extract(year FROM on_day)::bigint AS year,
           extract(month FROM on_day)::int AS month, coalesce(region, known_region) AS place
      FROM staging_department_list
     WHERE problem IS NULL
       AND outcome = 'applied'
       AND event IN ('employee_start', 'employee_end')
), slots AS (
    SELECT t.*, g.slot,
           t.year * 1000000000000 + 200000000000 + g.slot * 10000000000 + t.person_id AS key,
           e.id, e.region, e.months, e.ended_on
      FROM told t
     CROSS JOIN generate_series(0::bigint, 9) g (slot)
      LEFT JOIN enrollment e
        ON e.id = t.year * 1000000000000 + 200000000000 + g.slot * 10000000000 + t.person_id
), chosen AS (
    SELECT line, min(event) AS event, min(month) AS month,
           max(key) FILTER (WHERE id IS NOT NULL AND ended_on IS NULL
                              AND (event = 'employee_end' OR region = place)) AS known,
           min(key) FILTER (WHERE id IS NULL) AS free
      FROM slots
     GROUP BY line
)
UPDATE staging_department_list s
   SET spell = coalesce(c.known, c.free),
       begins = c.known IS NULL,
       months = CASE WHEN c.event = 'employee_start' THEN 1 << (c.month - 1)
                     -- from the first month that the spell has, or from January, to the last
                     ELSE ((1 << c.month) - 1)
                          & ~(coalesce(k.months & -k.months, 1)::int - 1) END,
       problem = CASE WHEN coalesce(c.known, c.free) IS NULL THEN 'too_many_spells'
                      WHEN c.event = 'employee_end'
                       AND coalesce(k.months & -k.months, 1)::int > 1 << (c.month - 1)
                      THEN 'ends_before_it_begins' END,
       problem_column = 'on',
       problem_value = s.on_day
  FROM chosen c
  LEFT JOIN slots k ON k.line = c.line AND k.key = c.known
 WHERE s.line = c.line
