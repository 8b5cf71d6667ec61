//! What must hold whatever learners did.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use tuition_domain::metrics::report::{Record, RecordKind};

use super::{example, report};

const LEARNERS: [&str; 5] = ["ada", "bob", "cyd", "dan", "eve"];
const OFFERS: [&str; 4] = ["a", "both", "club", "year"];
const LESSONS: [&str; 3] = ["a/1", "a/2", "b/1"];
const KINDS: [RecordKind; 10] = [
    RecordKind::Purchase,
    RecordKind::Refund,
    RecordKind::Dispute,
    RecordKind::SubscriptionStart,
    RecordKind::SubscriptionEnd,
    RecordKind::SubscriptionPayment,
    RecordKind::Watch,
    RecordKind::Active,
    RecordKind::Csat,
    RecordKind::PageView,
];

/// Any fact of four months around the example's.
fn fact() -> impl Strategy<Value = Record<'static>> {
    let when = (0_i64..120 * 24).prop_map(|hour| {
        let begin: Timestamp = "2025-12-01T00:00:00Z".parse().unwrap();
        begin + SignedDuration::from_hours(hour)
    });
    let what = (
        0..KINDS.len(),
        0..OFFERS.len(),
        0..LESSONS.len(),
        0..LEARNERS.len(),
    );
    (
        any::<u32>(),
        when,
        what,
        0_i64..20_000,
        0_u32..200,
        1_u32..100,
        1_u8..6,
    )
        .prop_map(
            |(id, at, (kind, offer, lesson, learner), amount, from, length, score)| {
                let mut record = Record::new(format!("e{id}"), KINDS[kind], at);
                record.learner = LEARNERS[learner].into();
                record.visitor = "v".into();
                record.path = "/".into();
                record.offer = OFFERS[offer].into();
                record.amount = Some(amount);
                record.lesson = LESSONS[lesson].into();
                record.course = "a".into();
                (record.from, record.to) = (Some(from), Some(from + length));
                record.score = Some(score);
                record
            },
        )
}

proptest! {
    #[test]
    fn the_sums_are_those_of_the_learners_and_movements_close(facts in prop::collection::vec(fact(), 0..80)) {
        let example = example();
        let report = super::report(&example.params, &example.comments, &facts);
        prop_assert_eq!(report.revenue_sum, report.revenue_of.values().sum::<i64>());
        let satisfaction: f64 = report.satisfaction_of.values().map(|one| one.satisfaction).sum();
        prop_assert!((report.satisfaction - satisfaction).abs() < 1e-9);
        let activity: f64 = report.activity_of.values().map(|one| one.activity).sum();
        prop_assert!((report.activity - activity).abs() < 1e-9);
        let by_touch: f64 = report.activity_by_first_touch.values().map(|one| one.activity).sum();
        prop_assert!((report.activity - by_touch).abs() < 1e-9);
        for one in report.satisfaction_of.values() {
            prop_assert!((0.0..=100.0 + 1e-9).contains(&one.satisfaction));
        }
        for one in report.activity_of.values() {
            prop_assert!((0.0..=100.0).contains(&one.activity));
        }
        for month in report.mrr_months.iter().chain([&report.mrr]) {
            let end = month.start + month.new + month.expansion - month.contraction - month.churned;
            prop_assert_eq!(end, month.end);
            prop_assert!(month.identity_holds);
        }
        for two in report.mrr_months.windows(2) {
            prop_assert_eq!(two[0].end, two[1].start, "a month begins with what the one before ended with");
        }
    }

    #[test]
    fn what_sources_and_offers_brought_is_what_came_in(facts in prop::collection::vec(fact(), 0..80)) {
        let example = example();
        let report = super::report(&example.params, &example.comments, &facts);
        let revenue = &report.revenue;
        let of_sources = revenue.by_last_touch.values();
        prop_assert_eq!(revenue.gross, of_sources.clone().map(|one| one.gross).sum::<i64>());
        prop_assert_eq!(revenue.net_one_time, of_sources.clone().map(|one| one.net).sum::<i64>());
        prop_assert_eq!(revenue.orders, of_sources.map(|one| one.orders).sum::<u64>());
        let takings = report.takings.get("USD").copied().unwrap_or_default();
        prop_assert_eq!(takings.gross, report.offers.iter().map(|one| one.gross).sum::<i64>());
        prop_assert_eq!(takings.net, report.offers.iter().map(|one| one.gross - one.back).sum::<i64>());
    }

    #[test]
    fn a_period_of_many_days_adds_up_like_its_days(facts in prop::collection::vec(fact(), 0..60)) {
        let example = example();
        let whole = report(&example.params, &example.comments, &facts);
        let mut sums: BTreeMap<String, i64> = BTreeMap::new();
        let mut views = 0;
        for day in example.params.period().unwrap().from.series(jiff::ToSpan::day(1)).take(28) {
            let mut params = example.params.clone();
            params.move_to(tuition_domain::metrics::report::Period { from: day, to: day });
            let one = report(&params, &example.comments, &facts);
            for (currency, takings) in one.takings {
                *sums.entry(currency).or_default() += takings.net;
            }
            views += one.days.iter().map(|day| day.views).sum::<u64>();
        }
        let expected: BTreeMap<String, i64> =
            whole.takings.iter().map(|(currency, takings)| (currency.clone(), takings.net)).collect();
        prop_assert_eq!(sums, expected);
        prop_assert_eq!(views, whole.pages.iter().map(|page| page.views).sum::<u64>());
    }
}
