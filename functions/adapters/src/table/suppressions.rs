//! Addresses that no mail goes to, known by their hash alone.

use async_trait::async_trait;
use jiff::Timestamp;
use tuition_domain::email::Email;
use tuition_domain::ports::{Suppressions, Unavailable};

use super::row;
use super::{Store, Table, keys};

#[async_trait]
impl Suppressions for Table {
    async fn is_suppressed(&self, email: &Email) -> Result<bool, Unavailable> {
        let item = self.get(Store::Lasting, &keys::suppressed(email)).await?;
        let until = item
            .map(|item| row::number_of(&item, "until"))
            .transpose()?;
        let now = u64::try_from(self.clock.now().as_millisecond()).unwrap_or(0);
        Ok(until.is_some_and(|until| now < until))
    }

    async fn suppress(&self, email: &Email, until: Timestamp) -> Result<(), Unavailable> {
        let mut item = row::row(&keys::suppressed(email));
        item.insert("until".to_owned(), row::instant(until));
        item.insert("expires".to_owned(), row::expires(until));
        self.set(Store::Lasting, item).await
    }
}
