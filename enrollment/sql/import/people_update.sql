-- people: bring known people up to date; of a file that came by a screen, what each row said before stays
-- with the import. Where they are insured is not moved: that is a transfer. Reads person by key.
WITH told AS (
    UPDATE person p
       SET id_type = s.id_type,
           name = s.name,
           initials = s.initials,
           sex = s.sex,
           birth_date = s.birth_date,
           household_region = s.household_region,
           residence_region = s.residence_region,
           phone_sealed = coalesce(s.phone_sealed, p.phone_sealed),
           died_on = s.died_on
      FROM staging_people s
      JOIN person o ON o.id = s.person_id
     WHERE s.problem IS NULL
       AND s.changed
       AND p.id = o.id
    RETURNING p.id,
              jsonb_build_object(
                  'id_type', o.id_type, 'name', o.name, 'initials', o.initials, 'sex', o.sex,
                  'birth_date', o.birth_date, 'household_region', o.household_region,
                  'residence_region', o.residence_region, 'phone_sealed', o.phone_sealed,
                  'died_on', o.died_on) AS was,
              jsonb_build_object(
                  'id_type', p.id_type, 'name', p.name, 'initials', p.initials, 'sex', p.sex,
                  'birth_date', p.birth_date, 'household_region', p.household_region,
                  'residence_region', p.residence_region, 'phone_sealed', p.phone_sealed,
                  'died_on', p.died_on) AS became
)
INSERT INTO import_effect (source_id, table_name, row_id, person_id, was, became)
SELECT %(import)s, 'person', id, id, was, became
  FROM told
 WHERE EXISTS (SELECT FROM import i WHERE i.id = %(import)s AND i.by_screen)
