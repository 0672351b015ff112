-- department_list: refuse what contradicts the register, with the first reason that applies.
-- Reads staging_department_list alone.
UPDATE staging_department_list s
   SET problem = r.problem,
       problem_column = r.problem_column,
       problem_value = r.problem_value
  FROM staging_department_list o
 CROSS JOIN LATERAL (
    SELECT v.*
      FROM (VALUES
        (1, o.person_id IS NULL AND o.event <> 'birth', 'person_unknown', 'id_number', NULL),
        (2, coalesce(o.known_region, o.insured) NOT BETWEEN %(area_first)s AND %(area_last)s,
            'outside_area', 'id_number', coalesce(o.known_region, o.insured)::text),
        (3, o.known_name <> o.name AND o.known_name IS DISTINCT FROM o.new_name, 'name_differs',
            'name', o.name),
        (4, o.event = 'birth' AND o.known_birth <> o.on_day, 'birth_differs', 'on',
            o.known_birth::text),
        (5, o.event <> 'birth' AND o.on_day < o.known_birth, 'born_later', 'on',
            o.known_birth::text),
        (6, o.event = 'death' AND o.known_death <> o.on_day, 'other_death', 'on',
            o.known_death::text),
        (7, o.event NOT IN ('death', 'identity', 'birth') AND o.known_death <= o.on_day,
            'person_is_dead', 'on', o.known_death::text),
        (8, o.event LIKE 'other_cover%%' AND o.known_scheme = 2, 'in_employee_scheme', 'event',
            NULL),
        (9, o.event = 'other_cover_end' AND o.known_left_for = 'other_cover'
            AND o.known_left > o.on_day, 'ends_before_it_begins', 'on', o.on_day::text),
        (10, o.event LIKE 'other_cover%%' AND o.known_left_for IN ('moved_out', 'duplicate'),
            'left_otherwise', 'event', o.known_left::text)
      ) v (rank, applies, problem, problem_column, problem_value)
     WHERE v.applies
     ORDER BY v.rank
     LIMIT 1) r
 WHERE s.line = o.line
   AND o.problem IS NULL
