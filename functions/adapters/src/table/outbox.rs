//! Mail that waits to be sent: one partition, nearly always empty, so that what is due is found by
//! one query and a mail by its name.

use async_trait::async_trait;
use jiff::Timestamp;
use tuition_domain::email::Email;
use tuition_domain::outbox::QueuedMail;
use tuition_domain::ports::{Outbox, Unavailable};

use super::row::{self, Item};
use super::write::Write;
use super::{Store, Table, keys};

/// A fresh mail, due when its first sender has had its turn.
pub(super) fn mail_row(queued: &QueuedMail, leased: Timestamp) -> Result<Item, Unavailable> {
    let mut item = row::with_doc(&keys::mail(&queued.key), queued)?;
    item.insert("due".to_owned(), row::instant(leased));
    if let Some(until) = queued.until() {
        item.insert("expires".to_owned(), row::expires(until));
    }
    Ok(item)
}

impl Table {
    /// Hides a mail until `until`, unless somebody else did so first.
    async fn lease(
        &self,
        key: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<QueuedMail>, Unavailable> {
        let lease = Write::update(keys::mail(key), "SET due = :until")
            .when("due <= :now")
            .value(":until", row::instant(until))
            .value(":now", row::instant(now));
        let item = self.update(Store::Lasting, lease).await?;
        item.as_ref().map(row::doc).transpose()
    }
}

#[async_trait]
impl Outbox for Table {
    async fn claim_mail(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<QueuedMail>, Unavailable> {
        let mut claimed = Vec::new();
        for item in self.query(&keys::outbox(), None).await? {
            if claimed.len() >= limit {
                break;
            }
            let queued: QueuedMail = row::doc(&item)?;
            if let Some(queued) = self.lease(&queued.key, now, until).await? {
                claimed.push(queued);
            }
        }
        Ok(claimed)
    }

    async fn mail_to(&self, email: &Email) -> Result<Vec<QueuedMail>, Unavailable> {
        let items = self.query(&keys::outbox(), None).await?;
        let mut waiting: Vec<QueuedMail> = items.iter().map(row::doc).collect::<Result<_, _>>()?;
        waiting.retain(|queued| queued.to == *email);
        Ok(waiting)
    }

    async fn give_back(&self, key: &str) -> Result<(), Unavailable> {
        let due = Write::update(keys::mail(key), "SET due = :now")
            .when("attribute_exists(pk)")
            .value(":now", row::number(0));
        self.update(Store::Lasting, due).await.map(drop)
    }

    async fn mail_sent(&self, key: &str) -> Result<(), Unavailable> {
        self.remove(&keys::mail(key)).await
    }
}
