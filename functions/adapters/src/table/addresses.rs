//! Changes of address: one row in the learner's own partition while a change waits, and one step
//! that moves everything.

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;
use tuition_domain::access::{AddressChange, Changed, Mailbox, NewAddress, Proofs};
use tuition_domain::identity::LearnerId;
use tuition_domain::ports::{AddressChanges, Unavailable};

use super::call::Transacted;
use super::failure::contended;
use super::row::{self, Item};
use super::write::Write;
use super::{Store, Table, keys, learners, outbox};

/// Where in the step it is seen that the new address leads to somebody.
const NEW_MAPPING: usize = 0;

#[async_trait]
impl AddressChanges for Table {
    async fn save_change(&self, change: &AddressChange) -> Result<(), Unavailable> {
        let mut item = row::with_doc(&keys::address_change(&change.learner), change)?;
        item.insert("waits".to_owned(), token(change));
        item.insert("expires".to_owned(), row::expires(change.expires_at));
        self.set(Store::Lasting, item).await
    }

    async fn change_of(
        &self,
        learner: &LearnerId,
    ) -> Result<Option<(AddressChange, Proofs)>, Unavailable> {
        let item = self
            .get(Store::Lasting, &keys::address_change(learner))
            .await?;
        item.map(|item| Ok((row::doc(&item)?, proofs(&item))))
            .transpose()
    }

    async fn prove(
        &self,
        change: &AddressChange,
        mailbox: Mailbox,
    ) -> Result<Option<Proofs>, Unavailable> {
        let expression = match mailbox {
            Mailbox::Old => "SET old_proved = :yes",
            Mailbox::New => "SET new_proved = :yes",
        };
        let prove = Write::update(keys::address_change(&change.learner), expression)
            .when(SAME)
            .value(":token", token(change))
            .value(":yes", AttributeValue::Bool(true));
        let item = self.update(Store::Lasting, prove).await?;
        Ok(item.as_ref().map(proofs))
    }

    async fn drop_change(&self, learner: &LearnerId) -> Result<(), Unavailable> {
        self.remove(&keys::address_change(learner)).await
    }

    async fn move_learner(&self, new: &NewAddress) -> Result<Changed, Unavailable> {
        let NewAddress {
            change,
            profile,
            now,
            former_until,
            notices,
            leased,
        } = new;
        let id = &change.learner;
        let mut mapping = row::row(&keys::learner_of(&change.to));
        mapping.insert("learner".to_owned(), row::text(id.as_str()));
        let old = change.from.hash();
        let mut former = row::row(&keys::former_learner(&old));
        former.insert("learner".to_owned(), row::text(id.as_str()));
        former.insert("left_at".to_owned(), row::text(now.to_string()));
        former.insert("expires".to_owned(), row::expires(*former_until));
        let mut trail = row::row(&keys::former_address(id, &old));
        trail.insert("expires".to_owned(), row::expires(*former_until));
        let mut writes = vec![
            Write::put(mapping).when("attribute_not_exists(pk)"),
            Write::delete(keys::learner_of(&change.from))
                .when("learner = :id")
                .value(":id", row::text(id.as_str())),
            learners::later_profile(profile)?,
            Write::delete(keys::address_change(id))
                .when(SAME)
                .value(":token", token(change)),
            Write::put(former),
            Write::put(trail),
        ];
        for queued in notices {
            writes.push(Write::put(outbox::mail_row(queued, *leased)?));
        }
        match self.transact(writes).await? {
            Transacted::Done => Ok(Changed::Yes),
            Transacted::Refused(at) if at == [NEW_MAPPING] => Ok(Changed::Taken),
            Transacted::Refused(_) => Ok(Changed::Conflict),
            Transacted::Contended => Err(contended()),
        }
    }
}

/// The row still holds the same change: a later one has other tokens.
const SAME: &str = "waits = :token";

fn token(change: &AddressChange) -> AttributeValue {
    row::text(change.from_token.as_str())
}

fn proofs(item: &Item) -> Proofs {
    let is = |name: &str| item.get(name).and_then(|value| value.as_bool().ok()) == Some(&true);
    Proofs {
        old: is("old_proved"),
        new: is("new_proved"),
    }
}
