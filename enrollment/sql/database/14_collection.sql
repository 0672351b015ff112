-- The collection of a year in sums (docs/adr/0043-collection-in-sums.md): bills by township and category, by
-- county and day of payment; people by township. Counted by statement, whoever writes, as pushes are; a
-- year that was filled apart is added as it is attached. Both sides of a change are summed with their
-- sign, and what sums up to nothing leaves no row; rows come in the order by which pages read them.
DO $$
DECLARE
    bills text := $sql$
        WITH bill AS MATERIALIZED (
            SELECT t.id / 1000000000000 AS year, t.region / 1000 * 1000 AS region, t.county,
                   t.category, t.paid_on AS day, t.sign * s.stands AS billed,
                   t.sign * (1 - s.stands) AS ended, t.sign * s.insured AS insured,
                   CASE WHEN t.subsidy > 0 THEN t.sign * s.insured ELSE 0 END AS subsidised_insured,
                   CASE WHEN t.subsidy > 0 THEN t.sign * s.stands ELSE 0 END AS subsidised,
                   t.sign * s.stands * t.subsidy AS subsidy,
                   t.sign * s.stands * t.payable AS payable, t.sign * s.stands * t.paid AS paid
              FROM (%s) t
             CROSS JOIN LATERAL (
                   SELECT (t.ended_on IS NULL OR t.ended_on >= make_date(
                              (t.id / 1000000000000)::int, 1, 1))::int,
                          is_insured(t.id, t.payable, t.paid, t.ended_on)::int) s (stands, insured)
             WHERE t.id / 100000000000 %% 10 = 1
        ), townships AS (
            INSERT INTO collection_total (year, region, category, billed, ended, insured, subsidised,
                                          subsidised_insured, subsidy, payable, paid)
            SELECT year, region, category, sum(billed), sum(ended), sum(insured), sum(subsidised),
                   sum(subsidised_insured), sum(subsidy), sum(payable), sum(paid)
              FROM bill
             GROUP BY 1, 2, 3
            HAVING (sum(billed), sum(ended), sum(insured), sum(subsidised),
                    sum(subsidised_insured), sum(subsidy), sum(payable), sum(paid))
                   <> (0, 0, 0, 0, 0, 0, 0, 0)
             ORDER BY 1, 2, 3
        )
        INSERT INTO collection_day (year, day, county, insured, subsidised_insured, paid)
        SELECT year, day, county, sum(insured), sum(subsidised_insured), sum(paid)
          FROM bill
         GROUP BY 1, 2, 3
        HAVING (sum(insured), sum(subsidised_insured), sum(paid)) <> (0, 0, 0)
         ORDER BY 1, 2, 3;$sql$;
    people text := $sql$
        INSERT INTO people_total (region, habitual, hukou, employees, residents)
        SELECT r.region / 1000 * 1000, sum(t.sign * r.habitual), sum(t.sign * r.hukou),
               sum(t.sign * r.employees), sum(t.sign * r.residents)
          FROM (%s) t
         CROSS JOIN LATERAL (
               VALUES (t.residence_region, 1, 0, 0, 0), (t.household_region, 0, 1, 0, 0),
                      (t.insured_region, 0, 0, (t.scheme = 2 AND t.left_on IS NULL)::int,
                       (t.scheme = 1 AND t.left_on IS NULL)::int)
               ) r (region, habitual, hukou, employees, residents)
         WHERE t.died_on IS NULL
         GROUP BY 1
        HAVING (sum(t.sign * r.habitual), sum(t.sign * r.hukou), sum(t.sign * r.employees),
                sum(t.sign * r.residents)) <> (0, 0, 0, 0);$sql$;
    trigger_form text := 'CREATE OR REPLACE FUNCTION %I() RETURNS trigger LANGUAGE plpgsql'
                         ' SECURITY DEFINER SET search_path = public, pg_temp AS %L';
    came text := 'SELECT *, 1 AS sign FROM new_t';
    gone text := 'SELECT *, -1 AS sign FROM old_t';
    changed text := came || ' UNION ALL ' || gone;
    body text := 'BEGIN %s RETURN NULL; END';
BEGIN
    EXECUTE format(trigger_form, 'bills_came', format(body, format(bills, came)));
    EXECUTE format(trigger_form, 'bills_changed', format(body, format(bills, changed)));
    EXECUTE format(trigger_form, 'bills_went', format(body, format(bills, gone)));
    EXECUTE format(trigger_form, 'people_came', format(body, format(people, came)));
    EXECUTE format(trigger_form, 'people_changed', format(body, format(people, changed)));
    EXECUTE format(trigger_form, 'people_went', format(body, format(people, gone)));
    -- for what no trigger saw: the years of a seed, a register older than these sums
    EXECUTE format('CREATE OR REPLACE FUNCTION sum_bills(of_year int) RETURNS void LANGUAGE plpgsql'
                   ' SET search_path = public, pg_temp AS %L',
                   format('BEGIN %s END', format(bills,
                       'SELECT *, 1 AS sign FROM enrollment WHERE id >= of_year * 1000000000000'
                       ' AND id < (of_year + 1) * 1000000000000')));
    EXECUTE format('CREATE OR REPLACE FUNCTION sum_people() RETURNS void LANGUAGE plpgsql'
                   ' SET search_path = public, pg_temp AS %L',
                   format('BEGIN %s END', format(people, 'SELECT *, 1 AS sign FROM person')));
END $$;
CREATE OR REPLACE TRIGGER bills_came AFTER INSERT ON enrollment
    REFERENCING NEW TABLE AS new_t FOR EACH STATEMENT EXECUTE FUNCTION bills_came();
CREATE OR REPLACE TRIGGER bills_changed AFTER UPDATE ON enrollment
    REFERENCING OLD TABLE AS old_t NEW TABLE AS new_t
    FOR EACH STATEMENT EXECUTE FUNCTION bills_changed();
CREATE OR REPLACE TRIGGER bills_went AFTER DELETE ON enrollment
    REFERENCING OLD TABLE AS old_t FOR EACH STATEMENT EXECUTE FUNCTION bills_went();
CREATE OR REPLACE TRIGGER people_came AFTER INSERT ON person
    REFERENCING NEW TABLE AS new_t FOR EACH STATEMENT EXECUTE FUNCTION people_came();
CREATE OR REPLACE TRIGGER people_changed AFTER UPDATE ON person
    REFERENCING OLD TABLE AS old_t NEW TABLE AS new_t
    FOR EACH STATEMENT EXECUTE FUNCTION people_changed();
CREATE OR REPLACE TRIGGER people_went AFTER DELETE ON person
    REFERENCING OLD TABLE AS old_t FOR EACH STATEMENT EXECUTE FUNCTION people_went();
CREATE OR REPLACE FUNCTION sums_are_emptied() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_TABLE_NAME = 'person' THEN
        DELETE FROM people_total;
    ELSE
        DELETE FROM collection_total;
        DELETE FROM collection_day;
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER bills_emptied AFTER TRUNCATE ON enrollment
    FOR EACH STATEMENT EXECUTE FUNCTION sums_are_emptied();
CREATE OR REPLACE TRIGGER people_emptied AFTER TRUNCATE ON person
    FOR EACH STATEMENT EXECUTE FUNCTION sums_are_emptied();

-- What the slices of a year billed, at the moment in which the year is there for everybody. Nobody has
-- paid yet; who has nothing to pay is insured without a day.
CREATE OR REPLACE FUNCTION opened_bills_came(of_step bigint) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH opened AS (
        SELECT r.year, t.region, t.category, sum(t.billed) AS billed, sum(t.free) AS free,
               sum(t.subsidised) AS subsidised, sum(t.subsidy) AS subsidy, sum(t.payable) AS payable
          FROM opened_total t
          JOIN step_shard h ON h.id = t.shard_id AND h.step_id = of_step
          JOIN year_step s ON s.id = of_step
          JOIN year_run r ON r.id = s.run_id AND r.mode = 'real'
         GROUP BY 1, 2, 3
    ), townships AS (
        INSERT INTO collection_total (year, region, category, billed, ended, insured, subsidised,
                                      subsidised_insured, subsidy, payable, paid)
        SELECT year, region, category, billed, 0, free, subsidised, free, subsidy, payable, 0
          FROM opened
         ORDER BY 1, 2, 3
    )
    INSERT INTO collection_day (year, county, day, insured, subsidised_insured, paid)
    SELECT year, region / 1000000, NULL, sum(free), sum(free), 0
      FROM opened
     GROUP BY 1, 2
    HAVING sum(free) > 0
     ORDER BY 1, 2
$$;

-- The days of a season and those of the one before up to its close, after which nobody looks, each read as
-- one range of the index. Row security holds, as for whoever asks.
CREATE OR REPLACE FUNCTION days_of_seasons(
    of_year int, last_close date, first_county int, last_county int
) RETURNS TABLE (year smallint, county int, day date, insured int, subsidised_insured int, paid numeric)
LANGUAGE sql STABLE AS $$
    SELECT d.year, d.county, d.day, d.insured, d.subsidised_insured, d.paid
      FROM collection_day d
     WHERE d.year = of_year AND d.county BETWEEN first_county AND last_county
     UNION ALL
    SELECT d.year, d.county, d.day, d.insured, d.subsidised_insured, d.paid
      FROM collection_day d
     WHERE d.year = of_year - 1 AND d.day <= last_close AND d.county BETWEEN first_county AND last_county
     UNION ALL
    SELECT d.year, d.county, d.day, d.insured, d.subsidised_insured, d.paid
      FROM collection_day d
     WHERE d.year = of_year - 1 AND d.day IS NULL AND d.county BETWEEN first_county AND last_county
$$;

CREATE OR REPLACE FUNCTION fold_collection() RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT fold_sums('collection_total', '{year,region,category}',
                     '{billed,ended,insured,subsidised,subsidised_insured,subsidy,payable,paid}')
           + fold_sums('collection_day', '{year,day,county}', '{insured,subsidised_insured,paid}')
           + fold_sums('people_total', '{region}', '{habitual,hukou,employees,residents}')
$$;
-- A register that is older than these sums is summed once.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM people_total) AND EXISTS (SELECT FROM person) THEN
        PERFORM sum_people();
        PERFORM sum_bills(year) FROM (SELECT DISTINCT (id / 1000000000000)::int AS year FROM enrollment) y;
    END IF;
END $$;
