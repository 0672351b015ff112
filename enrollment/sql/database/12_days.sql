-- Where the sides differ on a day of an area: one row a total of a source that is not what came in, and
-- one a county and channel that came in and that a source does not tell. None: the day may be closed.
CREATE OR REPLACE FUNCTION day_differences(of_area bigint, of_day date)
RETURNS TABLE (source text, region bigint, scheme smallint, channel text, receipts bigint,
               amount numeric, told_receipts bigint, told_amount numeric)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    WITH came AS (
        SELECT d.county, d.scheme, d.channel, sum(d.receipts) AS receipts, sum(d.amount) AS amount
          FROM receipt_day d
         WHERE d.day = of_day
           AND d.county BETWEEN of_area / 1000000
                            AND (of_area + CASE WHEN of_area % 100000000 = 0 THEN 99999999 ELSE 0 END) / 1000000
         GROUP BY 1, 2, 3
        HAVING sum(d.receipts) <> 0 OR sum(d.amount) <> 0
    ), told AS (
        SELECT t.source, t.region, t.scheme, t.channel, t.receipts, t.amount, t.county,
               (t.region + CASE WHEN t.region % 100000000 = 0 THEN 99999999 ELSE 0 END) / 1000000
                   AS last_county
          FROM control_total t
         WHERE t.day = of_day AND pooling_area(t.region) = of_area
    ), compared AS (
        SELECT t.source, t.region, t.scheme, t.channel, coalesce(sum(c.receipts), 0) AS receipts,
               coalesce(sum(c.amount), 0) AS amount, t.receipts AS told_receipts,
               t.amount AS told_amount
          FROM told t
          LEFT JOIN came c ON c.county BETWEEN t.county AND t.last_county AND c.scheme = t.scheme
                          AND (t.channel = '' OR c.channel = t.channel)
         GROUP BY t.source, t.region, t.scheme, t.channel, t.receipts, t.amount
         UNION ALL
        SELECT s.source, c.county::bigint * 1000000, c.scheme, c.channel, c.receipts, c.amount, 0, 0
          FROM came c
         CROSS JOIN (VALUES ('tax'), ('treasury')) AS s (source)
         WHERE NOT EXISTS (SELECT FROM told t
                            WHERE t.source = s.source AND t.scheme = c.scheme
                              AND c.county BETWEEN t.county AND t.last_county
                              AND (t.channel = '' OR t.channel = c.channel))
    )
    SELECT source::text, region, scheme::smallint, channel::text, receipts::bigint, amount,
           told_receipts::bigint, told_amount
      FROM compared
     WHERE (receipts, amount) IS DISTINCT FROM (told_receipts::bigint, told_amount)
     ORDER BY 1, 2, 3, 4
$$;

-- A day is closed over what came in, and only where all three sides agree; afterwards it is opened again
-- and never edited. Asked as the owner, so that nobody closes what they cannot see.
CREATE OR REPLACE FUNCTION day_is_closed_without_difference() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE differing bigint;
BEGIN
    -- two who close a day wait for each other, and a file of totals for both
    PERFORM pg_advisory_xact_lock(hashtextextended('day_close', NEW.day - date '2000-01-01'));
    SELECT count(*) INTO differing FROM day_differences(NEW.area, NEW.day);
    IF differing > 0 THEN
        RAISE EXCEPTION 'day % of % differs in % places', NEW.day, NEW.area, differing
            USING ERRCODE = 'check_violation', CONSTRAINT = 'day_is_closed_without_difference';
    END IF;
    SELECT coalesce(sum(d.receipts), 0), coalesce(sum(d.amount), 0) INTO NEW.receipts, NEW.amount
      FROM receipt_day d
     WHERE d.day = NEW.day AND pooling_area(d.county::bigint * 1000000) = NEW.area;
    NEW.closed_at := now();
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER day_is_closed_without_difference BEFORE INSERT ON day_close
    FOR EACH ROW EXECUTE FUNCTION day_is_closed_without_difference();
CREATE OR REPLACE FUNCTION day_is_only_opened_again() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
    IF OLD.reopened_at IS NOT NULL
       OR to_jsonb(NEW) - '{reopened_by_id,reopened_at,reason,county}'::text[]
          <> to_jsonb(OLD) - '{reopened_by_id,reopened_at,reason,county}'::text[] THEN
        RAISE EXCEPTION 'the close of day % of % is not rewritten', OLD.day, OLD.area
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'day_is_only_opened_again';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER day_is_only_opened_again BEFORE UPDATE ON day_close
    FOR EACH ROW EXECUTE FUNCTION day_is_only_opened_again();
CREATE OR REPLACE TRIGGER closes_are_never_deleted BEFORE DELETE ON day_close
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();
-- What a source told about a closed day stands.
CREATE OR REPLACE FUNCTION totals_of_closed_days_stand() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('day_close', NEW.day - date '2000-01-01'));
    IF EXISTS (SELECT FROM day_close c
                WHERE c.area = pooling_area(NEW.region) AND c.day = NEW.day
                  AND c.reopened_at IS NULL) THEN
        RAISE EXCEPTION 'day % of % is closed', NEW.day, NEW.region
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'totals_of_closed_days_stand';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER totals_of_closed_days_stand BEFORE INSERT OR UPDATE ON control_total
    FOR EACH ROW EXECUTE FUNCTION totals_of_closed_days_stand();
