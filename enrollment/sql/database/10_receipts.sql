-- What one receipt adds to its day, or takes from it (ReceiptDay).
CREATE OR REPLACE FUNCTION count_receipt(r receipt, sign int) RETURNS void
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    INSERT INTO receipt_day (day, county, scheme, channel, receipts, amount, waiting, suspense)
    SELECT (r.paid_at AT TIME ZONE 'Asia/Shanghai')::date, r.county, r.scheme, r.channel, sign,
           sign * r.amount, CASE WHEN r.suspense > 0 THEN sign ELSE 0 END, sign * r.suspense
$$;

-- Receipts by day (docs/adr/0031-days-are-counted-by-differences.md): what came in is counted by
-- statement, what reconcile and clearings move is added by them. Two writers of a county never wait
-- for each other, because nobody updates a row.
-- The zone is that of the function: one named in an expression is looked up for every row.
CREATE OR REPLACE FUNCTION receipts_came_in() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'Asia/Shanghai' AS $$
BEGIN
    INSERT INTO receipt_day (day, county, scheme, channel, receipts, amount, waiting, suspense)
    SELECT n.paid_at::date, n.county, n.scheme, n.channel,
           count(*), sum(n.amount), count(*) FILTER (WHERE n.outcome <> '' AND n.suspense > 0),
           coalesce(sum(n.suspense) FILTER (WHERE n.outcome <> ''), 0)
      FROM new_t n
     GROUP BY 1, 2, 3, 4;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER receipts_came_in AFTER INSERT ON receipt
    REFERENCING NEW TABLE AS new_t FOR EACH STATEMENT EXECUTE FUNCTION receipts_came_in();

-- What `reconcile` has still to look at (docs/adr/0041): a row a receipt, as narrow as can be. An index
-- of receipt that tells the same would have every index of a receipt written again once it is
-- reconciled. A payment order's receipt is taken by its case, an employee's by nobody here.
CREATE OR REPLACE FUNCTION receipts_to_reconcile() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        TRUNCATE receipt_to_reconcile;
        RETURN NULL;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        -- cases move money of what was looked at long ago: then nothing was there
        IF EXISTS (SELECT FROM old_t WHERE outcome = '') THEN
            -- all of them: by outcome the planner would expect a few; distinct, so that it knows these
            -- to be the better side to hash, and not the rows of everybody's slice
            DELETE FROM receipt_to_reconcile w USING (SELECT DISTINCT id FROM old_t) o
             WHERE w.receipt_id = o.id;
        END IF;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO receipt_to_reconcile (receipt_id, person_id, year)
        SELECT id, person_id, year FROM new_t
         WHERE outcome = '' AND scheme = 1 AND bill_number = '';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER receipts_to_reconcile AFTER INSERT ON receipt
    REFERENCING NEW TABLE AS new_t FOR EACH STATEMENT EXECUTE FUNCTION receipts_to_reconcile();
CREATE OR REPLACE TRIGGER receipts_reconciled AFTER UPDATE ON receipt
    REFERENCING OLD TABLE AS old_t NEW TABLE AS new_t
    FOR EACH STATEMENT EXECUTE FUNCTION receipts_to_reconcile();
CREATE OR REPLACE TRIGGER receipts_gone AFTER DELETE ON receipt
    REFERENCING OLD TABLE AS old_t FOR EACH STATEMENT EXECUTE FUNCTION receipts_to_reconcile();
CREATE OR REPLACE TRIGGER receipts_emptied AFTER TRUNCATE ON receipt
    FOR EACH STATEMENT EXECUTE FUNCTION receipts_to_reconcile();

-- Receipts name people and years that are there. A foreign key asks for every row alone, which took
-- half of the time of a file of a million; this asks once a statement (docs/adr/0035). What is named
-- here is deleted by nobody: the roles may not, and the owner is refused.
CREATE OR REPLACE FUNCTION receipts_name_what_is_there() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_hashjoin = off AS $$
DECLARE
    named record;
    lost bigint;
BEGIN
    SELECT min(person_id) AS p1, max(person_id) AS p2, min(enrollment_id) AS e1, max(enrollment_id) AS e2
      INTO named FROM new_t;
    -- planned each time: one row and a million are not asked alike; with the range, so that a year's
    -- partition and a slice of people are all that is read
    -- and by merging, since people and years come in the order of their keys
    -- and with min, as LIMIT lets the planner hope for one to be lost at once, and ask row by row
    IF named.e1 IS NOT NULL THEN
        EXECUTE format($sql$
            SELECT min(n.id) FROM new_t n
             WHERE NOT EXISTS (SELECT FROM enrollment e
                                WHERE e.id = n.enrollment_id AND e.id BETWEEN %L AND %L)
               AND n.enrollment_id IS NOT NULL$sql$, named.e1, named.e2) INTO lost;
    END IF;
    -- whose year is there is there too (enrollment_key_is_computed, and the key to person)
    IF lost IS NULL AND named.p1 IS NOT NULL THEN
        EXECUTE format($sql$
            SELECT min(n.id) FROM new_t n
             WHERE NOT EXISTS (SELECT FROM person p
                                WHERE p.id = n.person_id AND p.id BETWEEN %L AND %L)
               AND n.person_id IS NOT NULL
               AND n.person_id IS DISTINCT FROM n.enrollment_id %% 10000000000$sql$,
            named.p1, named.p2) INTO lost;
    END IF;
    IF lost IS NOT NULL THEN
        RAISE EXCEPTION 'receipt % names a person or a year that is not there', lost
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'receipts_name_what_is_there';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER receipts_name_what_is_there AFTER INSERT ON receipt
    REFERENCING NEW TABLE AS new_t
    FOR EACH STATEMENT EXECUTE FUNCTION receipts_name_what_is_there();
CREATE OR REPLACE TRIGGER receipts_still_name_what_is_there AFTER UPDATE ON receipt
    REFERENCING NEW TABLE AS new_t
    FOR EACH STATEMENT EXECUTE FUNCTION receipts_name_what_is_there();
CREATE OR REPLACE FUNCTION what_receipts_name_stays() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE named boolean;
BEGIN
    IF TG_TABLE_NAME = 'person' THEN
        SELECT EXISTS (SELECT FROM old_t o JOIN receipt r ON r.person_id = o.id) INTO named;
    ELSE
        SELECT EXISTS (SELECT FROM old_t o JOIN receipt r
                           ON r.person_id = o.person_id AND r.enrollment_id = o.id) INTO named;
    END IF;
    IF named THEN
        RAISE EXCEPTION 'a receipt names what would be deleted from %', TG_TABLE_NAME
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'what_receipts_name_stays';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER what_receipts_name_stays AFTER DELETE ON person
    REFERENCING OLD TABLE AS old_t FOR EACH STATEMENT EXECUTE FUNCTION what_receipts_name_stays();
CREATE OR REPLACE TRIGGER what_receipts_name_stays AFTER DELETE ON enrollment
    REFERENCING OLD TABLE AS old_t FOR EACH STATEMENT EXECUTE FUNCTION what_receipts_name_stays();

CREATE OR REPLACE FUNCTION fold_receipt_days() RETURNS bigint
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT fold_sums('receipt_day', '{day,county,scheme,channel}', '{receipts,amount,waiting,suspense}')
$$;
