//! The ledger as records: what each order's entries say was bought, paid again and given back.
//!
//! Of subscriptions the ledger has payments alone. One is on from its first payment until a term after its last; a
//! payment that comes up to a week late carries on. One whose last payment went back whole ended with that.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use tuition_catalog::{Currency, Term};

use super::{OfferTerms, Record, RecordKind};
use crate::checkout::{LedgerEntry, LedgerKind};
use crate::identity::LearnerId;

/// How late a renewal may be paid without being a new start.
const LATE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// What was booked of an order in one step.
#[derive(Debug)]
struct Step<'a> {
    at: Timestamp,
    /// `<order>/<version>`.
    id: &'a str,
    order: &'a str,
    offer: &'a str,
    learner: &'a LearnerId,
    currency: Currency,
    /// Price less discount, without tax.
    price: i64,
    discount: i64,
    tax: i64,
    is_sale: bool,
    refund: i64,
    dispute: i64,
}

/// The records of all entries there are; `now` decides which subscriptions are still on.
#[must_use]
pub fn money_records<'a>(
    entries: &'a [LedgerEntry],
    offers: &BTreeMap<String, OfferTerms>,
    now: Timestamp,
) -> Vec<Record<'a>> {
    let mut orders: BTreeMap<&str, BTreeMap<(Timestamp, &str), Step<'a>>> = BTreeMap::new();
    // What the provider keeps is no income of anybody, and may be in another currency.
    for entry in entries.iter().filter(|entry| entry.kind != LedgerKind::Fee) {
        let id = entry
            .id
            .rsplit_once('/')
            .map_or(entry.id.as_str(), |(step, _)| step);
        let steps = orders.entry(entry.order.as_str()).or_default();
        steps
            .entry((entry.at, id))
            .or_insert_with(|| Step::new(entry, id))
            .add(entry);
    }
    let mut records = Vec::new();
    for steps in orders.values() {
        let steps: Vec<&Step<'a>> = steps.values().collect();
        let Some(terms) = steps.first().and_then(|step| offers.get(step.offer)) else {
            // Not sold any more, and nothing is known of it but its money.
            records.extend(
                steps
                    .iter()
                    .flat_map(|step| step.money(RecordKind::Purchase)),
            );
            continue;
        };
        if terms.renews() {
            records.extend(
                steps
                    .iter()
                    .flat_map(|step| step.money(RecordKind::SubscriptionPayment)),
            );
            records.extend(life(&steps, terms.interval.unwrap_or(Term::Month), now));
        } else {
            records.extend(
                steps
                    .iter()
                    .flat_map(|step| step.money(RecordKind::Purchase)),
            );
        }
    }
    records
}

impl<'a> Step<'a> {
    fn new(entry: &'a LedgerEntry, id: &'a str) -> Self {
        Self {
            at: entry.at,
            id,
            order: entry.order.as_str(),
            offer: &entry.offer,
            learner: &entry.learner,
            currency: entry.money.currency,
            price: 0,
            discount: 0,
            tax: 0,
            is_sale: false,
            refund: 0,
            dispute: 0,
        }
    }

    fn add(&mut self, entry: &LedgerEntry) {
        let amount = entry.money.amount;
        match entry.kind {
            LedgerKind::Gross => self.price += amount,
            LedgerKind::Discount => {
                self.price -= amount;
                self.discount += amount;
            }
            LedgerKind::Tax => self.tax += amount,
            LedgerKind::Refund => self.refund += amount,
            LedgerKind::Dispute => self.dispute += amount,
            LedgerKind::Fee => {}
        }
        self.is_sale |= matches!(
            entry.kind,
            LedgerKind::Gross | LedgerKind::Discount | LedgerKind::Tax
        );
    }

    /// What moved: in as `sale`, and back.
    fn money(&self, sale: RecordKind) -> impl Iterator<Item = Record<'a>> {
        let of = |word: &str, kind, amount| {
            let mut record = self.record(word, kind, self.at);
            record.amount = Some(amount);
            record
        };
        let sold = self.is_sale.then(|| {
            let mut record = of("sale", sale, self.price + self.tax);
            record.discount = (self.discount != 0).then_some(self.discount);
            record
        });
        let refund = (self.refund != 0).then(|| of("refund", RecordKind::Refund, self.refund));
        let dispute = (self.dispute != 0).then(|| of("dispute", RecordKind::Dispute, self.dispute));
        [sold, refund, dispute].into_iter().flatten()
    }

    fn record(&self, word: &str, kind: RecordKind, at: Timestamp) -> Record<'a> {
        let mut record = Record::new(format!("{}/{word}", self.id), kind, at);
        record.learner = self.learner.as_str().into();
        record.offer = self.offer.into();
        record.order = self.order.into();
        record.currency = self.currency.code().into();
        record
    }
}

/// Beginnings and ends of an order's subscription, and its fees.
fn life<'a>(steps: &[&Step<'a>], term: Term, now: Timestamp) -> Vec<Record<'a>> {
    let mut records = Vec::new();
    // The step that was paid last, and what of it has not gone back.
    let mut running: Option<(&Step<'a>, i64)> = None;
    for step in steps {
        if step.is_sale && step.price > 0 {
            if let Some((last, _)) = running {
                let end = after(last.at, term);
                if step.at.duration_since(end) > LATE {
                    records.push(last.record("end", RecordKind::SubscriptionEnd, end));
                }
            }
            let mut start = step.record("start", RecordKind::SubscriptionStart, step.at);
            start.amount = Some(step.price);
            records.push(start);
            running = Some((step, step.price + step.tax));
        }
        if let Some((last, left)) = running {
            let left = left - step.refund - step.dispute;
            running = (left > 0).then_some((last, left));
            if running.is_none() {
                records.push(step.record("end", RecordKind::SubscriptionEnd, step.at));
            }
        }
    }
    if let Some((last, _)) = running {
        let end = after(last.at, term);
        if now.duration_since(end) > LATE {
            records.push(last.record("end", RecordKind::SubscriptionEnd, end));
        }
    }
    records
}

fn after(at: Timestamp, term: Term) -> Timestamp {
    let span = match term {
        Term::Month => 1.month(),
        Term::Year => 1.year(),
    };
    at.to_zoned(TimeZone::UTC)
        .checked_add(span)
        .map_or(Timestamp::MAX, |end| end.timestamp())
}
