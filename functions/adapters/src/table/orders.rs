//! Orders and checkout attempts.
//!
//! An order row remembers, beside the order itself, the keys of the ledger and mail rows that
//! were written with it, so that erasure finds them without a search.

use std::collections::BTreeSet;

use async_trait::async_trait;
use jiff::Timestamp;
use tuition_domain::checkout::{Attempt, AttemptKey, Claim, Order, OrderChange, Quarantine};
use tuition_domain::identity::{LearnerId, OrderId};
use tuition_domain::ports::{Orders, Unavailable, Written};

use super::call::Transacted;
use super::failure::contended;
use super::keys::{Key, OfLearner};
use super::row::{self, Item};
use super::write::Write;
use super::{Store, Table, keys};

/// Between the time and the order's version, which name a ledger row in the order's set.
const SEPARATOR: char = ' ';

#[async_trait]
impl Orders for Table {
    async fn claim_attempt(
        &self,
        key: &AttemptKey,
        attempt: Attempt,
    ) -> Result<Attempt, Unavailable> {
        // A second turn is needed only when the earlier attempt vanishes between the two calls.
        for _ in 0..3 {
            let claim = Write::put(attempt_row(key, &attempt)?)
                .when("attribute_not_exists(pk) OR free_at <= :now")
                .value(":now", row::instant(self.clock.now()));
            if self.write(Store::Lasting, claim).await? == Written::Yes {
                return Ok(attempt);
            }
            if let Some(item) = self.get(Store::Lasting, &keys::attempt(key)).await? {
                let earlier: Attempt = row::doc(&item)?;
                if earlier.expires_at > self.clock.now() {
                    return Ok(earlier);
                }
            }
        }
        Err(contended())
    }

    async fn open_order(
        &self,
        order: &Order,
        key: &AttemptKey,
        attempt: &Attempt,
    ) -> Result<(), Unavailable> {
        // No transaction, which costs twice: whoever is cut off between these comes again with the
        // same key, gets the same session, and writes what is missing. Erasure must find an order,
        // so what leads to it comes first.
        if let Some(buyer) = &order.buyer {
            self.set(Store::Lasting, row::row(&keys::bought(buyer, &order.id)))
                .await?;
        }
        let fresh = Write::put(order_row(order)?).when("attribute_not_exists(pk)");
        // A conflict says that the order is there, and may have moved on.
        let _ = self.write(Store::Lasting, fresh).await?;
        self.set(Store::Lasting, attempt_row(key, attempt)?).await
    }

    async fn order(&self, id: &OrderId) -> Result<Option<Order>, Unavailable> {
        let item = self.get(Store::Lasting, &keys::order(id)).await?;
        item.as_ref().map(row::doc).transpose()
    }

    async fn orders_of(&self, learner: &LearnerId) -> Result<Vec<Order>, Unavailable> {
        let mut ids = BTreeSet::new();
        for range in [keys::entitlements(learner), keys::all_bought(learner)] {
            for item in self.query(&range, None).await? {
                let key = row::key_of(&item)?;
                match OfLearner::of(&key.sk) {
                    OfLearner::Order(id) => ids.insert(id),
                    _ => return Err(row::missing(&item, "sk")),
                };
            }
        }
        let mut orders = Vec::new();
        for id in ids {
            orders.extend(self.order(&id).await?);
        }
        Ok(orders)
    }

    async fn commit(
        &self,
        change: &OrderChange,
        leased: Timestamp,
    ) -> Result<Written, Unavailable> {
        let mut writes = vec![order_update(change)?];
        writes.extend(change.claim.as_ref().map(holds));
        if let Some(entitlement) = &change.entitlement {
            let key = keys::entitlement(&entitlement.learner, &entitlement.order);
            writes.push(Write::put(row::with_doc(&key, entitlement)?));
        }
        if let Some(first) = change.ledger.first() {
            let key = keys::ledger(first.at, &change.order.id, change.order.version);
            writes.push(Write::put(row::with_doc(&key, &change.ledger)?));
        }
        if let Some(queued) = &change.mail {
            writes.push(Write::put(super::outbox::mail_row(queued, leased)?));
        }
        if let Some(item) = &change.quarantine {
            writes.push(Write::put(row::with_doc(
                &keys::quarantine(&item.key),
                item,
            )?));
        }
        match self.transact(writes).await? {
            Transacted::Done => Ok(Written::Yes),
            Transacted::Refused(at) if at.contains(&0) => Ok(Written::Conflict),
            Transacted::Refused(_) => Err(Unavailable::new(
                "the holder of an order was erased while it was written",
            )),
            Transacted::Contended => Ok(Written::Conflict),
        }
    }

    async fn quarantine(&self, item: &Quarantine) -> Result<(), Unavailable> {
        let row = row::with_doc(&keys::quarantine(&item.key), item)?;
        let write = Write::put(row).when("attribute_not_exists(pk)");
        // A conflict says that it is there already.
        let _ = self.write(Store::Lasting, write).await?;
        Ok(())
    }

    async fn quarantined(&self) -> Result<Vec<Quarantine>, Unavailable> {
        let items = self.query(&keys::quarantined(), None).await?;
        items.iter().map(row::doc).collect()
    }
}

/// What must still be there when an order gets its holder. Later on the version of the order says
/// as much: erasure takes the holder out of it.
fn holds(claim: &Claim) -> Write {
    match claim {
        Claim::Account(holder) => Write::check(keys::profile(holder)).when("attribute_exists(pk)"),
        Claim::Address(email, holder) => Write::check(keys::learner_of(email))
            .when("learner = :holder")
            .value(":holder", row::text(holder.as_str())),
    }
}

fn attempt_row(key: &AttemptKey, attempt: &Attempt) -> Result<Item, Unavailable> {
    let mut item = row::with_doc(&keys::attempt(key), attempt)?;
    item.insert("free_at".to_owned(), row::instant(attempt.expires_at));
    item.insert("expires".to_owned(), row::expires(attempt.expires_at));
    Ok(item)
}

fn order_row(order: &Order) -> Result<Item, Unavailable> {
    let mut item = row::with_doc(&keys::order(&order.id), order)?;
    item.insert("version".to_owned(), row::number(order.version));
    Ok(item)
}

/// Replaces the order, keeps the keys that its row remembers and adds those of this change.
fn order_update(change: &OrderChange) -> Result<Write, Unavailable> {
    let order = &change.order;
    let ledger = change.ledger.first();
    let ledger = ledger.map(|first| format!("{}{SEPARATOR}{}", first.at, order.version));
    let mail = change.mail.as_ref().map(|queued| {
        let known = format!("{}/", order.id);
        let name = queued.key.strip_prefix(&known).unwrap_or(&queued.key);
        name.to_owned()
    });
    let mut added = Vec::new();
    if ledger.is_some() {
        added.push("ledger :ledger");
    }
    if mail.is_some() {
        added.push("mails :mail");
    }
    let mut expression = "SET doc = :doc, version = :next".to_owned();
    if !added.is_empty() {
        expression.push_str(" ADD ");
        expression.push_str(&added.join(", "));
    }
    let mut write = on_version(&change.order, &expression)?;
    if let Some(member) = ledger {
        write = write.value(":ledger", row::one(member));
    }
    if let Some(key) = mail {
        write = write.value(":mail", row::one(key));
    }
    Ok(write)
}

/// An update of an order's row to `order`, if the row has the version before.
pub(super) fn on_version(order: &Order, expression: &str) -> Result<Write, Unavailable> {
    Ok(Write::update(keys::order(&order.id), expression)
        .when("version = :before")
        .value(":doc", row::text(row::json(order)?))
        .value(":next", row::number(order.version))
        .value(":before", row::number(order.version.saturating_sub(1))))
}

/// The ledger rows that an order's row remembers.
pub(super) fn ledger_keys(order: &OrderId, item: &Item) -> Result<Vec<Key>, Unavailable> {
    row::set_of(item, "ledger")
        .iter()
        .map(|member| {
            let (at, version) = member.split_once(SEPARATOR)?;
            Some(keys::ledger(at.parse().ok()?, order, version.parse().ok()?))
        })
        .map(|key| key.ok_or_else(|| row::missing(item, "ledger")))
        .collect()
}

/// The rows of the mails that an order's row remembers.
pub(super) fn mail_keys(order: &OrderId, item: &Item) -> Vec<Key> {
    row::set_of(item, "mails")
        .iter()
        .map(|name| keys::mail(&format!("{order}/{name}")))
        .collect()
}
