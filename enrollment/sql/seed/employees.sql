-- seed, employees: the employee rows of one batch in one past year. `months` is a map of twelve
-- bits, January lowest. Slot 1 is the second spell of somebody who moved to another area.
WITH here AS (
    SELECT id, insured_region, other_region, story, turned_in, gone_on, gone_for,
           EXTRACT(month FROM turned_on)::int AS turned_month,
           hashint8extended(id, %(salt)s + 100000 + %(year)s) AS h
      FROM seed_person
     WHERE story <> 'resident'
       AND (gone_on IS NULL OR gone_on >= %(year_start)s)
    OFFSET 0
), worked AS (
    SELECT *,
           CASE WHEN story = 'twice'
                THEN CASE WHEN %(year)s = %(last_year)s
                               OR %(year)s = %(last_year)s - 1 AND id & 2 = 0 THEN 4095 ELSE 0 END
                WHEN story = 'to_employee'
                THEN CASE WHEN turned_in > %(year)s THEN 0
                          WHEN turned_in = %(year)s THEN 4095 << turned_month - 1 & 4095
                          ELSE 4095 END
                WHEN story = 'to_resident'
                THEN CASE WHEN turned_in < %(year)s THEN 0
                          WHEN turned_in = %(year)s THEN (1 << turned_month - 1) - 1
                          ELSE 4095 END
                -- one in twenty-five was out of work for a month or three
                WHEN h & 65535 < 2600
                THEN 4095 & ~((CASE WHEN h >> 16 & 1 = 0 THEN 1 ELSE 7 END)
                              << (h >> 17 & 7)::int)
                ELSE 4095 END
           & CASE WHEN gone_on <= %(year_end)s
                  THEN (1 << EXTRACT(month FROM gone_on)::int) - 1 ELSE 4095 END AS months,
           -- one in forty changes the place of work after March to September
           CASE WHEN story = 'employee' AND h >> 32 & 65535 < 1640
                THEN (1 << 3 + (h >> 48 & 65535)::int %% 7) - 1 END AS elsewhere
      FROM here
    OFFSET 0
), spell AS (
    SELECT id, 0 AS slot, CASE WHEN elsewhere IS NULL THEN insured_region ELSE other_region END
               AS region,
           months & coalesce(elsewhere, 4095) AS months, gone_on, gone_for
      FROM worked
     UNION ALL
    SELECT id, 1, insured_region, months & ~elsewhere, gone_on, gone_for
      FROM worked WHERE elsewhere IS NOT NULL
)
INSERT INTO {table} (id, person_id, region, months, ended_on, ended_for)
SELECT %(employee_base)s + slot * 10000000000 + id, id, region, months,
       CASE WHEN gone_on <= %(year_end)s THEN gone_on END,
       CASE WHEN gone_on <= %(year_end)s THEN gone_for ELSE '' END
  FROM spell
 WHERE months <> 0
