//! Usage events, a batch per row, spread over shards of a day.

use async_trait::async_trait;
use futures::{StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tuition_domain::identity::LearnerId;
use tuition_domain::metrics::{Event, Who};
use tuition_domain::ports::{Events, Unavailable};

use super::row;
use super::write::Write;
use super::{Store, Table, keys};

/// Partitions read at once: a month has 248.
const AT_ONCE: usize = 16;

#[async_trait]
impl Events for Table {
    async fn note_day(&self, learner: &LearnerId, day: Date) -> Result<(), Unavailable> {
        let key = keys::days_of_month(learner, day);
        let day = day.to_string();
        // Reading first: what is written once a day is looked at with every batch.
        let noted = self.get(Store::Lasting, &key).await?;
        if noted.is_some_and(|item| row::set_of(&item, "days").contains(&day)) {
            return Ok(());
        }
        let add = Write::update(key, "SET v = if_not_exists(v, :v) ADD days :day")
            .value(":v", row::number(1))
            .value(":day", row::one(day));
        let _ = self.write(Store::Lasting, add).await?;
        Ok(())
    }

    async fn events_of(&self, learner: &LearnerId) -> Result<Vec<Event>, Unavailable> {
        let mut named = Vec::new();
        for item in self.query(&keys::days_of(learner), None).await? {
            for day in row::set_of(&item, "days") {
                let day = day.parse().map_err(|_| row::missing(&item, "days"))?;
                named.extend(self.events(day, day).await?);
            }
        }
        named.retain(|event| event.who == Who::Learner(learner.clone()));
        Ok(named)
    }

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

impl Table {
    /// Puts `nobody` in the place of a learner in all events of a day.
    pub(super) async fn rename_in_events(
        &self,
        day: Date,
        id: &LearnerId,
        nobody: &LearnerId,
    ) -> Result<(), Unavailable> {
        for range in keys::events_between(day, day) {
            for mut item in self.query(&range, None).await? {
                row::check_schema(&item)?;
                let doc = row::text_of(&item, "doc")?;
                if !doc.contains(id.as_str()) {
                    continue;
                }
                // 32 random digits are nothing else: they stand in `learner` and in event ids.
                let renamed = doc.replace(id.as_str(), nobody.as_str());
                item.insert("doc".to_owned(), row::text(renamed));
                self.set(Store::Lasting, item).await?;
            }
        }
        Ok(())
    }
}
