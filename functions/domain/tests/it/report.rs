//! The report: a worked example with every figure computed by hand, and what must hold for whatever is recorded.

mod laws;
mod money;

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};
use tuition_domain::metrics::report::{Comments, Params, Record, Report, Tally};

const WORKED: &str = include_str!("report/worked.json");

/// The worked example: what goes in and what comes out.
#[derive(Deserialize)]
struct Example<'a> {
    params: Params,
    #[serde(flatten)]
    comments: Comments,
    #[serde(borrow)]
    events: Vec<Record<'a>>,
    expected: Value,
}

fn example() -> Example<'static> {
    serde_json::from_str(WORKED).unwrap()
}

fn report<'a>(
    params: &Params,
    comments: &Comments,
    records: impl IntoIterator<Item = &'a Record<'a>>,
) -> Report {
    let mut tally = Tally::new(params.clone(), comments.clone()).unwrap();
    for record in records {
        tally.add(record);
    }
    tally.report()
}

/// Whether `found` has at least the members of `expected`: whole numbers exactly, others to 1e-9.
fn has(expected: &Value, found: &Value, path: &str) {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => {
            for (name, value) in expected {
                let path = format!("{path}.{name}");
                has(
                    value,
                    found
                        .get(name)
                        .unwrap_or_else(|| panic!("{path} is missing")),
                    &path,
                );
            }
        }
        (Value::Array(expected), Value::Array(found)) => {
            assert_eq!(expected.len(), found.len(), "{path}");
            for (at, (expected, found)) in expected.iter().zip(found).enumerate() {
                has(expected, found, &format!("{path}[{at}]"));
            }
        }
        (Value::Number(expected), Value::Number(found)) if expected.is_f64() => {
            let (expected, found) = (expected.as_f64().unwrap(), found.as_f64().unwrap());
            assert!(
                (expected - found).abs() <= 1e-9,
                "{path}: {expected} is expected, not {found}"
            );
        }
        _ => assert_eq!(expected, found, "{path}"),
    }
}

#[test]
fn the_worked_example_comes_out_as_computed_by_hand() {
    let example = example();
    let found = report(&example.params, &example.comments, &example.events);
    has(
        &example.expected,
        &serde_json::to_value(&found).unwrap(),
        "",
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn order_batches_and_repeats_change_nothing(
        order in Just((0..example().events.len()).collect::<Vec<_>>()).prop_shuffle(),
        again in prop::collection::vec(0..example().events.len(), 0..40),
        cut in 1_usize..20,
    ) {
        let example = example();
        let expected = report(&example.params, &example.comments, &example.events);
        let all: Vec<usize> = order.into_iter().chain(again).collect();
        // As they are stored and read back: batches as JSON.
        let batches: Vec<String> = all
            .chunks(cut)
            .map(|batch| {
                let events: Vec<_> = batch.iter().map(|at| &example.events[*at]).collect();
                serde_json::to_string(&events).unwrap()
            })
            .collect();
        let read: Vec<Record<'_>> =
            batches.iter().flat_map(|batch| serde_json::from_str::<Vec<Record<'_>>>(batch).unwrap()).collect();
        prop_assert_eq!(report(&example.params, &example.comments, &read), expected);
    }
}

#[test]
fn a_fact_of_an_unknown_kind_and_one_that_lacks_something_are_counted() {
    let example = example();
    let lines = [
        json!({"id": "later-1", "type": "hologram_view", "at": "2026-02-03T00:00:00Z", "depth": 3}),
        json!({"id": "broken-1", "type": "watch", "at": "2026-02-03T00:00:00Z", "learner": "ada", "lesson": "gone", "from": 0, "to": 9}),
        json!({"id": "broken-2", "type": "csat", "at": "2026-02-03T00:00:00Z", "learner": "ada", "course": "a", "score": 6}),
        json!({"id": "broken-3", "type": "purchase", "at": "2026-02-03T00:00:00Z", "offer": "a", "amount": 5}),
        json!({"id": "broken-4", "type": "refund", "at": "2026-02-03T00:00:00Z", "learner": "ada", "offer": "a"}),
    ]
    .map(|line| line.to_string());
    let more: Vec<Record<'_>> = lines
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let before = report(&example.params, &example.comments, &example.events);
    let mut after = report(
        &example.params,
        &example.comments,
        example.events.iter().chain(&more),
    );
    assert_eq!((after.records.unknown, after.records.unusable), (1, 4));
    after.records = before.records;
    assert_eq!(after, before);
}

#[test]
fn what_is_divided_by_nothing_is_null() {
    let example = example();
    let empty = serde_json::to_value(report(&example.params, &Comments::default(), &[])).unwrap();
    for name in [
        "CSAT",
        "CSAT_mean",
        "NPS",
        "F_mean",
        "G_mean",
        "stickiness",
        "logo_churn_monthly",
        "NRR",
        "ARPU_month",
        "LTV_simple",
    ] {
        assert_eq!(empty[name], Value::Null, "{name}");
    }
    for name in ["F", "G", "R", "MAU", "DAU_last"] {
        assert_eq!(empty[name].as_f64(), Some(0.0), "{name}");
    }
    assert_eq!(empty["revenue"]["refund_rate_amount"], Value::Null);
    assert_eq!(empty["MRR"]["identity_holds"], true);
}
