-- What pages show of a step that is done is the sum of what its shards counted.
SELECT coalesce(t.step_id, s.step_id) AS step, coalesce(t.county, s.county) AS county,
       coalesce(t.item, s.item) AS item, t.persons AS summed, s.persons AS counted
  FROM step_total t
  FULL JOIN (SELECT h.step_id, c.county, c.item, sum(c.persons) AS persons,
                    sum(c.standard) AS standard, sum(c.subsidy) AS subsidy,
                    sum(c.payable) AS payable, sum(c.paid) AS paid,
                    bit_xor(c.output_hash) AS output_hash
               FROM year_step y
               JOIN step_shard h ON h.step_id = y.id
               JOIN shard_total c ON c.shard_id = h.id
              WHERE y.state = 'done'
              GROUP BY h.step_id, c.county, c.item) s
         ON s.step_id = t.step_id AND s.county = t.county AND s.item = t.item
 WHERE (t.persons, t.standard, t.subsidy, t.payable, t.paid, t.output_hash)
       IS DISTINCT FROM (s.persons, s.standard, s.subsidy, s.payable, s.paid, s.output_hash)
