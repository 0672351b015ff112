(id) DO UPDATE
    SET region = excluded.region, county = excluded.county, shard = NULL, cover = excluded.cover,
        gap_years = excluded.gap_years, streak = excluded.streak,
        broken_years_total = excluded.broken_years_total,
        continuity_bonus = excluded.continuity_bonus, continuity_gain = excluded.continuity_gain,
        zero_claim_bonus = excluded.zero_claim_bonus, zero_claim_gain = excluded.zero_claim_gain,
        zero_claim_cleared = excluded.zero_claim_cleared, base_cap = excluded.base_cap,
        bonus_applied = excluded.bonus_applied, penalty_applied = excluded.penalty_applied,
        cap = excluded.cap, paid_on = excluded.paid_on, exemption = excluded.exemption,
        broken_years = excluded.broken_years, fixed_months = excluded.fixed_months,
        variable_before = excluded.variable_before, repaired_months = excluded.repaired_months,
        variable_months = excluded.variable_months, benefit_start = excluded.benefit_start
  WHERE (standing.region, standing.cover, standing.gap_years, standing.streak,
         standing.broken_years_total, standing.continuity_bonus, standing.zero_claim_bonus,
         standing.zero_claim_gain, standing.zero_claim_cleared, standing.cap, standing.paid_on,
         standing.exemption, standing.broken_years, standing.variable_before,
         standing.variable_months, standing.benefit_start)
        IS DISTINCT FROM
        (excluded.region, excluded.cover, excluded.gap_years, excluded.streak,
         excluded.broken_years_total, excluded.continuity_bonus, excluded.zero_claim_bonus,
         excluded.zero_claim_gain, excluded.zero_claim_cleared, excluded.cap, excluded.paid_on,
         excluded.exemption, excluded.broken_years, excluded.variable_before,
         excluded.variable_months, excluded.benefit_start)
