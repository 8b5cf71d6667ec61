//! Usage events, a batch per row, spread over shards of a month.

use async_trait::async_trait;
use futures::{StreamExt as _, TryStreamExt as _};
use jiff::civil::Date;
use tuition_domain::identity::LearnerId;
use tuition_domain::metrics::{Dropped, Event, EventBatch, Who};
use tuition_domain::ports::{Entropy as _, Events, Unavailable};

use super::row::{self, Item};
use super::write::Write;
use super::{Store, Table, keys};
use crate::OsEntropy;

/// Partitions read at once, and answers of up to a megabyte that are in memory.
const AT_ONCE: usize = 8;

/// Attributes of what was dropped: events, members of events.
const DROPPED: &str = "dropped";
const LEFT_OUT: &str = "left_out";

#[async_trait]
impl Events for Table {
    async fn note_day(&self, learner: &LearnerId, day: Date) -> Result<bool, Unavailable> {
        let key = keys::days_of_month(learner, day);
        let day = day.to_string();
        // Reading first: what is written once a day is looked at with every batch.
        let noted = self.get(Store::Lasting, &key).await?;
        if noted.is_some_and(|item| row::set_of(&item, "days").contains(&day)) {
            return Ok(false);
        }
        let add = Write::update(key, "SET v = if_not_exists(v, :v) ADD days :day")
            .value(":v", row::number(1))
            .value(":day", row::one(day));
        let _ = self.write(Store::Lasting, add).await?;
        Ok(true)
    }

    async fn events_of(&self, learner: &LearnerId) -> Result<Vec<Event>, Unavailable> {
        let who = Who::Learner(learner.clone());
        let mut named = Vec::new();
        for item in self.query(&keys::days_of(learner), None).await? {
            for day in row::set_of(&item, "days") {
                let day = day.parse().map_err(|_| row::missing(&item, "days"))?;
                let mut take = |batch: EventBatch| {
                    let theirs = batch.events.into_iter().filter(|event| event.who == who);
                    named.extend(theirs);
                };
                self.each_batch(day, day, &mut take).await?;
            }
        }
        Ok(named)
    }

    async fn append(&self, batch: &EventBatch) -> Result<(), Unavailable> {
        let EventBatch {
            day,
            events,
            dropped,
        } = batch;
        if events.is_empty() {
            return self.count_dropped(*day, *dropped).await;
        }
        let key = keys::events(*day, events.iter().map(|event| event.id.as_str()));
        let mut item = row::with_doc(&key, events)?;
        for (name, count) in [(DROPPED, dropped.events), (LEFT_OUT, dropped.members)] {
            if count > 0 {
                item.insert(name.to_owned(), row::number(count));
            }
        }
        let write = Write::put(item).when("attribute_not_exists(pk)");
        // A conflict says that the batch is there already.
        let _ = self.write(Store::Lasting, write).await?;
        Ok(())
    }

    async fn each_batch(
        &self,
        from: Date,
        to: Date,
        take: &mut (dyn FnMut(EventBatch) + Send),
    ) -> Result<(), Unavailable> {
        let ranges: Vec<keys::Range> = keys::events_between(from, to).collect();
        let mut pages = futures::stream::iter(ranges)
            .map(|range| Box::pin(self.pages(range)))
            .flatten_unordered(AT_ONCE);
        while let Some(items) = pages.try_next().await? {
            for item in &items {
                take(batch(item)?);
            }
        }
        Ok(())
    }
}

impl Table {
    /// Counts what came without anything that is kept: no row of its own, so that whoever makes things up fills no table.
    async fn count_dropped(&self, day: Date, dropped: Dropped) -> Result<(), Unavailable> {
        if dropped == Dropped::default() {
            return Ok(());
        }
        let mut chance = [0];
        OsEntropy.fill(&mut chance);
        let [chance] = chance;
        let add = Write::update(
            keys::dropped(day, chance),
            "SET v = if_not_exists(v, :v) ADD dropped :events, left_out :members",
        )
        .value(":v", row::number(1))
        .value(":events", row::number(dropped.events))
        .value(":members", row::number(dropped.members));
        let _ = self.write(Store::Lasting, add).await?;
        Ok(())
    }

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
                if !item.contains_key("doc") {
                    continue;
                }
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

/// A row that only counts has no document.
fn batch(item: &Item) -> Result<EventBatch, Unavailable> {
    row::check_schema(item)?;
    let day = keys::day_of_batch(&row::key_of(item)?).ok_or_else(|| row::missing(item, "sk"))?;
    let events = match item.contains_key("doc") {
        true => row::doc(item)?,
        false => Vec::new(),
    };
    let count = |name: &'static str| match item.contains_key(name) {
        true => row::number_of(item, name),
        false => Ok(0),
    };
    Ok(EventBatch {
        day,
        events,
        dropped: Dropped {
            events: count(DROPPED)?,
            members: count(LEFT_OUT)?,
        },
    })
}
