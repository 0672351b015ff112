-- fallout: who was covered in the year before and is not now, with one reason each, in the order of
-- the key. Reads fallout by its key.
SELECT p.id_sealed, f.id / 1000000000000, f.region, f.reason
  FROM fallout f
  JOIN person p ON p.id = f.person_id
 WHERE f.id >= %(first_key)s
   AND f.id < %(last_key)s
   AND f.region BETWEEN %(area_first)s AND %(area_last)s
 ORDER BY f.id
