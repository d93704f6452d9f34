//! The promises of the traits, as tests any database can run. Two databases, one suite: where they differ, the suite decides.
//!
//! A database crate's test binary says how to make an empty store, and gets one test per promise:
//!
//! ```ignore
//! store::conformance!(|| async { store::conformance::Fresh::new(store, guard) });
//! ```

#![expect(clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs, reason = "these are tests")]

pub mod accounts;
pub mod audit;
pub mod charts;
pub mod clock;
pub mod drafts;
pub mod finding;
pub mod fixture;
pub mod history;
pub mod model;
pub mod numbers;
pub mod search;
pub mod upgrade;
pub mod writing;

pub use fixture::{Case, Fresh};

/// Makes one test per promise. `$fresh` is a function returning a [`Fresh`] store, or `None` once it said `skipped: …` because what the
/// database runs on is not there.
#[macro_export]
macro_rules! conformance {
    ($fresh:path) => {
        $crate::conformance!(@in $fresh, writing:
            what_was_written_is_read_to_the_byte
            absent_resources_are_none
            a_stale_write_is_refused_and_named
            a_create_of_a_used_id_is_refused
            an_update_of_nothing_is_refused
            one_bad_write_undoes_the_whole_commit
            of_many_writers_of_one_version_exactly_one_wins
            what_a_command_saw_must_still_hold
            checked_references_must_exist
            a_retry_answers_as_the_first_time
            a_retry_of_what_changed_nothing_is_known
            retry_keys_are_forgotten_after_a_week
            a_deletion_is_a_version_and_can_be_undone
            a_permit_for_one_chart_writes_no_other
            types_outside_a_permit_are_refused
            known_ids_are_told_with_their_version
            many_are_read_in_the_order_asked
            turns_are_taken_one_after_another
        );
        $crate::conformance!(@in $fresh, history:
            of_one_resource_newest_first
            of_a_type_of_a_chart_of_everything
            pages_join_without_gap_or_repeat
            bounded_by_time
            old_versions_stay_as_they_were
        );
        $crate::conformance!(@in $fresh, charts:
            newest_first_the_undated_last
            pages_continue_where_the_last_ended
            another_chart_never_shows
            a_chart_as_it_stood
            a_corrected_subject_moves_between_charts
            each_code_gets_its_newest
            a_changed_code_moves_in_the_index
        );
        $crate::conformance!(@in $fresh, search:
            tokens
            strings
            dates
            quantities
            composites
            references_chains_and_has
            sorts_put_what_has_no_value_last
            a_new_version_replaces_what_the_old_one_was_found_by
            pages_join_whatever_the_order_and_while_data_changes
            page_links_are_opaque_and_bound_to_their_search
            totals_and_counts
            includes
            another_chart_never_answers
            compartments
            hostile_text_is_only_text
        );
        $crate::conformance!(@in $fresh, finding:
            every_word_must_match
            a_beginning_matches_only_where_asked
            more_than_the_limit_is_told
            keys_follow_the_patient
            a_permit_hides_other_charts
            slips_of_one_letter_are_known
        );
        $crate::conformance!(@in $fresh, drafts:
            what_was_typed_is_kept_text_by_text
            the_same_begin_and_save_twice_change_nothing
            a_window_follows_itself_though_an_answer_was_lost
            a_text_typed_over_another_is_kept_beside_it_until_settled
            sections_do_not_disturb_each_other
            a_draft_of_another_chart_is_not_touched
            signing_ends_a_draft_only_as_it_was_read
            a_text_aside_keeps_a_draft_from_being_signed
            a_signed_note_waits_for_its_cosigner_alone
            a_draft_in_the_wrong_chart_is_given_up_as_it_was_read_and_says_where_it_went
            a_patient_with_a_draft_is_not_deleted
            open_drafts_are_listed_by_chart_and_author
            of_windows_that_type_at_once_every_text_is_there
        );
        $crate::conformance!(@in $fresh, clock:
            versions_keep_the_order_they_were_recorded_in
            a_chart_as_it_stood_goes_by_the_last_version_recorded_until_then
            the_trail_is_numbered_as_written_and_found_by_time
            a_retry_is_known_before_and_after_its_time
        );
        $crate::conformance!(@in $fresh, numbers:
            the_series_has_no_gap_under_concurrency_and_refusals
        );
        $crate::conformance!(@in $fresh, audit:
            every_commit_and_every_release_leaves_an_entry
            a_refused_commit_leaves_none
            entries_are_found_by_patient_actor_and_time
            recent_charts_newest_first_each_once
            a_whole_chain_verifies
            entries_are_numbered_without_gaps_under_concurrency
        );
        $crate::conformance!(@in $fresh, accounts:
            a_user_is_found_by_name_and_id
            user_names_are_unique
            the_last_manager_stays_under_concurrency
            disabling_ends_sessions
            a_new_role_ends_sessions
            a_new_password_keeps_one_session
            unlocking_rotates_the_secret
            tokens_end_when_revoked
            failures_count_until_cleared
            set_up_happens_once
            a_kept_text_is_changed_only_by_who_read_it
            kept_texts_are_listed_by_kind_and_every_version_stays
        );
    };
    (@in $fresh:path, $module:ident: $($name:ident)*) => {
        mod $module {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn $name() {
                    let fresh: Option<$crate::conformance::Fresh> = $fresh().into();
                    if let Some(fresh) = fresh {
                        $crate::conformance::$module::$name(fresh.case()).await;
                    }
                }
            )*
        }
    };
}
