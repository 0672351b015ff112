-- recognition_list: people of the department on file, on the list, missing from it, and held; and the
-- digest of every act.
WITH person_act AS (
    SELECT person_id,
           bool_or(act IN ('keep', 'change') AND NOT is_missing) AS is_listed,
           bool_or(act = 'begin') AS begins,
           bool_or(act IN ('end', 'held')) AS is_missing,
           bool_or(act = 'held') AS is_held,
           bool_or(act <> 'begin') AS is_on_file
      FROM (SELECT *, act IN ('end', 'held') AS is_missing FROM staging_list_act
             WHERE category <> %(new)s) a
     GROUP BY person_id
)
SELECT count(*) FILTER (WHERE is_on_file),
       count(*) FILTER (WHERE is_listed OR begins),
       count(*) FILTER (WHERE is_missing AND NOT is_held AND NOT is_listed AND NOT begins),
       count(*) FILTER (WHERE is_held),
       (SELECT to_hex(coalesce(bit_xor(hashint8extended(
                   person_id, hashtextextended(concat_ws('/', category, act, valid, qualified), 0)
               )), 0)) || '-' || count(*)
          FROM staging_list_act)
  FROM person_act
