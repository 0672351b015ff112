-- control_totals: totals that are new and those that a source corrects, in the order of the lines; what
-- each said before stays with the import. A day that was closed meanwhile is refused by
-- totals_of_closed_days_stand, and the file with it.
WITH before AS MATERIALIZED (
    SELECT t.id, t.receipts, t.amount
      FROM staging_control_totals s
      JOIN control_total t USING (source, day, region, scheme, channel)
     WHERE s.problem IS NULL
       AND s.changed
), told AS (
    INSERT INTO control_total AS t (source, day, region, scheme, channel, receipts, amount)
    SELECT source, day, region, scheme, channel, receipts, amount
      FROM staging_control_totals
     WHERE problem IS NULL
       AND (known IS NULL OR changed)
     ORDER BY line
        ON CONFLICT (source, day, region, scheme, channel)
        DO UPDATE SET receipts = excluded.receipts, amount = excluded.amount, told_at = now()
    RETURNING id, source, day, region, receipts, amount
)
INSERT INTO import_effect (source_id, table_name, row_id, was, became)
SELECT %(import)s, 'control_total', t.id,
       CASE WHEN b.id IS NOT NULL
            THEN jsonb_build_object('receipts', b.receipts, 'amount', b.amount) END,
       jsonb_build_object('source', t.source, 'day', t.day, 'region', t.region,
                          'receipts', t.receipts, 'amount', t.amount)
  FROM told t
  LEFT JOIN before b ON b.id = t.id
