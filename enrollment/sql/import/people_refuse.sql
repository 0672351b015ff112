-- people: refuse newcomers whose place of insurance nobody knows, who belongs to another area, and
-- whose death the file would undo. Reads staging_people alone.
UPDATE staging_people
   SET problem = CASE
           WHEN coalesce(known_region, insured_region) IS NULL THEN 'no_place_of_insurance'
           WHEN coalesce(known_region, insured_region)
                NOT BETWEEN %(area_first)s AND %(area_last)s THEN 'outside_area'
           ELSE 'death_stands' END,
       problem_column = CASE
           WHEN coalesce(known_region, insured_region) IS NULL THEN 'residence_region'
           WHEN coalesce(known_region, insured_region)
                NOT BETWEEN %(area_first)s AND %(area_last)s
           THEN CASE WHEN known_region IS NULL THEN 'residence_region' ELSE 'id_number' END
           ELSE 'life_status' END,
       problem_value = CASE
           WHEN coalesce(known_region, insured_region) IS NULL
           THEN residence_region || ', ' || household_region
           WHEN coalesce(known_region, insured_region)
                NOT BETWEEN %(area_first)s AND %(area_last)s
           THEN coalesce(known_region, insured_region)::text
           ELSE known_death::text END
 WHERE problem IS NULL
   AND (coalesce(known_region, insured_region) BETWEEN %(area_first)s AND %(area_last)s
        AND NOT (known_death IS NOT NULL AND died_on IS NULL)) IS NOT TRUE
