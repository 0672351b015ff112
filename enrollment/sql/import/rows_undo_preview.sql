-- Any kind that writes several tables: rows and findings that would be taken back, and rows kept.
SELECT count(*) FILTER (WHERE stands)
       + (SELECT count(*) FROM finding f WHERE f.source_id = %(import)s AND f.state = 'open'),
       count(*) FILTER (WHERE NOT stands)
  FROM effects_that_stand(%(import)s)
