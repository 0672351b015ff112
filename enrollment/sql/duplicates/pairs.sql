-- Duplicates of files: the pairs that turned out to be alike, queued at the later file of the two.
INSERT INTO finding (kind, person_id, other_id, region, told, details)
SELECT p.kind, p.person_id, p.other_id, p.region, '', '{}'
  FROM unnest(%(kinds)s::text[], %(people)s::bigint[], %(others)s::bigint[], %(regions)s::bigint[])
       p (kind, person_id, other_id, region)
 ORDER BY p.person_id, p.other_id
ON CONFLICT ON CONSTRAINT a_finding_is_queued_once DO NOTHING
