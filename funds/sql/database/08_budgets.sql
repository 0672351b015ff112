-- Budgets and county plans (docs/adr/0045). What was submitted is fixed. The first argument of the trigger
-- are the states in which the case ends and frees what it stood for; the others are the columns that the
-- effect writes, once.
CREATE OR REPLACE FUNCTION what_stands_is_fixed() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE stands text;
BEGIN
    SELECT state INTO stands FROM agency_case WHERE id = OLD.case_ptr_id;
    stands := coalesce(stands, 'not yours');
    IF stands IN ('draft', 'returned')
       OR stands = 'approved' AND TG_NARGS > 1
          AND to_jsonb(NEW) - TG_ARGV[1:]::text[] = to_jsonb(OLD) - TG_ARGV[1:]::text[]
          AND NOT EXISTS (SELECT FROM unnest(TG_ARGV[1:]::text[]) w WHERE to_jsonb(OLD) ->> w <> '')
       OR stands = ANY (TG_ARGV[0]::text[]) AND to_jsonb(NEW) ->> 'stands_for' IS NULL
          AND to_jsonb(NEW) - 'stands_for' = to_jsonb(OLD) - 'stands_for' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'what case % says is fixed: it is %', OLD.case_ptr_id, stands
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'what_was_submitted_is_fixed';
END $$;
CREATE OR REPLACE TRIGGER budget_is_fixed BEFORE UPDATE ON budget
    FOR EACH ROW EXECUTE FUNCTION what_stands_is_fixed('{withdrawn,reversed}', 'approval_document', 'approved_on');
CREATE OR REPLACE TRIGGER adjustment_is_fixed BEFORE UPDATE ON budget_adjustment
    FOR EACH ROW EXECUTE FUNCTION what_stands_is_fixed('{withdrawn,reversed}');
CREATE OR REPLACE TRIGGER plan_is_fixed BEFORE UPDATE ON county_plan
    FOR EACH ROW EXECUTE FUNCTION what_stands_is_fixed('{withdrawn,reversed}');

-- Rows that belong to a case; the argument is the column that names it.
CREATE OR REPLACE FUNCTION rows_of_a_case_are_fixed() RETURNS trigger
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
    own bigint := coalesce(to_jsonb(OLD) ->> TG_ARGV[0], to_jsonb(NEW) ->> TG_ARGV[0])::bigint;
    stands text;
BEGIN
    SELECT state INTO stands FROM agency_case WHERE id = own;
    stands := coalesce(stands, 'not yours');
    IF stands NOT IN ('draft', 'returned')
       OR TG_OP = 'UPDATE' AND to_jsonb(NEW) ->> TG_ARGV[0] <> own::text THEN
        RAISE EXCEPTION 'what case % says is fixed: it is %', own, stands
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'what_was_submitted_is_fixed';
    END IF;
    RETURN coalesce(NEW, OLD);
END $$;
CREATE OR REPLACE TRIGGER budget_begins_as_a_draft BEFORE INSERT ON budget
    FOR EACH ROW EXECUTE FUNCTION rows_of_a_case_are_fixed('case_ptr_id');
CREATE OR REPLACE TRIGGER plan_begins_as_a_draft BEFORE INSERT ON county_plan
    FOR EACH ROW EXECUTE FUNCTION rows_of_a_case_are_fixed('case_ptr_id');
CREATE OR REPLACE TRIGGER lines_are_fixed BEFORE INSERT OR UPDATE OR DELETE ON budget_line
    FOR EACH ROW EXECUTE FUNCTION rows_of_a_case_are_fixed('budget_id');
CREATE OR REPLACE TRIGGER counties_are_fixed BEFORE INSERT OR UPDATE OR DELETE ON county_budget
    FOR EACH ROW EXECUTE FUNCTION rows_of_a_case_are_fixed('budget_id');
CREATE OR REPLACE TRIGGER goals_are_fixed BEFORE INSERT OR UPDATE OR DELETE ON budget_goal
    FOR EACH ROW EXECUTE FUNCTION rows_of_a_case_are_fixed('budget_id');
CREATE OR REPLACE TRIGGER parts_are_fixed BEFORE INSERT OR UPDATE OR DELETE ON budget_part
    FOR EACH ROW EXECUTE FUNCTION rows_of_a_case_are_fixed('whole_id');
CREATE OR REPLACE TRIGGER scores_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON goal_score
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();
CREATE OR REPLACE TRIGGER confirmations_are_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON county_receipt
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();

-- No budget leaves its maker that is not the sum of its lines, that gives counties more than they may
-- spend, that ends below zero, or in a deficit of the year without the document of the exception
-- (安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（四）). Two levels sign it, and in effect it
-- names the document of the government's approval.
CREATE OR REPLACE FUNCTION budget_is_sound() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    b budget;
    sums record;
    given numeric;
    broken text;
BEGIN
    SELECT * INTO b FROM budget WHERE case_ptr_id = NEW.id;
    SELECT coalesce(sum(l.amount) FILTER (WHERE k.element = 'revenue'), 0) AS revenue,
           coalesce(sum(l.amount) FILTER (WHERE k.element = 'expenditure'), 0) AS expenditure,
           coalesce(sum(l.amount) FILTER (WHERE k.element NOT IN ('revenue', 'expenditure')), 0) AS foreign_to_it,
           coalesce(sum(l.amount) FILTER (WHERE l.item = 'benefit_expenditure'), 0) AS by_counties
      INTO sums
      FROM budget_line l JOIN account_kind k ON k.kind = l.item
     WHERE l.budget_id = NEW.id;
    SELECT coalesce(sum(amount), 0) INTO given FROM county_budget WHERE budget_id = NEW.id;
    broken := CASE
        WHEN b.case_ptr_id IS NULL OR b.revenue <> sums.revenue OR b.expenditure <> sums.expenditure
             OR sums.foreign_to_it <> 0 THEN 'a_budget_is_the_sum_of_its_lines'
        WHEN b.opening + b.revenue - b.expenditure < 0 THEN 'no_cumulative_deficit'
        WHEN b.expenditure > b.revenue AND '' IN (b.exception_document, b.exception_clause)
             THEN 'a_deficit_of_the_year_has_its_exception'
        WHEN given > sums.by_counties THEN 'counties_stay_within_the_budget'
        WHEN NEW.state IN ('approved', 'effected') AND NOT NEW.needs_second
             OR NEW.state = 'effected' AND b.approved_on IS NULL THEN 'a_budget_is_signed'
    END;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'budget % is refused: %', NEW.id, broken
            USING ERRCODE = 'check_violation', CONSTRAINT = broken;
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER budget_is_sound BEFORE INSERT OR UPDATE OF state ON agency_case
    FOR EACH ROW WHEN (NEW.kind IN ('budget', 'budget_adjustment')
                       AND NEW.state IN ('submitted', 'checked', 'approved', 'effected'))
    EXECUTE FUNCTION budget_is_sound();
CREATE OR REPLACE TRIGGER budget_frees_its_place AFTER UPDATE OF state ON agency_case
    FOR EACH ROW WHEN (NEW.kind IN ('budget', 'budget_adjustment') AND NEW.state IN ('withdrawn', 'reversed'))
    EXECUTE FUNCTION case_frees_its_place('budget');
CREATE OR REPLACE TRIGGER plan_frees_its_place AFTER UPDATE OF state ON agency_case
    FOR EACH ROW WHEN (NEW.kind = 'county_plan' AND NEW.state IN ('withdrawn', 'reversed'))
    EXECUTE FUNCTION case_frees_its_place('county_plan');

-- What the budget in force gives a county, and what approved plans took of it, less what the county
-- sent back, in yuan; no row where no budget is in force. A county asks for its own.
CREATE OR REPLACE FUNCTION county_budget_of(place bigint, of_scheme smallint, of_year int)
RETURNS TABLE (budget bigint, approved numeric, disbursed numeric)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT b.case_ptr_id,
           coalesce((SELECT g.amount FROM county_budget g
                      WHERE g.budget_id = b.case_ptr_id AND g.county_id = place), 0),
           coalesce((SELECT sum(t.amount)
                       FROM county_plan p
                       JOIN agency_case t ON t.id = p.case_ptr_id
                      WHERE t.region = place AND t.county = place / 1000000 AND t.year = of_year
                        AND p.scheme = of_scheme AND t.state IN ('approved', 'effected')), 0)
           - coalesce((SELECT sum(l.credit)
                         FROM account a
                         JOIN entry_line l ON l.account_id = a.id
                          AND l.day BETWEEN make_date(of_year, 1, 1) AND make_date(of_year, 12, 31)
                         JOIN entry e ON e.id = l.entry_id AND e.reason = 'county_returned'
                        WHERE a.area_id = place AND a.scheme = of_scheme
                          AND a.kind = 'expenditure_county'
                          AND NOT EXISTS (SELECT FROM entry r WHERE r.reverses_id = e.id)), 0)
      FROM budget b
      JOIN agency_case c ON c.id = b.case_ptr_id
     WHERE c.region = pooling_area(place) AND c.year = of_year AND b.scheme = of_scheme
       AND c.state = 'effected' AND scope_holds(place)
     ORDER BY b.number DESC
     LIMIT 1
$$;

-- Plans stay within the approved budget, however many are approved at once, and no adjustment takes
-- away what they took (鄂政办发〔2020〕9号 三（五）). Whoever comes second waits, and sees the first.
CREATE OR REPLACE FUNCTION plans_stay_within_the_budget() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    of_scheme smallint;
    wrong record;
BEGIN
    IF NEW.kind = 'county_plan' THEN
        SELECT scheme INTO of_scheme FROM county_plan WHERE case_ptr_id = NEW.id;
    ELSE
        SELECT scheme INTO of_scheme FROM budget WHERE case_ptr_id = NEW.id;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended(
        format('county_budget:%s:%s:%s', pooling_area(NEW.region), NEW.year, of_scheme), 0));
    SELECT p.county, g.* INTO wrong
      FROM (SELECT DISTINCT t.region AS county
              FROM county_plan p
              JOIN agency_case t ON t.id = p.case_ptr_id
             WHERE CASE WHEN NEW.kind = 'county_plan' THEN t.region = NEW.region
                        ELSE pooling_area(t.region) = NEW.region END
               AND t.year = NEW.year AND p.scheme = of_scheme AND t.state IN ('approved', 'effected')) p
      LEFT JOIN LATERAL county_budget_of(p.county, of_scheme, NEW.year) g ON true
     WHERE coalesce(g.disbursed, 1) > coalesce(g.approved, 0)
     LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'plans of % exceed the approved budget', wrong.county
            USING ERRCODE = 'check_violation', CONSTRAINT = 'plans_stay_within_the_budget',
                  DETAIL = jsonb_build_object('place', (SELECT name FROM region WHERE code = wrong.county),
                                              'approved', coalesce(wrong.approved, 0),
                                              'disbursed', wrong.disbursed);
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER plans_stay_within_the_budget AFTER INSERT OR UPDATE OF state, amount ON agency_case
    FOR EACH ROW WHEN (NEW.kind = 'county_plan' AND NEW.state IN ('approved', 'effected')
                       OR NEW.kind IN ('budget', 'budget_adjustment') AND NEW.state IN ('effected', 'reversed'))
    EXECUTE FUNCTION plans_stay_within_the_budget();

-- The county confirms what was transferred to it, to the cent, and nobody who decided about it does.
CREATE OR REPLACE FUNCTION receipt_is_of_its_transfer() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM agency_case c
                    WHERE c.id = NEW.plan_id AND c.state = 'effected' AND c.amount = NEW.amount
                      AND c.checker_id <> NEW.confirmed_by_id) THEN
        RAISE EXCEPTION 'plan % was not transferred so', NEW.plan_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_county_confirms_what_was_transferred';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER receipt_is_of_its_transfer BEFORE INSERT ON county_receipt
    FOR EACH ROW EXECUTE FUNCTION receipt_is_of_its_transfer();

REVOKE EXECUTE ON FUNCTION county_budget_of(bigint, smallint, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION county_budget_of(bigint, smallint, int) TO {web}, {worker};
GRANT SELECT, INSERT, UPDATE ON budget, budget_adjustment, budget_line, county_budget, budget_goal,
                                budget_part, county_plan TO {web}, {worker};
GRANT SELECT, INSERT ON goal_score, county_receipt TO {web}, {worker};
