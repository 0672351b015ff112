-- What the database guarantees for the ledger; see enrollment/sql/database.sql.

-- Every statement that adds lines must leave each entry it touched balanced, within one scheme
-- and with at least two lines. One check a statement: an entry is written by one INSERT.
CREATE OR REPLACE FUNCTION entry_balances() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE wrong record;
BEGIN
    SELECT l.entry_id, sum(l.debit) AS debit, sum(l.credit) AS credit,
           count(DISTINCT a.scheme) AS schemes
      INTO wrong
      FROM entry_line l JOIN account a ON a.id = l.account_id
     WHERE l.entry_id IN (SELECT entry_id FROM new_t)
     GROUP BY l.entry_id
    HAVING sum(l.debit) <> sum(l.credit) OR count(DISTINCT a.scheme) <> 1
     LIMIT 1;
    IF FOUND AND wrong.schemes <> 1 THEN
        RAISE EXCEPTION 'entry % mixes schemes', wrong.entry_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'schemes_never_mix';
    ELSIF FOUND THEN
        RAISE EXCEPTION 'entry % does not balance: debit %, credit %',
                        wrong.entry_id, wrong.debit, wrong.credit
            USING ERRCODE = 'check_violation', CONSTRAINT = 'debits_equal_credits';
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER entry_balances AFTER INSERT ON entry_line
    REFERENCING NEW TABLE AS new_t FOR EACH STATEMENT EXECUTE FUNCTION entry_balances();
CREATE OR REPLACE TRIGGER lines_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entry_line
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();
CREATE OR REPLACE TRIGGER entries_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entry
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();

-- Row security: lines go with the pooling area of their account, an entry with its lines.
DO $$
DECLARE rule text;
BEGIN
    CALL secure_rows('account', $rule$area_id <@ (SELECT nullif(current_setting('app.regions', true),
                                                          '')::int8multirange)$rule$, 'false');
    rule := 'EXISTS (SELECT FROM account a WHERE a.id = entry_line.account_id)';
    CALL secure_rows('entry_line', rule, 'false');
    rule := 'EXISTS (SELECT FROM entry_line l WHERE l.entry_id = entry.id)';
    CALL secure_rows('entry', rule, 'false');
END $$;

GRANT SELECT ON account, entry, entry_line TO {web};
GRANT SELECT, INSERT ON account, entry, entry_line TO {worker};
