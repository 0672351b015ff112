-- department_list: what is left to decide waits where the person is insured, once, whoever tells it
-- again. A child that got its number is a correction of the file it has.
INSERT INTO finding (kind, person_id, other_id, region, year, told, details, sealed, source_id, line)
SELECT s.finding, coalesce(s.person_id, s.other_id),
       CASE WHEN s.finding = 'two_files' THEN s.other_id END,
       coalesce(s.known_region, s.insured), extract(year FROM s.on_day),
       CASE WHEN s.finding IN ('identity', 'two_files')
            THEN coalesce(s.new_digest::text, s.new_name, s.id_digest::text)
            ELSE s.on_day::text END,
       jsonb_strip_nulls(jsonb_build_object(
           'source', s.source, 'event', s.event, 'on', s.on_day, 'region', s.region,
           'name', s.new_name, 'mask', coalesce(s.new_mask, s.id_mask))),
       coalesce(s.new_sealed, s.id_sealed), %(import)s, s.line
  FROM staging_department_list s
 WHERE s.problem IS NULL
   AND s.outcome IN ('applied', 'case')
   AND s.finding IS NOT NULL
 ORDER BY s.line
ON CONFLICT ON CONSTRAINT a_finding_is_queued_once DO NOTHING
