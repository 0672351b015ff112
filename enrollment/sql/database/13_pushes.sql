-- Pushes of the unpaid and uninsured (docs/adr/0033-pushes.md). Whether somebody has paid since is read
-- from the bill; what pages add up is counted by differences, by statement, as receipts are. A township
-- is what totals are of, a county what days are of.
CREATE OR REPLACE FUNCTION pushes_came() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO push_total (step_id, region, kind, side, pushed, answered, paid)
    SELECT n.step_id, n.region / 1000 * 1000, n.kind, n.side, count(*), 0, 0
      FROM new_t n
     GROUP BY 1, 2, 3, 4;
    INSERT INTO push_day (step_id, county, day, pushed, answered, paid)
    SELECT n.step_id, n.county, n.pushed_on, count(*), 0, 0
      FROM new_t n
     GROUP BY 1, 2, 3;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER pushes_came AFTER INSERT ON push
    REFERENCING NEW TABLE AS new_t FOR EACH STATEMENT EXECUTE FUNCTION pushes_came();

-- An answer, and one that is corrected or taken back.
CREATE OR REPLACE FUNCTION pushes_were_answered() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO push_total (step_id, region, kind, side, pushed, answered, paid)
    SELECT n.step_id, n.region / 1000 * 1000, n.kind, n.side, 0,
           sum((n.result <> '')::int - (o.result <> '')::int), 0
      FROM new_t n JOIN old_t o USING (id)
     WHERE (n.result <> '') <> (o.result <> '')
     GROUP BY 1, 2, 3, 4;
    INSERT INTO push_day (step_id, county, day, pushed, answered, paid)
    SELECT a.step_id, a.county, a.told_on, 0, sum(a.sign), 0
      FROM (SELECT n.step_id, n.county, n.told_on, 1 AS sign
              FROM new_t n JOIN old_t o USING (id) WHERE n.told_on IS DISTINCT FROM o.told_on
             UNION ALL
            SELECT o.step_id, o.county, o.told_on, -1
              FROM new_t n JOIN old_t o USING (id) WHERE n.told_on IS DISTINCT FROM o.told_on) a
     WHERE a.told_on IS NOT NULL
     GROUP BY 1, 2, 3;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER pushes_were_answered AFTER UPDATE ON push
    REFERENCING OLD TABLE AS old_t NEW TABLE AS new_t
    FOR EACH STATEMENT EXECUTE FUNCTION pushes_were_answered();

-- Who was pushed stays pushed: an answer is all that is ever written to a row.
CREATE OR REPLACE FUNCTION push_is_only_answered() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'push % is only answered', OLD.id
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'push_is_only_answered';
END $$;
CREATE OR REPLACE TRIGGER push_is_only_answered BEFORE UPDATE ON push
    FOR EACH ROW
    WHEN ((OLD.id, OLD.step_id, OLD.year, OLD.pushed_on, OLD.due_on, OLD.person_id, OLD.region,
           OLD.kind, OLD.side, OLD.owed, OLD.name, OLD.id_mask, OLD.birth_year, OLD.shard)
          IS DISTINCT FROM
          (NEW.id, NEW.step_id, NEW.year, NEW.pushed_on, NEW.due_on, NEW.person_id, NEW.region,
           NEW.kind, NEW.side, NEW.owed, NEW.name, NEW.id_mask, NEW.birth_year, NEW.shard))
    EXECUTE FUNCTION push_is_only_answered();
CREATE OR REPLACE TRIGGER pushes_are_never_deleted BEFORE DELETE ON push
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();

-- A bill that is paid up, whichever way: of a resident, not ended, nothing left to pay.
CREATE OR REPLACE FUNCTION is_paid_up(key bigint, payable numeric, paid numeric, ended_on date)
RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT key / 100000000000 % 10 = 1 AND paid >= payable AND ended_on IS NULL
$$;

-- On which day of a round a payment counts.
CREATE OR REPLACE FUNCTION counted_on(paid_on date, pushed_on date)
RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT greatest(paid_on, pushed_on)
$$;

-- Who was pushed and has paid up since, or has not any more, whoever writes the bill. Finds pushes by
-- person: a slice switches nested loops off for its own joins, here they are the only good plan.
CREATE OR REPLACE FUNCTION pushed_people_paid() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_nestloop = on AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM push) THEN
        RETURN NULL;
    END IF;
    WITH was AS (
        SELECT o.person_id, o.id / 1000000000000 AS year, o.paid_on, -1 AS sign
          FROM old_t o JOIN new_t n USING (id)
         WHERE is_paid_up(o.id, o.payable, o.paid, o.ended_on)
           AND NOT (is_paid_up(n.id, n.payable, n.paid, n.ended_on)
                    AND n.paid_on IS NOT DISTINCT FROM o.paid_on)
    ), became AS (
        SELECT n.person_id, n.id / 1000000000000 AS year, n.paid_on, 1 AS sign
          FROM new_t n JOIN old_t o USING (id)
         WHERE is_paid_up(n.id, n.payable, n.paid, n.ended_on)
           AND NOT (is_paid_up(o.id, o.payable, o.paid, o.ended_on)
                    AND n.paid_on IS NOT DISTINCT FROM o.paid_on)
    ), moved AS (
        SELECT p.step_id, p.region / 1000 * 1000 AS region, p.county, p.kind, p.side,
               counted_on(m.paid_on, p.pushed_on) AS day, m.sign
          FROM (SELECT * FROM was UNION ALL SELECT * FROM became) m
          JOIN push p ON p.person_id = m.person_id AND p.year = m.year
    ), totals AS (
        INSERT INTO push_total (step_id, region, kind, side, pushed, answered, paid)
        SELECT step_id, region, kind, side, 0, 0, sum(sign) FROM moved GROUP BY 1, 2, 3, 4
        HAVING sum(sign) <> 0
    )
    INSERT INTO push_day (step_id, county, day, pushed, answered, paid)
    SELECT step_id, county, day, 0, 0, sum(sign) FROM moved GROUP BY 1, 2, 3 HAVING sum(sign) <> 0;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION pushed_people_joined() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_nestloop = on AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM push) THEN
        RETURN NULL;
    END IF;
    WITH moved AS (
        SELECT p.step_id, p.region / 1000 * 1000 AS region, p.county, p.kind, p.side,
               counted_on(n.paid_on, p.pushed_on) AS day
          FROM new_t n
          JOIN push p ON p.person_id = n.person_id AND p.year = n.id / 1000000000000
         WHERE is_paid_up(n.id, n.payable, n.paid, n.ended_on)
    ), totals AS (
        INSERT INTO push_total (step_id, region, kind, side, pushed, answered, paid)
        SELECT step_id, region, kind, side, 0, 0, count(*) FROM moved GROUP BY 1, 2, 3, 4
    )
    INSERT INTO push_day (step_id, county, day, pushed, answered, paid)
    SELECT step_id, county, day, 0, 0, count(*) FROM moved GROUP BY 1, 2, 3;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER pushed_people_joined AFTER INSERT ON enrollment
    REFERENCING NEW TABLE AS new_t FOR EACH STATEMENT EXECUTE FUNCTION pushed_people_joined();
CREATE OR REPLACE TRIGGER pushed_people_paid AFTER UPDATE ON enrollment
    REFERENCING OLD TABLE AS old_t NEW TABLE AS new_t
    FOR EACH STATEMENT EXECUTE FUNCTION pushed_people_paid();

-- Lists by key, each row with how its person stands by the facts: open, paid, or gone (died, in the
-- employee scheme, left, insured elsewhere). The area of a list is told so much of people whose file and
-- bill are kept elsewhere, and no more. `wanted` is one of these words or empty, `answers` some results or
-- none; without a round all of the year. Planned for its values and in the order of the index: the planner
-- takes the open for few and would sort all of a province for one page.
CREATE OR REPLACE FUNCTION pushes_in(
    of_year int, of_round bigint, first_region bigint, last_region bigint, wanted text,
    answers text[], after_region bigint, after_id bigint, most int
) RETURNS TABLE (id bigint, stands text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp
SET plan_cache_mode = force_custom_plan SET enable_hashjoin = off SET enable_mergejoin = off
SET enable_sort = off AS $$
DECLARE
    sees_all boolean := coalesce(nullif(current_setting('app.all', true), '')::bool, false);
    sees int8multirange := coalesce(nullif(current_setting('app.regions', true), ''),
                                    '{}')::int8multirange;
    first_key bigint := of_year::bigint * 1000000000000 + 100000000000;
BEGIN
    RETURN QUERY
    SELECT p.id, s.stands
      FROM push p
      JOIN person q ON q.id = p.person_id
      LEFT JOIN enrollment e ON e.id = first_key + p.person_id
                            AND e.id >= first_key AND e.id < first_key + 100000000000
     CROSS JOIN LATERAL (
           SELECT CASE WHEN is_paid_up(e.id, e.payable, e.paid, e.ended_on) THEN 'paid'
                       WHEN q.died_on IS NOT NULL OR q.scheme <> 1
                         OR q.left_for NOT IN ('', 'not_registered')
                         OR e.ended_for IN ('deceased', 'moved_out', 'duplicate', 'other_cover')
                       THEN 'gone' ELSE 'open' END) s (stands)
     WHERE p.year = of_year
       AND (of_round IS NULL OR p.step_id = of_round)
       AND p.region BETWEEN first_region AND last_region
       AND (p.region, p.id) > (after_region, after_id)
       AND (answers IS NULL OR p.result = ANY (answers))
       AND (sees_all OR p.region <@ sees)
       AND (wanted = '' OR s.stands = wanted)
     ORDER BY p.region, p.id
     LIMIT most;
END $$;

-- The villages of a township in a round: its own list, never the register.
CREATE OR REPLACE FUNCTION villages_in(of_round bigint, township bigint)
RETURNS TABLE (region bigint, kind text, side text, pushed bigint, answered bigint, paid bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT p.region, p.kind, p.side, count(*), count(p.told_on),
           count(*) FILTER (WHERE is_paid_up(e.id, e.payable, e.paid, e.ended_on))
      FROM push p
      LEFT JOIN enrollment e ON e.id = p.year * 1000000000000 + 100000000000 + p.person_id
     WHERE p.step_id = of_round
       AND p.region BETWEEN township AND township + 999
       AND (coalesce(nullif(current_setting('app.all', true), '')::bool, false)
            OR p.region <@ nullif(current_setting('app.regions', true), '')::int8multirange)
     GROUP BY 1, 2, 3
$$;

CREATE OR REPLACE FUNCTION fold_pushes() RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT fold_sums('push_total', '{step_id,region,kind,side}', '{pushed,answered,paid}')
           + fold_sums('push_day', '{step_id,county,day}', '{pushed,answered,paid}')
$$;
