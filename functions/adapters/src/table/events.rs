//! Usage events, a batch per row, spread over shards of a day.

use async_trait::async_trait;
use futures::{StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tuition_domain::metrics::Event;
use tuition_domain::ports::{Events, Unavailable};

use super::row;
use super::write::Write;
use super::{Store, Table, keys};

/// Partitions read at once: a month has 248.
const AT_ONCE: usize = 16;

#[async_trait]
impl Events for Table {
    async fn append(&self, events: &[Event], received: Timestamp) -> Result<(), Unavailable> {
        if events.is_empty() {
            return Ok(());
        }
        let day = received.to_zoned(TimeZone::UTC).date();
        let key = keys::events(day, events.iter().map(|event| event.id.as_str()));
        let write = Write::put(row::with_doc(&key, &events)?).when("attribute_not_exists(pk)");
        // A conflict says that the batch is there already.
        let _ = self.write(Store::Lasting, write).await?;
        Ok(())
    }

    async fn events(&self, from: Date, to: Date) -> Result<Vec<Event>, Unavailable> {
        let ranges: Vec<keys::Range> = keys::events_between(from, to).collect();
        futures::stream::iter(ranges)
            .map(|range| async move {
                let mut events = Vec::new();
                for item in self.query(&range, None).await? {
                    events.extend(row::doc::<Vec<Event>>(&item)?);
                }
                Ok::<_, Unavailable>(events)
            })
            .buffered(AT_ONCE)
            .try_concat()
            .await
    }

    async fn count_dropped(&self, day: Date, count: u64) -> Result<(), Unavailable> {
        let add = Write::update(
            keys::dropped(day),
            "SET v = if_not_exists(v, :v) ADD n :count",
        )
        .value(":v", row::number(1))
        .value(":count", row::number(count));
        let _ = self.write(Store::Lasting, add).await?;
        Ok(())
    }

    async fn dropped(&self, from: Date, to: Date) -> Result<u64, Unavailable> {
        let days: Vec<Date> = keys::days(from, to).collect();
        futures::stream::iter(days)
            .map(|day| async move {
                match self.get(Store::Lasting, &keys::dropped(day)).await? {
                    Some(item) => row::number_of(&item, "n"),
                    None => Ok(0),
                }
            })
            .buffered(AT_ONCE)
            .try_fold(
                0_u64,
                |sum, count| async move { Ok(sum.saturating_add(count)) },
            )
            .await
    }
}
