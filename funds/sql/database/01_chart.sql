-- What the database guarantees for the ledger; see enrollment/sql/database/.

-- The chart of accounts and for what money may move, as the database reads them at every statement.
-- Kinds: position, element, normal side (1 debit, -1 credit), whether it may stand on the other side,
-- whose account it is. What is owed to the fund is due before it comes, so that only what medical
-- assistance and donors owe may turn round, by awards taken back after the payment.
INSERT INTO account_kind (position, kind, element, side, may_be_negative, level) VALUES
    (10, 'treasury_in_transit', 'asset', 1, false, 'either'),
    (11, 'special_fiscal', 'asset', 1, false, 'pooling_area'),
    (12, 'expenditure_city', 'asset', 1, false, 'pooling_area'),
    (13, 'expenditure_county', 'asset', 1, false, 'county'),
    (14, 'assistance_deposit', 'asset', 1, false, 'pooling_area'),
    (15, 'adjustment_deposit', 'asset', 1, false, 'province'),
    (20, 'receivable_central', 'asset', 1, false, 'pooling_area'),
    (21, 'receivable_provincial', 'asset', 1, false, 'pooling_area'),
    (22, 'receivable_city', 'asset', 1, false, 'pooling_area'),
    (23, 'receivable_county', 'asset', 1, false, 'pooling_area'),
    (24, 'receivable_assistance', 'asset', 1, true, 'pooling_area'),
    (25, 'receivable_sponsors', 'asset', 1, true, 'pooling_area'),
    (26, 'receivable_violation', 'asset', 1, false, 'pooling_area'),
    (30, 'suspense', 'liability', -1, false, 'either'),
    (31, 'refunds_payable', 'liability', -1, false, 'pooling_area'),
    (32, 'subsidies_due', 'liability', -1, true, 'pooling_area'),
    (40, 'pooled_fund', 'net_asset', -1, false, 'pooling_area'),
    (41, 'assistance_balance', 'net_asset', -1, false, 'pooling_area'),
    (42, 'adjustment_fund', 'net_asset', -1, false, 'province'),
    (43, 'risk_reserve', 'net_asset', -1, false, 'province'),
    (50, 'contribution_revenue', 'revenue', -1, true, 'pooling_area'),
    (51, 'assistance_contributions', 'revenue', -1, true, 'pooling_area'),
    (52, 'sponsor_contributions', 'revenue', -1, true, 'pooling_area'),
    (53, 'subsidy_central', 'revenue', -1, true, 'pooling_area'),
    (54, 'subsidy_provincial', 'revenue', -1, true, 'pooling_area'),
    (55, 'subsidy_city', 'revenue', -1, true, 'pooling_area'),
    (56, 'subsidy_county', 'revenue', -1, true, 'pooling_area'),
    (57, 'interest_revenue', 'revenue', -1, true, 'pooling_area'),
    (58, 'allocation_revenue', 'revenue', -1, true, 'pooling_area'),
    (60, 'benefit_expenditure', 'expenditure', 1, true, 'pooling_area'),
    (61, 'major_illness_expenditure', 'expenditure', 1, true, 'pooling_area'),
    (62, 'levy_expenditure', 'expenditure', 1, true, 'pooling_area'),
    (63, 'assistance_expenditure', 'expenditure', 1, true, 'pooling_area')
ON CONFLICT (kind) DO UPDATE
   SET position = excluded.position, element = excluded.element, side = excluded.side,
       may_be_negative = excluded.may_be_negative, level = excluded.level;

-- Reasons: the kinds on which an entry may have a debit, a credit, or either (earmarked funds:
-- 安徽省人民政府办公厅关于基本医疗保险省级统筹的实施意见 一（四）; 川办发〔2023〕38号 二（三）). Either where
-- a difference may also take back.
DELETE FROM reason_side;
INSERT INTO reason_side (reason, kind, side)
SELECT s.reason, k.kind, s.side
  FROM (VALUES
    ('receipts', 0, 'treasury_in_transit suspense contribution_revenue'),
    ('repair_received', 1, 'treasury_in_transit'),
    ('repair_received', -1, 'contribution_revenue'),
    ('suspense_cleared', 0, 'suspense contribution_revenue refunds_payable'),
    ('contribution_refunded', 0, 'contribution_revenue refunds_payable'),
    ('refund_paid', 1, 'refunds_payable'),
    ('refund_paid', -1, 'special_fiscal expenditure_city'),
    ('treasury_paid_over', 1, 'special_fiscal'),
    ('treasury_paid_over', -1, 'treasury_in_transit'),
    ('subsidy_due', 0, 'receivable_central receivable_provincial receivable_city receivable_county subsidies_due'),
    ('subsidy_received', 1, 'special_fiscal subsidies_due'),
    ('subsidy_received', -1, 'receivable_central receivable_provincial receivable_city receivable_county'),
    ('subsidy_received', -1, 'subsidy_central subsidy_provincial subsidy_city subsidy_county'),
    ('contribution_awarded', 0, 'receivable_assistance receivable_sponsors subsidies_due'),
    ('assistance_funded', 1, 'assistance_deposit'),
    ('assistance_funded', -1, 'assistance_balance'),
    ('assistance_paid', 1, 'special_fiscal subsidies_due assistance_expenditure'),
    ('assistance_paid', -1, 'assistance_deposit receivable_assistance assistance_contributions'),
    ('sponsor_paid', 1, 'special_fiscal subsidies_due'),
    ('sponsor_paid', -1, 'receivable_sponsors sponsor_contributions'),
    ('drawn', 1, 'expenditure_city'),
    ('drawn', -1, 'special_fiscal'),
    ('county_funded', 1, 'expenditure_county'),
    ('county_funded', -1, 'expenditure_city'),
    ('county_returned', 1, 'expenditure_city'),
    ('county_returned', -1, 'expenditure_county'),
    ('benefit_paid', 1, 'benefit_expenditure major_illness_expenditure'),
    ('benefit_paid', -1, 'expenditure_county expenditure_city'),
    ('benefit_recovered', 1, 'expenditure_county expenditure_city special_fiscal'),
    ('benefit_recovered', -1, 'benefit_expenditure major_illness_expenditure'),
    ('levy_paid', 1, 'levy_expenditure adjustment_deposit'),
    ('levy_paid', -1, 'special_fiscal adjustment_fund'),
    ('reserve_set_aside', 1, 'adjustment_fund'),
    ('reserve_set_aside', -1, 'risk_reserve'),
    ('allocation_paid', 1, 'adjustment_fund special_fiscal'),
    ('allocation_paid', -1, 'adjustment_deposit allocation_revenue'),
    ('gap_share_paid', 1, 'adjustment_fund special_fiscal'),
    ('gap_share_paid', -1, 'adjustment_deposit allocation_revenue'),
    ('reserve_used', 1, 'risk_reserve special_fiscal'),
    ('reserve_used', -1, 'adjustment_deposit allocation_revenue'),
    ('interest_received', 1, 'special_fiscal expenditure_city expenditure_county assistance_deposit adjustment_deposit'),
    ('interest_received', -1, 'interest_revenue assistance_balance adjustment_fund'),
    ('violation_found', 1, 'receivable_violation'),
    ('violation_found', -1, 'benefit_expenditure major_illness_expenditure'),
    ('violation_covered', 1, 'special_fiscal'),
    ('violation_covered', -1, 'receivable_violation'),
    ('year_closed', 0, 'pooled_fund assistance_balance')
  ) AS s (reason, side, kinds)
 CROSS JOIN LATERAL unnest(string_to_array(s.kinds, ' ')) AS k (kind)
 UNION ALL
SELECT 'year_closed', kind, 0 FROM account_kind WHERE element IN ('revenue', 'expenditure')
 UNION ALL
SELECT 'opening_balance', kind, side FROM account_kind
 WHERE element IN ('asset', 'liability', 'net_asset');

-- The area whose account of a level a region uses.
CREATE OR REPLACE FUNCTION account_area(region bigint, level text) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE level WHEN 'province' THEN region / 10000000000 * 10000000000
                      WHEN 'county' THEN region / 1000000 * 1000000
                      ELSE pooling_area(region) END
$$;

-- An account stands at the level of its kind, and is never another one afterwards.
CREATE OR REPLACE FUNCTION account_is_of_its_level() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE wanted text;
BEGIN
    SELECT level INTO wanted FROM account_kind WHERE kind = NEW.kind;
    IF NOT FOUND THEN
        RETURN NEW;  -- account_kind_is_on_the_chart refuses
    END IF;
    IF NEW.area_id <> account_area(NEW.area_id, wanted)
       OR wanted <> 'either' AND (wanted <> 'province') <> (NEW.area_id % 10000000000 <> 0)
       OR wanted = 'county' AND NEW.area_id % 100000000 = 0 THEN
        RAISE EXCEPTION 'account % is one of a %, which % is not', NEW.kind, wanted, NEW.area_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'account_is_of_its_level',
                  DETAIL = jsonb_build_object('kind', NEW.kind);
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER account_is_of_its_level BEFORE INSERT ON account
    FOR EACH ROW EXECUTE FUNCTION account_is_of_its_level();
CREATE OR REPLACE TRIGGER accounts_are_fixed BEFORE UPDATE OR DELETE OR TRUNCATE ON account
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_edit();
