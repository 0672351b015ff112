-- Whoever went to the employee scheme by a transfer has no resident cover from its first day on.
SELECT k.id AS transfer, e.id AS enrollment, t.covered_from, e.suspended_from
  FROM agency_case k
  JOIN enrolment_transfer t ON t.case_ptr_id = k.id
  JOIN enrollment e ON e.id = extract(year FROM t.covered_from)::bigint * 1000000000000
                              + 100000000000 + k.person_id
 WHERE k.state = 'effected'
   AND t.from_scheme = 1 AND t.to_scheme = 2
   AND e.ended_on IS NULL
   AND coalesce(e.suspended_from > t.covered_from, true)
