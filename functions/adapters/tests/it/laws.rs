//! What each port promises, as checks that know nothing but the port.

pub(crate) mod access;
pub(crate) mod addresses;
pub(crate) mod checkout;
pub(crate) mod comments;
pub(crate) mod metrics;

use std::sync::Arc;

/// Callers at once, where a law speaks of any number.
pub(crate) const CROWD: usize = 50;

/// Runs `call` as often at once as the crowd is large and returns what each got.
pub(crate) async fn crowd<P, T, F>(port: &Arc<P>, call: impl Fn(Arc<P>, usize) -> F) -> Vec<T>
where
    P: ?Sized,
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let running: Vec<_> = (0..CROWD)
        .map(|turn| tokio::spawn(call(Arc::clone(port), turn)))
        .collect();
    let mut got = Vec::new();
    for task in running {
        got.push(task.await.unwrap());
    }
    got
}

/// Each law on the engine that the shop has within itself, and on an emulator of the real one.
macro_rules! held_by_the_table {
    ($($module:ident :: $law:ident),* $(,)?) => {
        mod embedded {
            use crate::world::World;
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $law() {
                    let world = World::start().await;
                    super::$module::$law(world.table.clone()).await;
                }
            )*
        }

        mod in_the_emulator {
            use crate::world::World;
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                #[ignore = "needs an emulator of AWS, whose address is in TUITION_EMULATOR"]
                async fn $law() {
                    let world = World::in_the_emulator().await;
                    super::$module::$law(world.table.clone()).await;
                }
            )*
        }
    };
}

held_by_the_table! {
    checkout::the_first_attempt_holds_a_key_until_it_expires,
    checkout::of_many_attempts_at_once_one_wins,
    checkout::opening_an_order_again_changes_nothing_but_completes_the_attempt,
    checkout::a_commit_needs_the_version_before,
    checkout::of_many_commits_of_one_version_one_is_written,
    checkout::a_commit_writes_everything_or_nothing,
    checkout::a_mail_is_claimed_by_one_until_its_lease_ends,
    checkout::the_ledger_is_read_by_day_in_order_of_time,
    access::many_callers_with_one_address_get_one_learner,
    access::a_profile_is_replaced_only_while_it_exists,
    access::sessions_are_listed_oldest_first_and_end_for_good,
    access::only_the_latest_link_of_an_address_is_alive,
    access::of_many_who_use_a_link_one_is_signed_in,
    access::tries_at_a_code_are_counted_for_the_link_alive,
    access::an_erased_learner_can_not_be_found_and_may_come_anew,
    access::who_was_erased_is_known_and_nobody_else_is,
    addresses::a_change_replaces_the_one_before,
    addresses::of_two_proofs_at_once_the_later_sees_both,
    addresses::a_learner_moves_to_a_new_address_in_one_step,
    addresses::an_address_that_leads_to_somebody_is_not_taken_from_them,
    addresses::a_profile_that_was_written_meanwhile_is_not_overwritten_by_a_move,
    addresses::of_many_who_want_one_address_one_gets_it,
    comments::a_thread_is_all_that_stands_under_a_lesson,
    comments::a_change_is_made_to_the_revision_that_was_read,
    comments::a_lesson_has_as_many_places_as_are_said,
    comments::comments_added_and_changed_at_once_are_all_there,
    comments::what_waits_is_listed_until_somebody_looked,
    comments::whoever_is_banned_adds_nothing,
    comments::a_learner_reports_a_comment_once,
    comments::a_decision_leaves_a_trail_without_a_name,
    comments::of_many_who_change_a_standing_one_is_first,
    comments::a_comment_with_a_new_author_is_found_by_that_one,
    comments::an_erased_author_has_no_comments,
    metrics::a_batch_sent_twice_is_kept_once,
    metrics::events_are_found_by_the_day_they_came,
    metrics::what_was_dropped_is_added_up_once_for_each_batch,
    metrics::a_day_is_noted_once_for_each_learner,
    metrics::segments_may_come_twice_and_in_any_order,
    metrics::a_long_list_of_segments_keeps_its_seconds,
    metrics::a_lesson_is_finished_once,
    metrics::the_latest_word_about_a_lesson_counts_whenever_it_comes,
    metrics::a_day_has_one_secret,
    metrics::a_counter_counts_everybody,
}
