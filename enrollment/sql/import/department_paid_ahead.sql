-- department_list: who paid for a year that begins after today and whose bill ended by this list may ask
-- for it back (rules 2.13: death, joining the employee scheme). Reads import_effect of this import.
INSERT INTO finding (kind, person_id, region, year, told, details, source_id)
SELECT 'paid_ahead', e.person_id, e.region, f.year, e.ended_for,
       jsonb_build_object('paid', e.paid::text, 'on', e.ended_on), %(import)s
  FROM (SELECT row_id, row_id / 1000000000000 AS year
          FROM import_effect
         WHERE source_id = %(import)s
           AND table_name = 'enrollment'
           AND became ->> 'ended_for' IN ('deceased', 'employee_scheme')) f
  JOIN enrollment e ON e.id = f.row_id
 WHERE e.paid > 0
   AND make_date(f.year::int, 1, 1) > %(today)s
ON CONFLICT ON CONSTRAINT a_finding_is_queued_once DO NOTHING
