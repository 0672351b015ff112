-- control_totals: money that a source would tell twice: of a pooling area beside one of its counties, or
-- of all channels beside one of them. Reads control_total by control_total_by_day.
WITH told AS (
    SELECT source, day, region, scheme, channel FROM staging_control_totals WHERE problem IS NULL
     UNION
    SELECT t.source, t.day, t.region, t.scheme, t.channel
      FROM control_total t
     WHERE t.day IN (SELECT day FROM staging_control_totals WHERE problem IS NULL)
)
UPDATE staging_control_totals s
   SET problem = 'told_twice', problem_column = 'region', problem_value = t.region::text
  FROM told t
 WHERE s.problem IS NULL
   AND (t.source, t.day, t.scheme) = (s.source, s.day, s.scheme)
   AND (t.region, t.channel) <> (s.region, s.channel)
   AND (t.region = s.region OR region_holds(t.region, s.region) OR region_holds(s.region, t.region))
   AND (t.channel = s.channel OR t.channel = '' OR s.channel = '')
