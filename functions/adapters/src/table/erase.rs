//! Erasing a learner: afterwards no row leads from the person to anything they did.
//!
//! Many rows are touched, so it can be cut off anywhere; then it is run again, and the learner's
//! own rows still lead to all that is left. That is why orders come first and the profile and the
//! address, by which the learner is found, come last. What appears while it runs (a payment that
//! settles, a comment) is caught by looking again; what access tokens minted before would bring on
//! later (usage events) is refused by a note that outlives them.

use aws_sdk_dynamodb::types::AttributeValue;
use tuition_domain::access::Profile;
use tuition_domain::checkout::{LedgerEntry, Order};
use tuition_domain::comments::{CommentChange, CommentId, CommentWritten};
use tuition_domain::identity::{LearnerId, OrderId, SecretHash};
use tuition_domain::next::NextPath;
use tuition_domain::ports::{Comments as _, Erasure, Learners as _, Unavailable, Written};

use super::call::Transacted;
use super::failure::contended;
use super::keys::{Key, OfLearner};
use super::row::{self, Item};
use super::write::Write;
use super::{Store, Table, keys, orders, outbox};

/// How often it looks again before it asks the caller to.
const ROUNDS: u32 = 5;
/// Where in the last step stands what leads from the address to the learner.
const MAPPING: usize = 1;
/// How often an order or a comment that changes meanwhile is tried again.
const TRIES: u32 = 8;

impl Table {
    pub(super) async fn erase_learner(&self, erasure: &Erasure) -> Result<(), Unavailable> {
        let (id, nobody) = (&erasure.learner, &erasure.nobody);
        self.note_erased(id).await?;
        for _ in 0..ROUNDS {
            let rows = self.query(&keys::all_of(id), None).await?;
            let progress = self.query(&keys::progress_of(id), None).await?;
            let days = self.query(&keys::days_of(id), None).await?;
            if rows.is_empty() && progress.is_empty() && days.is_empty() {
                return Ok(());
            }
            for item in &rows {
                let key = row::key_of(item)?;
                match OfLearner::of(&key.sk) {
                    OfLearner::Order(order) => self.detach(&order, id, nobody).await?,
                    OfLearner::Comment(comment) => self.disown(&comment, id, nobody).await?,
                    OfLearner::Former(address) => self.forget_former(&address, id).await?,
                    OfLearner::Profile => continue,
                    OfLearner::Other => {}
                }
                self.remove(&key).await?;
            }
            for item in &progress {
                self.remove(&row::key_of(item)?).await?;
            }
            for item in &days {
                self.leave_events(item, id, nobody).await?;
            }
            if let Some(profile) = self.profile(id).await? {
                self.forget(&profile, erasure).await?;
            }
        }
        Err(contended())
    }

    /// Takes the learner out of an order and of what was written with it.
    async fn detach(
        &self,
        order: &OrderId,
        id: &LearnerId,
        nobody: &LearnerId,
    ) -> Result<(), Unavailable> {
        for _ in 0..TRIES {
            let Some(item) = self.get(Store::Lasting, &keys::order(order)).await? else {
                return Ok(());
            };
            let stored: Order = row::doc(&item)?;
            let theirs = stored.holder.as_ref() == Some(id) || stored.buyer.as_ref() == Some(id);
            if !theirs {
                return Ok(());
            }
            // The order leads to these rows, so they come before it.
            for key in orders::ledger_keys(order, &item)? {
                self.rename_entries(&key, id, nobody).await?;
            }
            for key in orders::mail_keys(order, &item) {
                self.remove(&key).await?;
            }
            let detached = detached(stored, id, nobody);
            let update =
                orders::on_version(&detached, "SET doc = :doc, version = :next REMOVE mails")?;
            let writes = vec![update, Write::delete(keys::entitlement(id, order))];
            if self.transact(writes).await? == Transacted::Done {
                return Ok(());
            }
        }
        Err(contended())
    }

    async fn rename_entries(
        &self,
        key: &Key,
        id: &LearnerId,
        nobody: &LearnerId,
    ) -> Result<(), Unavailable> {
        let Some(item) = self.get(Store::Lasting, key).await? else {
            return Ok(());
        };
        let mut entries: Vec<LedgerEntry> = row::doc(&item)?;
        for entry in entries.iter_mut().filter(|entry| entry.learner == *id) {
            entry.learner = nobody.clone();
        }
        self.set(Store::Lasting, row::with_doc(key, &entries)?)
            .await
    }

    /// Takes the learner out of the events of the days that a row lists, then removes the row if
    /// it still lists the same.
    async fn leave_events(
        &self,
        item: &Item,
        id: &LearnerId,
        nobody: &LearnerId,
    ) -> Result<(), Unavailable> {
        let listed = row::set_of(item, "days").to_vec();
        for day in &listed {
            let day = day.parse().map_err(|_| row::missing(item, "days"))?;
            self.rename_in_events(day, id, nobody).await?;
        }
        let remove = Write::delete(row::key_of(item)?)
            .when("days = :listed")
            .value(":listed", AttributeValue::Ss(listed));
        // A conflict says that a day was added: the next look finds it.
        let _ = self.write(Store::Lasting, remove).await?;
        Ok(())
    }

    /// A comment that the caller had not seen yet loses text and author too.
    async fn disown(
        &self,
        comment: &CommentId,
        id: &LearnerId,
        nobody: &LearnerId,
    ) -> Result<(), Unavailable> {
        for _ in 0..TRIES {
            let before = self.comment(comment).await?;
            let Some(before) = before.filter(|comment| comment.author == *id) else {
                return Ok(());
            };
            let after = before.erased(nobody);
            let change = CommentChange::of(before, after);
            if self.change_comment(&change).await? == CommentWritten::Yes {
                return Ok(());
            }
        }
        Err(contended())
    }

    /// Removes what leads from the address to the learner, and the profile; the farewell takes
    /// their place, until it is sent.
    async fn forget(&self, profile: &Profile, erasure: &Erasure) -> Result<(), Unavailable> {
        self.forget_address(&profile.email.hash()).await?;
        let mut writes = vec![
            Write::delete(keys::profile(&profile.id)).when("attribute_exists(pk)"),
            Write::delete(keys::learner_of(&profile.email))
                .when("attribute_not_exists(pk) OR learner = :id")
                .value(":id", row::text(profile.id.as_str())),
        ];
        if let Some(queued) = &erasure.farewell {
            writes.push(Write::put(outbox::mail_row(queued, erasure.leased)?));
        }
        match self.transact(writes.clone()).await? {
            Transacted::Refused(at) if at == [MAPPING] => {
                // The address leads to another learner, and is none of ours to remove.
                writes.remove(MAPPING);
                self.transact(writes).await?.written().map(drop)
            }
            // Refused: they have moved, or somebody else is erasing them. The next look tells.
            Transacted::Done | Transacted::Refused(_) => Ok(()),
            Transacted::Contended => Err(contended()),
        }
    }

    /// Removes what is known of an address besides whose it is.
    async fn forget_address(&self, address: &str) -> Result<(), Unavailable> {
        let link = keys::link_of(address);
        if let Some(item) = self.get(Store::Lasting, &link).await? {
            let token = row::text_of(&item, "alive")?;
            if let Some(token) = SecretHash::parse(token) {
                self.remove(&keys::link(&token)).await?;
            }
            self.remove(&link).await?;
        }
        self.remove(&keys::suppressed(address)).await
    }

    /// Removes what is known of an address that was the learner's. Whose it is now is none of
    /// their business.
    async fn forget_former(&self, address: &str, id: &LearnerId) -> Result<(), Unavailable> {
        let theirs = Write::delete(keys::former_learner(address))
            .when("learner = :id")
            .value(":id", row::text(id.as_str()));
        // A conflict says that somebody else has left it since.
        let was_theirs = self.write(Store::Lasting, theirs).await? == Written::Yes;
        let mapping = self.get(Store::Lasting, &keys::mapping_of(address)).await?;
        if was_theirs && mapping.is_none() {
            self.forget_address(address).await?;
        }
        Ok(())
    }
}

/// The order as it may stay: money and course, no person, no browser.
fn detached(order: Order, id: &LearnerId, nobody: &LearnerId) -> Order {
    let held = order.holder.as_ref() == Some(id);
    Order {
        buyer: order.buyer.clone().filter(|buyer| buyer != id),
        holder: if held {
            Some(nobody.clone())
        } else {
            order.holder.clone()
        },
        email: if held { None } else { order.email.clone() },
        browser: no_browser().unwrap_or_else(|| order.browser.clone()),
        next: NextPath::home(),
        erased: true,
        version: order.version.saturating_add(1),
        ..order
    }
}

/// A hash that no secret is known to have: the order opens in no browser any more.
fn no_browser() -> Option<SecretHash> {
    SecretHash::parse(&"0".repeat(64))
}
