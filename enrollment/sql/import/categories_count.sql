-- categories: inserted, updated, unchanged.
SELECT count(*) FILTER (WHERE category_id IS NULL),
       count(*) FILTER (WHERE changed),
       count(*) FILTER (WHERE NOT changed)
  FROM staging_categories
 WHERE problem IS NULL
