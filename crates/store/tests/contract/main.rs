//! What the store promises, held on both databases: one list of tests, run on SQLite and on PostgreSQL.
//!
//! `JIFANG_TEST_PG_URL` names a PostgreSQL server (`postgres://user@host:port/database`); each test makes a database of its own
//! there, a copy of one with all tables, and drops it. Footage is real: fragments of the evidence container with a true parameter set.

extern crate jifang_store as store;

mod accounts;
mod alarm_sources;
mod backup;
mod between;
mod casework;
mod casework_counts;
mod casework_lists;
mod casework_marks;
mod casework_parties;
mod casework_payments;
mod casework_registers;
mod casework_shown;
mod casework_waiting;
mod contacts;
mod crash;
mod damage;
mod desk;
mod disk;
mod disks;
mod duties;
mod emergencies;
mod exports;
mod footage;
mod free_text;
mod incidents;
mod inspection_plans;
mod law_packs;
mod ledger_order;
mod lists;
mod lost;
mod marks;
mod offers;
mod orders;
mod outage;
mod plans;
mod proposals;
mod readings;
mod requests;
mod retention;
mod scrub;
mod sessions;
mod shifts;
mod things;
mod two_step;
mod uppers;
mod views;
mod visit_end;
mod visits;
mod world;

/// Each test takes a fresh world and runs on both databases.
macro_rules! on_both {
    ($($module:ident :: $name:ident),+ $(,)?) => {
        mod sqlite { $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let world = crate::world::World::migrated_sqlite().await;
                crate::$module::$name(&world).await;
            }
        )+ }
        mod postgres { $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                let world = crate::world::World::migrated_postgres().await;
                crate::$module::$name(&world).await;
                world.drop_database().await;
            }
        )+ }
    };
}

on_both![
    accounts::the_first_account_is_made_once,
    accounts::accounts_come_back_as_they_were_made,
    accounts::a_login_name_is_taken_once,
    accounts::wrong_passwords_are_remembered,
    accounts::a_new_password_ends_the_other_sessions,
    accounts::a_one_time_password_is_marked_with_it,
    accounts::disabling_ends_sessions_and_tokens,
    proposals::a_proposal_is_answered_once,
    proposals::a_change_that_cannot_be_leaves_its_proposal_open,
    proposals::proposals_that_wait_are_bounded,
    proposals::accounts_of_a_file_are_made_all_or_none,
    alarm_sources::panels_are_added_changed_and_removed,
    alarm_sources::zones_belong_to_their_panel,
    alarm_sources::the_cursor_moves_with_what_was_made_of_the_signals,
    alarm_sources::the_journal_works_while_the_database_is_away,
    contacts::a_person_is_sealed_and_the_log_has_a_commitment,
    contacts::what_is_full_takes_no_more,
    contacts::of_many_at_once_none_is_over_the_limit,
    law_packs::the_law_in_use_is_recorded_with_its_entry,
    duties::a_papers_text_is_sealed_and_goes_with_it,
    duties::papers_have_a_limit,
    duties::only_a_change_of_state_is_an_entry,
    duties::a_last_day_that_a_notice_moves_is_an_entry_with_both_days,
    duties::own_periods_are_kept_and_logged,
    readings::a_decision_names_both_persons_and_its_reason_is_sealed,
    readings::decisions_have_a_limit,
    visits::one_change_of_a_visit_wins_and_a_second_visit_waits,
    visit_end::a_step_and_the_end_of_its_visit_are_one,
    visits::an_approval_claims_its_number_on_what_was_counted,
    visits::a_photo_is_kept_once_and_only_while_the_visit_is_open,
    visits::a_self_report_is_received_once_and_the_newest_body_stays,
    visits::a_report_of_the_site_waits_for_its_receipt,
    offers::who_and_what_are_sealed_and_the_answer_of_the_law_is_kept,
    offers::an_account_enters_so_many_within_a_day,
    emergencies::an_access_and_what_is_owed_for_it_are_one,
    emergencies::words_about_an_access_are_sealed,
    emergencies::of_two_who_answer_one_is_first,
    emergencies::a_missed_day_is_entered_once,
    emergencies::an_explanation_goes_back_and_forth_no_more_than_is_kept,
    casework::a_change_and_all_that_follows_is_one,
    casework::of_two_clerks_one_is_first,
    casework::of_two_that_are_opened_side_by_side_one_is_looked_at_again,
    casework::requests_to_keep_out_are_found_while_they_wait_and_below_their_office_alone,
    casework::numbers_have_no_hole_under_concurrency,
    casework::what_fails_in_the_middle_leaves_nothing,
    casework::words_about_persons_are_sealed_and_bound_to_their_place,
    casework::a_document_is_found_by_its_words_also_when_it_is_old,
    casework::rows_that_come_with_orders_and_payments_are_one_with_them,
    casework::a_case_that_was_changed_past_the_store_is_found,
    casework::cases_and_papers_are_bounded,
    casework::what_was_published_is_withdrawn_with_reasons,
    casework_waiting::what_waits_is_counted_for_one_state_of_a_case_and_listed_by_its_day,
    casework_lists::the_nearest_day_comes_first_and_pages_miss_nothing,
    casework_lists::counts_stop_where_nobody_counts_any_more,
    casework_lists::what_is_being_decided_is_found_by_office_and_from_above,
    casework_lists::cases_are_listed_newest_first_in_pages,
    casework_lists::what_was_decided_late_is_found_by_its_clock_its_time_and_its_office,
    casework_lists::clocks_come_by_their_day_and_are_counted_anew,
    casework_parties::a_party_has_versions_and_a_person_lies_sealed,
    casework_parties::one_number_on_documents_of_two_kinds_is_of_two_persons,
    casework_parties::a_unit_without_a_code_keeps_its_own_registration,
    casework_lists::search_finds_pairs_of_signs_and_mixed_text,
    casework_lists::a_question_looks_at_so_many_things_and_says_where_to_go_on,
    casework_registers::a_register_keeps_every_version_of_a_row,
    inspection_plans::a_plan_goes_from_draft_to_drawn_and_never_back,
    inspection_plans::a_plan_is_drawn_once,
    inspection_plans::who_stands_behind_a_pool_lies_sealed,
    inspection_plans::a_drawn_unit_has_one_case_with_its_visit,
    inspection_plans::a_unit_that_was_replaced_meanwhile_is_not_visited,
    inspection_plans::what_was_drawn_is_counted_within_the_territory,
    casework_registers::a_row_without_a_case_is_written_on_the_version_that_was_seen,
    casework_shown::what_is_counted_for_the_public_adds_up,
    casework_shown::a_row_is_public_only_while_a_publication_of_it_stands,
    casework_shown::a_withdrawal_is_one_with_its_event,
    casework_shown::a_public_register_is_read_as_it_stood,
    casework_registers::a_row_is_found_by_number_and_columns_also_when_it_is_old,
    casework_registers::a_register_is_narrowed_by_what_made_its_rows,
    casework_shown::a_public_row_is_known_by_its_number_in_one_question,
    casework_registers::rows_are_narrowed_by_division_and_kind,
    casework_registers::a_list_of_many_rows_is_opened_and_found_whole_and_in_its_order,
    casework_registers::a_state_of_thousands_of_rows_is_kept_by_what_changed,
    casework_parties::an_import_is_all_or_nothing,
    casework_parties::offices_have_codes_of_their_own,
    desk::on_one_day_one_person_stands_in_and_is_there,
    desk::absences_of_one_account_are_bounded,
    desk::a_delegation_has_a_number_and_ends_once,
    desk::what_is_supervised_is_counted,
    casework_counts::what_waits_and_what_comes_is_counted_by_office,
    casework_counts::a_territory_is_an_office_and_all_under_it,
    casework_counts::a_place_is_covered_by_its_own_system_and_by_no_other_of_its_owner,
    casework_counts::what_a_system_names_and_what_is_ambiguous,
    casework_counts::what_was_kept_and_what_was_inspected_is_counted,
    casework_counts::rows_come_in_the_order_of_writing_and_again_when_they_change,
    casework_counts::a_file_is_imported_once,
    casework_payments::money_comes_back_and_what_is_said_of_it_is_sealed,
    casework_payments::a_payment_and_the_change_that_it_ends_are_one,
    casework_payments::of_two_payments_on_one_page_the_second_is_told,
    casework_payments::cases_know_from_which_they_came,
    casework_marks::a_case_is_found_by_the_title_it_was_opened_under,
    casework_marks::what_annuls_is_found_behind_what_does_not,
    casework_marks::what_waits_is_shown_to_whose_turn_it_is,
    casework_marks::what_is_to_be_published_comes_in_pages_until_it_came_out,
    casework_marks::a_case_without_marks_is_marked_once_and_found_by_its_facts,
    casework_marks::a_number_without_its_year_or_office_is_one_question,
    casework_marks::numbers_and_what_was_late_are_asked_of_a_whole_list,
    plans::a_picture_comes_back_and_its_marks_stay,
    plans::plans_and_marks_are_bounded,
    views::versions_of_a_shape_are_kept_and_sealed,
    views::a_view_comes_and_goes_with_its_mark,
    backup::a_living_server_comes_back_as_it_was,
    backup::a_place_that_holds_a_server_is_only_set_aside_when_told,
    backup::a_restore_that_was_cut_short_is_said_and_repeated,
    backup::a_repeated_restore_goes_on_in_the_folder_of_the_broken_one,
    backup::the_schema_of_the_release_before_is_brought_up,
    backup::an_upgrade_that_was_cut_short_is_repeated,
    backup::a_database_of_a_newer_program_is_refused_in_words,
    orders::orders_to_a_site_have_numbers_without_holes,
    orders::an_answer_is_taken_once_and_from_its_site_only,
    orders::what_an_order_holds_is_not_deleted_and_is_held_once,
    orders::what_persons_ask_for_takes_no_room_of_orders,
    orders::a_request_that_was_handed_on_is_erased_when_its_term_is_over,
    orders::of_one_order_to_show_one_request_runs_at_a_time,
    between::a_site_asks_once_and_a_person_decides,
    between::a_report_row_entry_and_receipt_are_one,
    between::steps_of_two_officers_take_turns,
    between::an_untaken_report_is_never_behind_newer_ones,
    between::a_head_moves_only_from_where_it_was,
    between::contradicting_heads_are_kept_once_and_bounded,
    between::a_new_line_is_accepted_by_a_person_once,
    between::messages_keep_their_number_and_first_receipt,
    between::a_key_that_was_told_is_not_made_again,
    sessions::a_session_ends_when_idle_or_old,
    sessions::tokens_end_at_their_instant,
    sessions::sweeping_removes_only_what_is_over,
    sessions::each_role_has_its_own_limits,
    sessions::a_new_browser_is_told_to_the_sessions_before_it,
    shifts::one_holds_the_watch_and_hands_it_over,
    shifts::of_many_at_once_one_begins,
    two_step::a_phone_counts_after_its_first_code,
    two_step::a_step_is_taken_once_by_many_at_once,
    two_step::a_recovery_code_is_taken_once_and_logged,
    two_step::a_lost_phone_ends_sessions,
    uppers::a_platform_is_added_changed_and_removed,
    uppers::a_platforms_password_is_sealed_at_rest,
    uppers::platforms_and_their_channels_are_bounded,
    uppers::a_view_from_above_is_row_entry_and_register_at_once,
    things::cameras_are_added_changed_and_removed,
    things::settings_are_logged_without_their_value,
    things::a_notice_is_open_once,
    things::a_notice_is_told_anew_when_its_words_change,
    things::the_log_page_filters_and_pages,
    ledger_order::places_are_given_in_order_and_every_entry_proves,
    ledger_order::appends_share_transactions,
    ledger_order::a_dropped_transaction_leaves_no_entry,
    requests::numbers_differ_under_concurrency,
    requests::two_tabs_do_not_both_decide,
    requests::a_hold_lives_with_its_request,
    requests::the_register_keeps_persons_sealed,
    requests::papers_are_stored_once,
    exports::exports_go_through_their_states,
    exports::of_one_scope_there_is_one_export,
    exports::a_removed_export_keeps_its_row_and_loses_its_file,
    exports::a_file_that_outlived_its_row_is_swept,
    exports::exports_are_due_when_their_grant_has_ended,
    exports::hours_are_weighed_by_their_entries,
    lists::requests_are_found_by_each_of_their_facts,
    lists::a_grant_is_listed_as_it_stands_now,
    lists::pages_of_requests_miss_and_repeat_nothing,
    lists::requests_from_before_are_filled_in_at_the_start,
    lists::lines_are_found_by_each_of_their_facts,
    lists::a_line_says_number_letter_handler_and_end,
    marks::a_hold_by_hand_is_placed_on_footage_and_released_once,
    marks::a_bookmark_keeps_its_note_sealed,
    marks::acts_on_footage_are_found_on_its_timeline,
    footage::what_was_written_is_read_byte_for_byte,
    footage::every_window_gets_the_fragments_that_touch_it,
    footage::the_tail_is_seen_before_it_is_committed,
    footage::gaps_have_the_writers_causes,
    footage::a_restart_is_a_gap_of_the_server,
    footage::an_open_gap_keeps_its_cause_over_a_restart,
    footage::a_long_group_of_pictures_plays_from_its_key,
    footage::a_long_tail_is_recovered_in_spans,
    footage::gaps_whose_rows_were_lost_are_named_by_recovery,
    footage::an_unknown_camera_does_not_stop_the_others,
    incidents::each_signal_counts_once,
    incidents::several_at_once_stand_side_by_side,
    incidents::a_hold_up_is_in_the_outbox_with_the_signal,
    incidents::what_the_law_refuses_stays_here_and_is_logged,
    incidents::two_who_decide_on_the_same_state_do_not_both_win,
    incidents::a_report_waits_for_its_receipt_for_ever,
    incidents::pictures_come_before_clips_and_after_their_report,
    incidents::an_upper_platform_is_told_once_and_the_incident_says_so,
    incidents::the_police_away_for_a_day_lose_nothing_and_hear_everything_once,
    incidents::footage_is_held_from_the_first_signal,
    incidents::a_gb_channel_that_alarms_is_its_own_camera,
    incidents::rules_add_their_evidence,
    incidents::what_is_on_test_is_only_kept,
    incidents::a_runaway_source_is_gathered_and_every_signal_kept,
    incidents::history_is_searched_and_paged,
    incidents::a_signal_that_was_changed_later_is_found,
    free_text::words_of_people_lie_sealed_and_come_back,
    free_text::words_of_an_earlier_release_are_sealed_at_the_start,
    retention::footage_goes_when_its_term_is_over_and_no_hold_covers_it,
    retention::a_hold_and_a_deletion_take_turns,
    retention::numbers_go_on_after_everything_was_deleted,
    outage::recording_goes_on_while_the_database_is_away,
    damage::check_is_clean_while_recording,
    damage::check_names_each_damage,
    damage::files_of_an_older_or_other_log_are_refused,
    damage::what_lies_beyond_the_settled_size_heals,
    damage::a_torn_tail_costs_only_the_torn_fragment,
    lost::a_file_that_is_short_or_gone_is_sealed_and_the_rest_declared_lost,
    lost::a_loss_that_nobody_logged_is_a_fault,
    lost::the_wait_since_the_start_has_a_cause_of_its_own,
    disks::a_disk_that_refuses_is_left_for_another_at_once,
    disks::footage_on_a_disk_that_is_away_waits_for_it,
    disks::nothing_is_written_on_another_disk_in_its_place,
    disks::a_container_moves_only_when_the_copy_was_proved,
    disks::without_its_identity_the_data_folder_records_and_declares_nothing_lost,
    disks::a_disk_that_is_replaced_takes_its_footage_with_it_and_says_so,
    scrub::a_changed_byte_is_found_named_and_told_once,
    scrub::a_check_of_the_future_does_not_count,
    scrub::a_round_goes_on_where_it_stopped,
    scrub::files_rows_and_log_are_compared,
    scrub::lost_rows_come_back_from_containers_and_log,
    scrub::what_went_by_law_or_was_lost_does_not_come_back,
    scrub::what_the_log_never_knew_is_entered_as_new,
];
