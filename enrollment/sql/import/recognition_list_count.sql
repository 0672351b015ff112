-- recognition_list: rows that begin, rows that end or change, rows that stay.
SELECT count(*) FILTER (WHERE act = 'begin'),
       count(*) FILTER (WHERE act IN ('end', 'change')),
       count(*) FILTER (WHERE act IN ('keep', 'held'))
  FROM staging_list_act
