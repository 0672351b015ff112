-- people: a file for everyone who has none, in the order of the lines, in the resident scheme
-- (安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（一）). Files opened by a screen stay with it.
WITH told AS (
    INSERT INTO person (id_type, id_digest, id_sealed, id_mask, name, initials, sex, birth_date,
                        household_region, residence_region, insured_region, phone_sealed, died_on)
    SELECT id_type, id_digest, id_sealed, id_mask, name, initials, sex, birth_date,
           household_region, residence_region, insured_region, phone_sealed, died_on
      FROM staging_people
     WHERE problem IS NULL
       AND person_id IS NULL
     ORDER BY line
    RETURNING id, name, insured_region, died_on, left_for
)
INSERT INTO import_effect (source_id, table_name, row_id, person_id, became)
SELECT %(import)s, 'person', id, id,
       jsonb_build_object('name', name, 'insured_region', insured_region, 'died_on', died_on,
                          'left_for', left_for)
  FROM told
 WHERE EXISTS (SELECT FROM import i WHERE i.id = %(import)s AND i.by_screen)
