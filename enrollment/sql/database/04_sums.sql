-- Sums that pages read: triggers append differences, so that nobody waits for anybody; folding makes one row
-- a key again, and none that sums up to nothing. What is exact before is exact after, at every moment.
-- Where much is to be merged, or the pages of the table and its indexes have become sparse, the table is
-- written anew in the order of its key, as dense as a year that nobody wrote to: a page reads a quarter of
-- the blocks. That needs the table alone for an instant; while somebody is writing, rows are merged where
-- they are, and the next time may be quiet; so they are where a transaction would not see what came since it
-- began, which emptying the table would lose. Returns how many keys had several rows.
CREATE OR REPLACE FUNCTION fold_sums(of_table text, keys text[], sums text[]) RETURNS bigint
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    key text := array_to_string(keys, ', ');
    names text := key || ', ' || array_to_string(sums, ', ');
    added text := (SELECT string_agg(format('sum(%1$I) AS %1$I', name), ', ') FROM unnest(sums) name);
    something text := (SELECT string_agg(format('sum(%I) <> 0', name), ' OR ') FROM unnest(sums) name);
    many bigint;
    known bigint;
    several bigint;
    width numeric;
    alone boolean := false;
BEGIN
    -- Of two at once the second leaves it to the first.
    IF NOT pg_try_advisory_xact_lock('fold_sums'::regproc::oid::int, of_table::regclass::oid::int) THEN
        RETURN 0;
    END IF;
    EXECUTE format('SELECT coalesce(sum(n), 0), count(*), count(*) FILTER (WHERE n > 1), avg(w)
                      FROM (SELECT count(*) AS n, avg(pg_column_size(t.*)) AS w FROM %I t GROUP BY %s) k',
                   of_table, key) INTO many, known, several, width;
    -- Index entries of all columns and of the id beside the rows; a page in use is half full or more.
    IF many > 1000 AND current_setting('transaction_isolation') = 'read committed' AND (
            many * 3 > known * 4
            OR pg_indexes_size(of_table::regclass) > 2 * known * (width + 32) + 131072) THEN
        -- Asked for again and again, not waited for: who waits for a table alone has everybody else wait.
        FOR attempt IN 1..20 LOOP
            BEGIN
                EXECUTE format('LOCK TABLE %I IN ACCESS EXCLUSIVE MODE NOWAIT', of_table);
                alone := true;
                EXIT;
            EXCEPTION WHEN lock_not_available THEN
                PERFORM pg_sleep(0.02);
            END;
        END LOOP;
    END IF;
    IF alone THEN
        EXECUTE format('CREATE TEMP TABLE folded ON COMMIT DROP AS SELECT %s, %s FROM %I GROUP BY %s
                        HAVING %s', key, added, of_table, key, something);
        EXECUTE format('TRUNCATE %I', of_table);
        EXECUTE format('INSERT INTO %I (%s) SELECT * FROM folded ORDER BY %s', of_table, names, key);
        DROP TABLE folded;
    ELSE
        EXECUTE format('WITH gone AS (
                            DELETE FROM %1$I WHERE id IN (
                                SELECT id FROM (SELECT id, count(*) OVER (PARTITION BY %2$s) AS n
                                                  FROM %1$I) k
                                 WHERE n > 1)
                            RETURNING *)
                        INSERT INTO %1$I (%3$s) SELECT %2$s, %4$s FROM gone GROUP BY %2$s HAVING %5$s
                         ORDER BY %2$s', of_table, key, names, added, something);
    END IF;
    RETURN several;
END $$;
