//! Day secrets, rate counters and who was just erased: the table that no backup remembers.
//!
//! The window of a counter and the day of a secret are part of their keys, so that a row which TTL
//! has not deleted yet is never taken for a later one.

use async_trait::async_trait;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use tuition_domain::identity::LearnerId;
use tuition_domain::ports::{Counters, DailySecrets, Erasures, Unavailable};
use tuition_domain::token::{LATE, TOKEN_LIFE};

use super::row::{self, Item};
use super::write::Write;
use super::{Store, Table, keys};

#[async_trait]
impl DailySecrets for Table {
    async fn daily_secret(&self, day: Date, fresh: [u8; 32]) -> Result<[u8; 32], Unavailable> {
        let key = keys::daily_secret(day);
        if let Some(item) = self.get(Store::Ephemeral, &key).await? {
            return secret(&item);
        }
        let write = Write::update(
            key,
            "SET v = if_not_exists(v, :v), secret = if_not_exists(secret, :fresh), \
             expires = if_not_exists(expires, :expires)",
        )
        .value(":v", row::number(1))
        .value(":fresh", AttributeValue::B(Blob::new(fresh)))
        .value(":expires", row::expires(a_day_after(day)));
        match self.update(Store::Ephemeral, write).await? {
            Some(item) => secret(&item),
            None => Err(super::failure::contended()),
        }
    }
}

#[async_trait]
impl Counters for Table {
    async fn count(
        &self,
        key: &str,
        before: &str,
        until: Timestamp,
    ) -> Result<(u64, u64), Unavailable> {
        // Sent again by the SDK it may count twice: a limit then holds a little earlier.
        let add = Write::update(
            keys::counter(key),
            "SET v = if_not_exists(v, :v), expires = :expires ADD n :one",
        )
        .value(":v", row::number(1))
        .value(":expires", row::expires(until))
        .value(":one", row::number(1));
        let before = keys::counter(before);
        let (counted, before) = tokio::try_join!(
            self.update(Store::Ephemeral, add),
            self.get(Store::Ephemeral, &before)
        )?;
        let value = |item: Option<Item>| match item {
            Some(item) => row::number_of(&item, "n"),
            None => Ok(0),
        };
        Ok((value(counted)?, value(before)?))
    }
}

#[async_trait]
impl Erasures for Table {
    async fn is_erased(&self, learner: &LearnerId) -> Result<bool, Unavailable> {
        // Whether TTL has deleted it makes no difference: the token is too old then.
        let row = self.get(Store::Ephemeral, &keys::erased(learner)).await?;
        Ok(row.is_some())
    }
}

impl Table {
    /// Says that tokens of a learner count for nothing, until none is believed any more.
    pub(super) async fn note_erased(&self, learner: &LearnerId) -> Result<(), Unavailable> {
        let longest = SignedDuration::from_secs(TOKEN_LIFE + LATE);
        let until = self.clock.now().saturating_add(longest);
        let mut row = row::row(&keys::erased(learner));
        row.insert(
            "expires".to_owned(),
            row::expires(until.unwrap_or(Timestamp::MAX)),
        );
        self.set(Store::Ephemeral, row).await
    }
}

fn secret(item: &Item) -> Result<[u8; 32], Unavailable> {
    item.get("secret")
        .and_then(|value| value.as_b().ok())
        .and_then(|blob| blob.as_ref().try_into().ok())
        .ok_or_else(|| row::missing(item, "secret"))
}

/// 24 hours after the end of a UTC day.
fn a_day_after(day: Date) -> Timestamp {
    day.checked_add(2.days())
        .ok()
        .and_then(|day| day.to_zoned(TimeZone::UTC).ok())
        .map_or(Timestamp::MAX, |start| start.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_outlives_its_day_by_24_hours() {
        let day: Date = "2026-12-31".parse().unwrap();
        assert_eq!(a_day_after(day).to_string(), "2027-01-02T00:00:00Z");
    }
}
