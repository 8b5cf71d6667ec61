//! The ledger as records: to the cent, and subscriptions as their payments tell them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use proptest::prelude::*;
use tuition_catalog::{Currency, Money};
use tuition_domain::checkout::{LedgerEntry, LedgerKind};
use tuition_domain::identity::{LearnerId, OrderId};
use tuition_domain::metrics::report::{Comments, Period, RecordKind, money_records};

use super::example;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn entry(version: u32, when: &str, kind: LedgerKind, offer: &str, amount: i64) -> LedgerEntry {
    LedgerEntry {
        id: format!("cs_1/{version}/{}", kind.as_str()),
        at: at(when),
        kind,
        order: OrderId::parse("cs_1").unwrap(),
        offer: offer.to_owned(),
        learner: LearnerId::parse(&"0".repeat(32)).unwrap(),
        money: Money {
            amount,
            currency: Currency::USD,
        },
    }
}

/// What the entries tell of a subscription by `now`: `+` and `-` with days.
fn life(entries: &[LedgerEntry], now: &str) -> Vec<String> {
    let params = example().params;
    let mut told: Vec<_> = money_records(entries, &params.offers, at(now))
        .into_iter()
        .filter_map(|record| match record.kind {
            RecordKind::SubscriptionStart => Some((
                record.at,
                format!("+{} {}", record.amount.unwrap(), record.at),
            )),
            RecordKind::SubscriptionEnd => Some((record.at, format!("- {}", record.at))),
            _ => None,
        })
        .collect();
    told.sort();
    told.into_iter()
        .map(|(_, line)| line.replace("T00:00:00Z", ""))
        .collect()
}

#[test]
fn a_subscription_lasts_from_its_first_payment_to_a_term_after_its_last() {
    let paid = |version, when| entry(version, when, LedgerKind::Gross, "club", 1000);
    let three = [
        paid(1, "2026-01-31T00:00:00Z"),
        paid(2, "2026-02-28T00:00:00Z"),
        // A renewal that failed at first and was paid five days late.
        paid(3, "2026-04-02T00:00:00Z"),
    ];
    let on = ["+1000 2026-01-31", "+1000 2026-02-28", "+1000 2026-04-02"];
    assert_eq!(life(&three, "2026-05-05T00:00:00Z"), on);
    let ended = life(&three, "2026-06-01T00:00:00Z");
    assert_eq!(ended.last().unwrap(), "- 2026-05-02");
    let gap = [
        paid(1, "2026-01-01T00:00:00Z"),
        paid(2, "2026-03-01T00:00:00Z"),
    ];
    assert_eq!(
        life(&gap, "2026-03-02T00:00:00Z"),
        ["+1000 2026-01-01", "- 2026-02-01", "+1000 2026-03-01"]
    );
}

#[test]
fn a_subscription_ends_when_its_last_payment_goes_back_whole() {
    let entries = [
        entry(1, "2026-01-01T00:00:00Z", LedgerKind::Gross, "year", 12_000),
        entry(2, "2026-01-05T00:00:00Z", LedgerKind::Refund, "year", 5_000),
        entry(3, "2026-01-09T00:00:00Z", LedgerKind::Refund, "year", 7_000),
    ];
    assert_eq!(
        life(&entries[..2], "2026-02-01T00:00:00Z"),
        ["+12000 2026-01-01"]
    );
    assert_eq!(
        life(&entries, "2026-02-01T00:00:00Z"),
        ["+12000 2026-01-01", "- 2026-01-09"]
    );
}

#[test]
fn a_fee_is_the_price_less_discount_and_without_tax() {
    let entries = [
        entry(1, "2026-01-01T00:00:00Z", LedgerKind::Gross, "club", 1000),
        entry(1, "2026-01-01T00:00:00Z", LedgerKind::Discount, "club", 200),
        entry(1, "2026-01-01T00:00:00Z", LedgerKind::Tax, "club", 152),
    ];
    assert_eq!(life(&entries, "2026-01-02T00:00:00Z"), ["+800 2026-01-01"]);
    let params = example().params;
    let records = money_records(&entries, &params.offers, at("2026-01-02T00:00:00Z"));
    let payment = records
        .iter()
        .find(|record| record.kind == RecordKind::SubscriptionPayment)
        .unwrap();
    assert_eq!((payment.amount, payment.discount), (Some(952), Some(200)));
}

fn any_entry() -> impl Strategy<Value = LedgerEntry> {
    let kinds = [
        LedgerKind::Gross,
        LedgerKind::Discount,
        LedgerKind::Tax,
        LedgerKind::Fee,
        LedgerKind::Refund,
        LedgerKind::Dispute,
    ];
    let offers = ["a", "both", "club", "year", "no-longer-sold"];
    (
        1_u32..9,
        0..6_usize,
        0..5_usize,
        0_u8..3,
        -20_000_i64..20_000,
        0_i64..59,
        prop::bool::ANY,
    )
        .prop_map(move |(version, kind, offer, order, amount, day, in_yen)| {
            let order = format!("cs_{order}_{offer}");
            let currency = if in_yen {
                "JPY".parse().unwrap()
            } else {
                Currency::USD
            };
            LedgerEntry {
                // An order has one currency, and a step one moment.
                id: format!("{order}{currency}/{day}-{version}/{}", kinds[kind].as_str()),
                at: at("2026-01-01T00:00:00Z") + jiff::SignedDuration::from_hours(day * 24),
                kind: kinds[kind],
                order: OrderId::parse(&format!("{order}{currency}")).unwrap(),
                offer: offers[offer].to_owned(),
                learner: LearnerId::parse(&format!("{:032}", offer)).unwrap(),
                money: Money { amount, currency },
            }
        })
}

proptest! {
    #[test]
    fn the_takings_equal_the_ledger_to_the_cent(entries in prop::collection::vec(any_entry(), 0..60)) {
        let mut params = example().params;
        let january = Period::parse_month("2026-01").unwrap();
        params.move_to(january);
        let records = money_records(&entries, &params.offers, at("2026-03-01T00:00:00Z"));
        let report = super::report(&params, &Comments::default(), &records);
        let mut ledger: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        let end = at("2026-02-01T00:00:00Z");
        for entry in entries.iter().filter(|entry| entry.kind != LedgerKind::Fee && entry.at < end) {
            let (gross, net) = ledger.entry(entry.money.currency.to_string()).or_default();
            *net += entry.kind.sign() * entry.money.amount;
            if matches!(entry.kind, LedgerKind::Gross | LedgerKind::Discount | LedgerKind::Tax) {
                *gross += entry.kind.sign() * entry.money.amount;
            }
        }
        let takings: BTreeMap<String, (i64, i64)> =
            report.takings.iter().map(|(currency, one)| (currency.clone(), (one.gross, one.net))).collect();
        prop_assert_eq!(takings, ledger);
    }
}
