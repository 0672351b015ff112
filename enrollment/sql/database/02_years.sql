-- Yearly tables. Workers own nothing: the pieces of work that need an owner are these functions.
-- A table under construction is called PARENT_yYEAR_sSTEP; once attached, PARENT_yYEAR.
CREATE OR REPLACE FUNCTION year_table_checked(name text) RETURNS regclass
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF name !~ '^(enrollment|standing)_y[0-9]{4}_s[0-9]+$' THEN
        RAISE EXCEPTION 'not a yearly table under construction: %', name;
    END IF;
    RETURN name::regclass;
END $$;

CREATE OR REPLACE FUNCTION year_table_create(parent text, year int, step bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '2s' AS $$
DECLARE name text := format('%s_y%s_s%s', parent, year, step);
BEGIN
    IF parent NOT IN ('enrollment', 'standing') OR year NOT BETWEEN 1900 AND 9998 THEN
        RAISE EXCEPTION 'not a yearly table: % %', parent, year;
    END IF;
    IF to_regclass(name) IS NOT NULL THEN
        RETURN name;
    END IF;
    -- checks, generated columns and defaults come along; key, indexes and foreign keys later
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL EXCLUDING INDEXES,
                        CONSTRAINT %I CHECK (id >= %s AND id < %s))',
                   name, parent, name || '_year',
                   year * 1000000000000, (year + 1) * 1000000000000);
    EXECUTE format('GRANT SELECT, INSERT, DELETE ON %I TO {worker}', name);
    IF current_setting('server_version_num')::int >= 170000 THEN
        EXECUTE format('GRANT MAINTAIN ON %I TO {worker}', name);
    END IF;
    RETURN name;
END $$;

CREATE OR REPLACE FUNCTION year_table_index(name text, column_name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE made regclass := year_table_checked(name);
BEGIN
    IF column_name = 'id' THEN
        EXECUTE format('CREATE UNIQUE INDEX IF NOT EXISTS %I ON %s (id)', name || '_pkey', made);
    ELSIF column_name IN ('county', 'region') THEN
        EXECUTE format('CREATE INDEX IF NOT EXISTS %I ON %s (%I, id)',
                       name || '_' || column_name, made, column_name);
    ELSE
        RAISE EXCEPTION 'no such index: %', column_name;
    END IF;
END $$;

-- Both sides come in the order of their keys: merged they are validated in a third of the time that a
-- hash table of a province takes, which the planner prefers.
CREATE OR REPLACE FUNCTION year_table_check(name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET enable_hashjoin = off AS $$
DECLARE made regclass := year_table_checked(name);
BEGIN
    IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = made AND contype = 'p') THEN
        EXECUTE format('ALTER TABLE %s ADD PRIMARY KEY USING INDEX %I', made, name || '_pkey');
    END IF;
    IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = made AND contype = 'f') THEN
        EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I FOREIGN KEY (person_id)
                            REFERENCES person (id) DEFERRABLE INITIALLY DEFERRED NOT VALID',
                       made, name || '_person');
    END IF;
    EXECUTE format('ALTER TABLE %s VALIDATE CONSTRAINT %I', made, name || '_person');
END $$;

CREATE OR REPLACE FUNCTION year_table_attach(name text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
    made regclass := year_table_checked(name);
    parent text := split_part(name, '_', 1);
    year bigint := substring(name from '_y([0-9]{4})_s')::bigint;
    final text := format('%s_y%s', parent, year);
BEGIN
    EXECUTE format('REVOKE SELECT, INSERT, DELETE ON %s FROM {worker}', made);
    EXECUTE format('ALTER TABLE %s RENAME TO %I', made, final);
    -- only the parent answers: a partition has row security and no policy
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', final);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)',
                   parent, final, year * 1000000000000, (year + 1) * 1000000000000);
    RETURN final;
END $$;

CREATE OR REPLACE FUNCTION year_table_drop(name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '2s' AS $$
BEGIN
    PERFORM year_table_checked(name);
    EXECUTE format('DROP TABLE %I', name);
END $$;

-- An empty attached year, for what comes by files; filled years come by year_table_attach.
CREATE OR REPLACE FUNCTION year_table_make(parent text, year int) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '2s' AS $$
DECLARE final text := format('%s_y%s', parent, year);
BEGIN
    IF parent NOT IN ('enrollment', 'standing') OR year NOT BETWEEN 1900 AND 9998 THEN
        RAISE EXCEPTION 'not a yearly table: % %', parent, year;
    END IF;
    IF to_regclass(final) IS NULL THEN
        EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%s) TO (%s)',
                       final, parent, year * 1000000000000, (year + 1) * 1000000000000);
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', final);
    END IF;
    RETURN final;
END $$;

-- A step that is done has its totals added up once, for the pages: a sum of its shards would grow with
-- the number of slices.
CREATE OR REPLACE FUNCTION step_is_summed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO step_total (step_id, county, item, persons, standard, subsidy, payable, paid,
                            output_hash)
    SELECT NEW.id, t.county, t.item, sum(t.persons), sum(t.standard), sum(t.subsidy),
           sum(t.payable), sum(t.paid), bit_xor(t.output_hash)
      FROM step_shard s
      JOIN shard_total t ON t.shard_id = s.id
     WHERE s.step_id = NEW.id
     GROUP BY t.county, t.item;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER a_done_step_is_summed AFTER UPDATE OF state ON year_step
    FOR EACH ROW WHEN (NEW.state = 'done' AND OLD.state <> 'done')
    EXECUTE FUNCTION step_is_summed();
