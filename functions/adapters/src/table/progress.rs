//! How far learners have read: per learner and lesson a set of segments, to which adding is
//! idempotent and commutative without a condition; beside it what the learner said of the lesson
//! and where they stopped, each replaced by what is later, on that condition.
//!
//! A set that has grown long is replaced by its union: the same seconds in fewer members, so that
//! a row stays within one write unit and nobody can make it outgrow what DynamoDB takes.

use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use tuition_domain::comments::LessonRef;
use tuition_domain::identity::LearnerId;
use tuition_domain::metrics::{Covered, Mark, Place, Segment};
use tuition_domain::ports::{ProgressBook, Unavailable};

use super::call::Updated;
use super::row::{self, Item};
use super::write::Write;
use super::{Store, Table, keys};

/// Members from which on a set is replaced by its union: about 700 bytes.
const LONG: usize = 64;

#[async_trait]
impl ProgressBook for Table {
    async fn cover(
        &self,
        learner: &LearnerId,
        lesson: &LessonRef,
        segment: Segment,
        now: Timestamp,
    ) -> Result<Covered, Unavailable> {
        let key = keys::progress(learner, lesson);
        let member = format!("{}-{}", segment.from, segment.to);
        let add = Write::update(
            key.clone(),
            "SET v = if_not_exists(v, :v), updated = :now ADD covered :one",
        )
        .when("attribute_not_exists(covered) OR NOT contains(covered, :member)")
        .value(":v", row::number(1))
        .value(":now", row::text(now.to_string()))
        .value(":one", row::one(&member))
        .value(":member", row::text(&member));
        // Metrics may write here and not read: what is there comes with the refusal.
        let item = match self.update_or_find(Store::Lasting, add).await? {
            Updated::Yes(item) | Updated::No(Some(item)) => item,
            Updated::No(None) => return Err(super::failure::contended()),
        };
        if row::set_of(&item, "covered").len() > LONG {
            self.shorten(&key, &item).await?;
        }
        covered(&item)
    }

    async fn finish(
        &self,
        learner: &LearnerId,
        lesson: &LessonRef,
        now: Timestamp,
    ) -> Result<(), Unavailable> {
        let finish = Write::update(
            keys::progress(learner, lesson),
            "SET v = if_not_exists(v, :v), updated = if_not_exists(updated, :now), \
             finished = if_not_exists(finished, :now)",
        )
        .value(":v", row::number(1))
        .value(":now", row::text(now.to_string()));
        let _ = self.write(Store::Lasting, finish).await?;
        Ok(())
    }

    async fn mark(
        &self,
        learner: &LearnerId,
        lesson: &LessonRef,
        mark: Mark,
        now: Timestamp,
    ) -> Result<(), Unavailable> {
        let write = Write::update(
            keys::progress(learner, lesson),
            "SET v = if_not_exists(v, :v), updated = if_not_exists(updated, :now), \
             is_done = :done, marked = :at",
        )
        .when("attribute_not_exists(marked) OR marked < :at")
        .value(":v", row::number(1))
        .value(":now", row::text(now.to_string()))
        .value(":done", AttributeValue::Bool(mark.done))
        .value(":at", row::instant(mark.at));
        // A conflict is a later word.
        let _ = self.write(Store::Lasting, write).await?;
        Ok(())
    }

    async fn stop(
        &self,
        learner: &LearnerId,
        lesson: &LessonRef,
        place: &Place,
        now: Timestamp,
    ) -> Result<(), Unavailable> {
        let write = Write::update(
            keys::progress(learner, lesson),
            "SET v = if_not_exists(v, :v), updated = if_not_exists(updated, :now), \
             heading = :heading, stopped = :at",
        )
        .when("attribute_not_exists(stopped) OR stopped < :at")
        .value(":v", row::number(1))
        .value(":now", row::text(now.to_string()))
        .value(":heading", row::text(&place.heading))
        .value(":at", row::instant(place.at));
        let _ = self.write(Store::Lasting, write).await?;
        Ok(())
    }

    async fn coverage_of(&self, learner: &LearnerId) -> Result<Vec<Covered>, Unavailable> {
        let items = self.query(&keys::progress_of(learner), None).await?;
        items.iter().map(covered).collect()
    }
}

impl Table {
    /// Replaces a set by its union, if nobody added to it meanwhile; else a later call does.
    async fn shorten(&self, key: &keys::Key, item: &Item) -> Result<(), Unavailable> {
        let union = merged(segments(item)?);
        let members = union
            .iter()
            .map(|s| format!("{}-{}", s.from, s.to))
            .collect();
        let old = row::set_of(item, "covered").to_vec();
        let write = Write::update(key.clone(), "SET covered = :union")
            .when("covered = :old")
            .value(":union", AttributeValue::Ss(members))
            .value(":old", AttributeValue::Ss(old));
        let _ = self.write(Store::Lasting, write).await?;
        Ok(())
    }
}

fn covered(item: &Item) -> Result<Covered, Unavailable> {
    row::check_schema(item)?;
    let key = row::key_of(item)?;
    let lesson = keys::lesson_of_progress(&key.sk).ok_or_else(|| row::missing(item, "sk"))?;
    let finished_at = match item.contains_key("finished") {
        true => Some(time(item, "finished")?),
        false => None,
    };
    Ok(Covered {
        lesson: lesson.to_owned(),
        segments: segments(item)?,
        updated_at: time(item, "updated")?,
        finished_at,
        mark: mark(item)?,
        place: place(item)?,
    })
}

fn mark(item: &Item) -> Result<Option<Mark>, Unavailable> {
    if !item.contains_key("marked") {
        return Ok(None);
    }
    let done = item.get("is_done").and_then(|value| value.as_bool().ok());
    Ok(Some(Mark {
        done: *done.ok_or_else(|| row::missing(item, "is_done"))?,
        at: instant(item, "marked")?,
    }))
}

fn place(item: &Item) -> Result<Option<Place>, Unavailable> {
    if !item.contains_key("stopped") {
        return Ok(None);
    }
    Ok(Some(Place {
        heading: row::text_of(item, "heading")?.to_owned(),
        at: instant(item, "stopped")?,
    }))
}

fn instant(item: &Item, name: &'static str) -> Result<Timestamp, Unavailable> {
    let milliseconds = i64::try_from(row::number_of(item, name)?).ok();
    milliseconds
        .and_then(|at| Timestamp::from_millisecond(at).ok())
        .ok_or_else(|| row::missing(item, name))
}

fn time(item: &Item, name: &'static str) -> Result<Timestamp, Unavailable> {
    row::text_of(item, name)?
        .parse()
        .map_err(|_| row::missing(item, name))
}

fn segments(item: &Item) -> Result<Vec<Segment>, Unavailable> {
    row::set_of(item, "covered")
        .iter()
        .map(|member| segment(member).ok_or_else(|| row::missing(item, "covered")))
        .collect()
}

fn segment(member: &str) -> Option<Segment> {
    let (from, to) = member.split_once('-')?;
    Some(Segment {
        from: from.parse().ok()?,
        to: to.parse().ok()?,
    })
}

/// The same seconds in segments that neither overlap nor touch.
fn merged(mut segments: Vec<Segment>) -> Vec<Segment> {
    segments.sort_unstable();
    let mut union: Vec<Segment> = Vec::new();
    for segment in segments {
        match union.last_mut() {
            Some(last) if segment.from <= last.to => last.to = last.to.max(segment.to),
            _ => union.push(segment),
        }
    }
    union
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_union_covers_the_same_seconds() {
        let segments = |pairs: &[(u32, u32)]| {
            let segment = |&(from, to): &(u32, u32)| Segment { from, to };
            pairs.iter().map(segment).collect::<Vec<_>>()
        };
        assert_eq!(
            merged(segments(&[(20, 30), (0, 10), (5, 15), (15, 16), (22, 24)])),
            segments(&[(0, 16), (20, 30)])
        );
    }
}
