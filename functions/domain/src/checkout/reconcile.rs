//! Comparing ourselves with the provider: events that never came are made up for, and ledger,
//! entitlements and provider are shown to agree to the minor unit.
//!
//! Walks the provider's events since the last walk; those are kept for thirty days (Stripe, "List
//! all events"), so an older start walks all sessions and subscriptions instead. A walk goes page
//! by page and remembers how far it got: cut off, by a limit of the provider or by a crash, it
//! goes on where it stopped.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tuition_catalog::Currency;

use super::webhook::subject;
use super::{
    Booked, CheckoutPorts, Order, OrderChange, OrderStatus, PaymentState, Quarantine, ledger,
    project,
};
use crate::identity::OrderId;
use crate::outbox::lease;
use crate::ports::{Page, Unavailable, Written};

/// How far back the provider tells events.
const EVENT_LIFE: SignedDuration = SignedDuration::from_hours(29 * 24);
/// A walk begins this much before the end of the last one: events may be told late.
const OVERLAP: SignedDuration = SignedDuration::from_hours(1);
/// The most orders that a report names of each kind; all of them are counted.
const NAMED: usize = 100;

/// What is remembered between calls.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Everything before this instant was compared.
    pub done_until: Option<Timestamp>,
    /// A walk that is not over.
    pub walk: Option<Walk>,
}

/// A walk that is under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Walk {
    /// What is listed now.
    stage: Stage,
    /// From when on.
    since: Timestamp,
    /// When the walk began.
    began_at: Timestamp,
    /// Where the next page begins; `None`: at the first.
    cursor: Option<String>,
    /// What it found so far.
    report: Reconciliation,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Stage {
    Events,
    Sessions,
    Subscriptions,
}

/// What a walk found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reconciliation {
    /// Whether the walk is over.
    pub finished: bool,
    /// From when on the provider was asked; `None`: from the beginning.
    pub since: Option<Timestamp>,
    /// Looks at an order; one that several events name is counted for each page it was on.
    pub examined: u64,
    /// Orders that were behind the provider and no longer are.
    pub healed: Vec<Healed>,
    /// How many there were, named above or not.
    pub healed_count: u64,
    /// Rows of ours that did not agree with their order; mended.
    pub differences: Vec<Difference>,
    /// How many there were.
    pub difference_count: u64,
    /// Orders that a person has to look at.
    pub quarantined: BTreeSet<OrderId>,
    /// Sessions at the provider that are paid and that nobody ordered here.
    pub unknown: BTreeSet<OrderId>,
    /// Minor units by currency, of the orders looked at, as the provider has them.
    pub provider: BTreeMap<Currency, i64>,
    /// The same as the ledger has them: what is left after refunds, disputes and fees.
    pub ledger: BTreeMap<Currency, i64>,
}

/// An order that was brought up to date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Healed {
    /// The order.
    pub order: OrderId,
    /// Its state before.
    pub from: OrderStatus,
    /// Its state now.
    pub to: OrderStatus,
}

/// Something that did not agree with its order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The order.
    pub order: OrderId,
    /// `entitlement` or `ledger`.
    pub what: String,
}

impl Reconciliation {
    /// Whether provider and ledger have the same money, nothing was wrong, and nothing waits for
    /// a person.
    pub fn agrees(&self) -> bool {
        self.provider == self.ledger && self.quarantined.is_empty() && self.unknown.is_empty()
    }
}

/// Goes on with the walk that is under way, or begins one, for at most `pages` pages of the
/// provider's lists. `since` begins a new walk from there, whatever was done before.
pub async fn reconcile(
    ports: &CheckoutPorts,
    since: Option<Timestamp>,
    pages: usize,
) -> Result<Reconciliation, Unavailable> {
    let now = ports.reader.clock.now();
    let mut progress = ports.reconciliations.progress().await?;
    let mut walk = match (since, progress.walk.take()) {
        (None, Some(walk)) => walk,
        (since, _) => Walk::begin(since, progress.done_until, now),
    };
    for _ in 0..pages {
        if walk.report.finished {
            break;
        }
        walk.step(ports).await?;
        progress.walk = (!walk.report.finished).then(|| walk.clone());
        if walk.report.finished {
            progress.done_until = Some(walk.began_at);
        }
        ports.reconciliations.save_progress(&progress).await?;
    }
    Ok(walk.report)
}

impl Walk {
    fn begin(since: Option<Timestamp>, done_until: Option<Timestamp>, now: Timestamp) -> Self {
        let before = |at: Timestamp| at.saturating_sub(OVERLAP).unwrap_or(Timestamp::MIN);
        let since = since
            .or(done_until.map(before))
            .unwrap_or(Timestamp::UNIX_EPOCH);
        let is_recent = now.duration_since(since) <= EVENT_LIFE;
        Self {
            stage: if is_recent {
                Stage::Events
            } else {
                Stage::Sessions
            },
            since,
            began_at: now,
            cursor: None,
            report: Reconciliation {
                since: (since != Timestamp::UNIX_EPOCH).then_some(since),
                ..Reconciliation::default()
            },
        }
    }

    /// One page of the provider's list.
    async fn step(&mut self, ports: &CheckoutPorts) -> Result<(), Unavailable> {
        let cursor = self.cursor.as_deref();
        let payments = ports.payments.as_ref();
        let (orders, next) = match self.stage {
            Stage::Events => {
                let Page { items, next } = payments.events(self.since, cursor).await?;
                let mut orders = BTreeSet::new();
                // What several events are about is looked up once.
                let subjects: BTreeSet<_> = items.iter().filter_map(|e| subject(e).ok()?).collect();
                for subject in subjects {
                    orders.extend(payments.session_of(&subject).await?);
                }
                (orders, next)
            }
            Stage::Sessions => {
                let Page { items, next } = payments.sessions(self.since, cursor).await?;
                (items.into_iter().collect(), next)
            }
            Stage::Subscriptions => {
                let Page { items, next } = payments.subscriptions(cursor).await?;
                let mut orders = BTreeSet::new();
                for subject in items {
                    orders.extend(payments.session_of(&subject).await?);
                }
                (orders, next)
            }
        };
        for id in orders {
            self.report.examine(ports, &id).await?;
        }
        self.cursor = next;
        if self.cursor.is_none() {
            match self.stage {
                // A session of long ago may have a subscription that runs.
                Stage::Sessions => self.stage = Stage::Subscriptions,
                Stage::Events | Stage::Subscriptions => self.report.finished = true,
            }
        }
        Ok(())
    }
}

impl Reconciliation {
    /// Brings an order up to date, and compares everything that follows from it.
    async fn examine(&mut self, ports: &CheckoutPorts, id: &OrderId) -> Result<(), Unavailable> {
        self.examined += 1;
        let Some(projected) = project(ports, id, "reconcile").await? else {
            return self.note_unknown(ports, id).await;
        };
        let order = projected.order;
        if let Some(before) = projected.before {
            self.healed_count += 1;
            if self.healed.len() < NAMED {
                self.healed.push(Healed {
                    order: id.clone(),
                    from: before.status,
                    to: order.status,
                });
            }
        }
        if order.status == OrderStatus::Quarantined {
            self.quarantined.insert(id.clone());
        }
        let booked = self.compare_rows(ports, &order).await?;
        if projected.session.payment_state == PaymentState::Paid {
            let theirs = Booked::of(&projected.session.payments);
            add(&mut self.provider, &theirs, order.price.currency);
        }
        add(&mut self.ledger, &booked, order.price.currency);
        Ok(())
    }

    /// Entitlement and ledger of an order against the order; what differs is written anew. Answers
    /// what the ledger has afterwards.
    async fn compare_rows(
        &mut self,
        ports: &CheckoutPorts,
        order: &Order,
    ) -> Result<Booked, Unavailable> {
        let mut booked = Booked::default();
        for entry in ports.ledger.entries_of(&order.id).await? {
            booked.add(&entry);
        }
        let expected = order.entitlement();
        let held = match &order.holder {
            Some(holder) => ports.reader.learners.entitlements(holder).await?,
            None => Vec::new(),
        };
        let held = held.into_iter().find(|right| right.order == order.id);
        let mut wrong = Vec::new();
        if held != expected {
            wrong.push("entitlement");
        }
        if booked != order.booked {
            wrong.push("ledger");
        }
        if wrong.is_empty() {
            return Ok(booked);
        }
        let now = ports.reader.clock.now();
        let mut mended = order.clone();
        mended.version += 1;
        mended.cause = "reconcile".to_owned();
        let as_booked = Order {
            booked,
            ..order.clone()
        };
        let change = OrderChange {
            entitlement: expected.filter(|_| wrong.contains(&"entitlement")),
            ledger: ledger::entries(&as_booked, &mended, now),
            mail: None,
            quarantine: None,
            claim: None,
            order: mended,
        };
        if ports.reader.orders.commit(&change, lease(now)).await? == Written::Conflict {
            return Err(Unavailable::new("an order changed while it was mended"));
        }
        for what in wrong {
            tracing::error!(order = %order.id, what, "did not agree with its order; mended");
            self.difference_count += 1;
            if self.differences.len() < NAMED {
                self.differences.push(Difference {
                    order: order.id.clone(),
                    what: what.to_owned(),
                });
            }
        }
        Ok(change.order.booked)
    }

    /// A session that nobody ordered here: harmless until it is paid.
    async fn note_unknown(
        &mut self,
        ports: &CheckoutPorts,
        id: &OrderId,
    ) -> Result<(), Unavailable> {
        let session = ports.payments.session(id).await?;
        let is_paid = session.is_some_and(|s| s.payment_state == PaymentState::Paid);
        if is_paid && self.unknown.insert(id.clone()) {
            let item = Quarantine {
                key: id.to_string(),
                reason: "paid at the provider, but nobody ordered it here".to_owned(),
                at: ports.reader.clock.now(),
            };
            ports.reader.orders.quarantine(&item).await?;
        }
        Ok(())
    }
}

/// Adds what is left of an order's money. A currency of which nothing is left is not named.
fn add(totals: &mut BTreeMap<Currency, i64>, booked: &Booked, currency: Currency) {
    let left = booked.captured() - booked.refund - booked.dispute;
    *totals.entry(currency).or_default() += left;
    for (currency, fee) in &booked.fee {
        *totals.entry(*currency).or_default() -= fee;
    }
    totals.retain(|_, sum| *sum != 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * 365 * 50 + 24 * day)
    }

    #[test]
    fn recent_events_are_walked_and_older_times_by_session() {
        for (since, done, stage, from) in [
            (None, None, Stage::Sessions, Timestamp::UNIX_EPOCH),
            (None, Some(day(75)), Stage::Events, day(75) - OVERLAP),
            (None, Some(day(70)), Stage::Sessions, day(70) - OVERLAP),
            (Some(day(72)), Some(day(99)), Stage::Events, day(72)),
            (Some(day(70)), Some(day(99)), Stage::Sessions, day(70)),
        ] {
            let walk = Walk::begin(since, done, day(100));
            assert_eq!((walk.stage, walk.since), (stage, from));
            assert_eq!(walk.began_at, day(100));
        }
    }

    #[test]
    fn all_agree_only_when_the_money_does_and_nobody_has_to_look() {
        let good = Reconciliation {
            provider: BTreeMap::from([(Currency::USD, 1)]),
            ledger: BTreeMap::from([(Currency::USD, 1)]),
            ..Reconciliation::default()
        };
        assert!(good.agrees());
        let one = BTreeSet::from([OrderId::parse("cs_1").unwrap()]);
        for bad in [
            Reconciliation {
                ledger: BTreeMap::new(),
                ..good.clone()
            },
            Reconciliation {
                quarantined: one.clone(),
                ..good.clone()
            },
            Reconciliation {
                unknown: one,
                ..good
            },
        ] {
            assert!(!bad.agrees());
        }
    }

    #[test]
    fn what_is_left_is_what_came_in_less_what_went() {
        let mut totals = BTreeMap::new();
        let eur: Currency = "EUR".parse().unwrap();
        let booked = Booked {
            gross: 100,
            discount: 10,
            tax: 5,
            refund: 20,
            dispute: 30,
            fee: BTreeMap::from([(eur, 7)]),
        };
        add(&mut totals, &booked, Currency::USD);
        assert_eq!(totals, BTreeMap::from([(Currency::USD, 45), (eur, -7)]));
        add(&mut totals, &booked, eur);
        assert_eq!(totals, BTreeMap::from([(Currency::USD, 45), (eur, 31)]));
    }
}
