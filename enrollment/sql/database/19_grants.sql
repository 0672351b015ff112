-- Grants: what is not named here is refused. Nobody but the owner deletes or truncates.
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {web}, {worker};
-- a year under construction, rehearsed and perhaps not signed yet, stays the workers' to fill, and
-- an attached one theirs to freeze
DO $$
DECLARE
    year record;
    can_maintain boolean := current_setting('server_version_num')::int >= 170000;
BEGIN
    FOR year IN
        SELECT c.oid::regclass AS part, c.relispartition AS is_attached
          FROM pg_class c
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
           AND c.relname ~ '^(enrollment|standing)_y[0-9]{4}(_s[0-9]+)?$'
    LOOP
        IF NOT year.is_attached THEN
            EXECUTE format('GRANT SELECT, INSERT, DELETE ON %s TO {worker}', year.part);
        END IF;
        IF can_maintain THEN
            EXECUTE format('GRANT MAINTAIN ON %s TO {worker}', year.part);
        END IF;
    END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION
    year_table_checked(text), year_table_create(text, int, bigint), year_table_index(text, text),
    year_table_check(text), year_table_attach(text), year_table_drop(text),
    year_table_make(text, int) FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO {web}, {worker};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {web}, {worker};
GRANT SELECT ON region, policy_document, policy_parameter TO {web}, {worker};
GRANT SELECT, INSERT ON person_access TO {web};
GRANT SELECT ON history TO {web}, {worker};
GRANT SELECT ON role_conflict, duty TO {web}, {worker};
GRANT INSERT, UPDATE (valid, ended_by_id, ended_at, end_reason) ON duty TO {web};
GRANT SELECT, INSERT, UPDATE ON person, person_category TO {web}, {worker};
GRANT SELECT, INSERT ON enrollment, award, change, change_taken TO {web}, {worker};
-- every column but the key: a row never moves to another year or person
GRANT UPDATE (region, shard, category, standard, subsidy, payable, paid, due_on, paid_on,
              benefit_start, benefit_end, suspended_from, ended_on, ended_for, months,
              repaired_years, repaired_on) ON enrollment TO {web}, {worker};
GRANT UPDATE ON change TO {worker};
GRANT SELECT ON fallout, receipt, year_run, year_step, step_shard, shard_total, step_total,
                step_terms, step_quota TO {web};
GRANT SELECT ON step_total TO {worker};
GRANT SELECT, INSERT, UPDATE ON year_run, year_step, step_shard, step_terms, step_quota, receipt
    TO {worker};
GRANT SELECT, INSERT ON fallout, shard_total TO {worker};
GRANT INSERT ON year_run, year_step, step_shard, shard_total, step_terms, step_quota TO {web};
GRANT UPDATE ON year_run, year_step, step_shard TO {web};
GRANT SELECT, INSERT, UPDATE ON agency_case, contribution_subsidy, enrolment_transfer, registration,
    case_reversal, refund, category_recognition, identity_correction, duplicate_resolution,
    parameter_setting, suspense_clearing TO {web}, {worker};
REVOKE EXECUTE ON FUNCTION place_on_file(uuid, bigint), account_owner(uuid),
    publish_setting(bigint, date), end_setting(bigint, date), move_suspense(bigint, text, int),
    clear_suspense(bigint), unclear_suspense(bigint), count_receipt(receipt, int),
    fold_receipt_days(), fold_pushes(),
    pushes_in(int, bigint, bigint, bigint, text, text[], bigint, bigint, int),
    villages_in(bigint, bigint), opened_bills_came(bigint), sum_bills(int), sum_people(),
    fold_collection(), fold_cases() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    pushes_in(int, bigint, bigint, bigint, text, text[], bigint, bigint, int),
    villages_in(bigint, bigint) TO {web}, {worker};
GRANT EXECUTE ON FUNCTION place_on_file(uuid, bigint), account_owner(uuid),
    publish_setting(bigint, date), end_setting(bigint, date), clear_suspense(bigint),
    unclear_suspense(bigint) TO {web}, {worker};
GRANT EXECUTE ON FUNCTION fold_receipt_days(), fold_pushes(), fold_collection(),
    fold_cases(), opened_bills_came(bigint) TO {worker};
-- written by triggers alone, but for what a slice of `open` billed
GRANT SELECT ON collection_total, collection_day, people_total, case_total, case_month
    TO {web}, {worker};
GRANT SELECT, INSERT ON opened_total TO {web}, {worker};
GRANT SELECT ON step_deadline, push, push_total, push_day, grid_worker TO {web}, {worker};
GRANT INSERT ON step_deadline, push TO {worker};
GRANT INSERT ON step_deadline TO {web};
GRANT UPDATE (result, told_on, note, told_by_id) ON push TO {worker};
GRANT INSERT, UPDATE (name, contact_sealed, valid) ON grid_worker TO {web};
-- written by triggers of receipt alone
GRANT SELECT ON receipt_to_reconcile TO {worker};
GRANT SELECT ON receipt_day, control_total, day_close TO {web}, {worker};
GRANT INSERT ON receipt_day TO {worker};
GRANT INSERT, UPDATE (receipts, amount, told_at) ON control_total TO {worker};
GRANT INSERT, UPDATE (reopened_by_id, reopened_at, reason) ON day_close TO {web};
GRANT SELECT, INSERT ON case_event TO {web}, {worker};
GRANT SELECT, INSERT ON case_file, case_file_access, case_comment TO {web}, {worker};
GRANT UPDATE (removed_at, content) ON case_file TO {web}, {worker};
GRANT SELECT, INSERT ON screen_export TO {web};
GRANT SELECT, INSERT, UPDATE ON import TO {web}, {worker};
GRANT SELECT ON import_reject TO {web};
GRANT SELECT, INSERT ON import_reject TO {worker};
-- the web hands the bytes in and never reads them
GRANT INSERT ON import_part TO {web};
GRANT SELECT ON import_part TO {worker};
GRANT SELECT ON import_effect TO {web};
GRANT SELECT, INSERT ON import_effect TO {worker};
GRANT SELECT, UPDATE (acknowledged_by_id, acknowledged_at) ON recognition_list TO {web};
GRANT SELECT, INSERT, UPDATE ON recognition_list TO {worker};
GRANT SELECT ON listed_change TO {web};
GRANT SELECT ON import_answer, finding, school_attendance, duplicate_search TO {web}, {worker};
GRANT INSERT ON duplicate_search TO {web};
GRANT INSERT, UPDATE ON duplicate_search TO {worker};
GRANT INSERT ON import_answer, finding, school_attendance TO {worker};
GRANT UPDATE (state, closed_by_id, closed_at, reason) ON finding TO {web}, {worker};
GRANT SELECT, INSERT, UPDATE (is_settled) ON listed_change TO {worker};
REVOKE EXECUTE ON FUNCTION take_back_categories(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION take_back_categories(bigint) TO {worker};
REVOKE EXECUTE ON FUNCTION take_back_rows(bigint, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION take_back_rows(bigint, date) TO {worker};
-- the lines of one file while they are checked: emptied by each import, outside row security
GRANT SELECT, INSERT, UPDATE, TRUNCATE ON staging_people, staging_history, staging_categories,
    staging_remittance, staging_control_totals, staging_recognition_list, staging_list_act,
    staging_list_person, staging_department_list, staging_chase_results TO {worker};
DO $$
BEGIN
    IF current_setting('server_version_num')::int >= 170000 THEN
        GRANT MAINTAIN ON staging_remittance TO {worker};
    END IF;
END $$;
GRANT EXECUTE ON FUNCTION
    year_table_checked(text), year_table_create(text, int, bigint), year_table_index(text, text),
    year_table_check(text), year_table_attach(text), year_table_drop(text),
    year_table_make(text, int) TO {worker};
-- a step is planned and a rehearsal signed from the run monitor; its work is the workers'
GRANT EXECUTE ON FUNCTION year_table_create(text, int, bigint) TO {web};
