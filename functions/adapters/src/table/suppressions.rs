//! Addresses that no mail goes to, known by their hash alone.

use async_trait::async_trait;
use jiff::Timestamp;
use tuition_domain::email::Email;
use tuition_domain::ports::{Suppressions, Unavailable};

use super::row;
use super::{Store, Table, keys};

#[async_trait]
impl Suppressions for Table {
    async fn suppressed_until(&self, email: &Email) -> Result<Option<Timestamp>, Unavailable> {
        let key = keys::suppressed(&email.hash());
        let Some(item) = self.get(Store::Lasting, &key).await? else {
            return Ok(None);
        };
        let until = i64::try_from(row::number_of(&item, "until")?)
            .ok()
            .and_then(|until| Timestamp::from_millisecond(until).ok())
            .ok_or_else(|| row::missing(&item, "until"))?;
        Ok(Some(until).filter(|until| self.clock.now() < *until))
    }

    async fn suppress(&self, email: &Email, until: Timestamp) -> Result<(), Unavailable> {
        let mut item = row::row(&keys::suppressed(&email.hash()));
        item.insert("until".to_owned(), row::instant(until));
        item.insert("expires".to_owned(), row::expires(until));
        self.set(Store::Lasting, item).await
    }
}
