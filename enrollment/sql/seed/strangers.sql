-- seed, strangers: receipts of people who have no file, one for about 1,200 people of the register.
INSERT INTO receipt (id, receipt_number, person_id, name, year, scheme, amount, paid_at, channel)
SELECT %(people)s * 2 + n, (%(number_base)s + n * 10 + 9)::text, NULL, s.value || g.value,
       %(coming)s, 1, t.standard,
       (t.window_first + (t.window_last - t.window_first + 1) * (h >> 32 & 65535)::int / 65536
        + make_interval(secs => 36000)) AT TIME ZONE 'Asia/Shanghai', 'bank'
  FROM generate_series(1, %(people)s / 1200 + 1) AS n
 CROSS JOIN LATERAL (SELECT hashint8extended(n, %(salt)s + 33) AS h OFFSET 0) AS drawn
  JOIN seed_surname s ON s.bucket = h & 8191
  JOIN seed_given g ON g.bucket = h >> 16 & 32767
  JOIN (SELECT min(standard) AS standard, max(window_first) AS window_first,
               max(window_last) AS window_last
          FROM seed_terms WHERE year = %(coming)s) t ON true
