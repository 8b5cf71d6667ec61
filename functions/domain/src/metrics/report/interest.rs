//! What visitors look for and do with what they found: searches, code that is used, links away.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use utoipa::ToSchema;

use super::Record;
use super::day::Day;
use super::seen::count;

/// Searches and hosts that are listed.
const LISTED: usize = 200;

/// What was searched for on the site.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Searches {
    /// Searches.
    pub asked: u64,
    /// Of those, the ones that found nothing.
    pub without_result: u64,
    /// Different words that were searched for.
    pub different: u64,
    /// The first two hundred: those that found nothing most often, then those asked most often.
    pub words: Vec<SearchFigures>,
}

/// What was searched for in the same words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SearchFigures {
    /// The words, in lower case.
    pub query: String,
    /// How often.
    pub asked: u64,
    /// How often nothing was found.
    pub without_result: u64,
}

/// What was done in a lesson besides reading.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct LessonUse {
    /// Readers who said that they are done with it.
    pub marked_done: u64,
    /// Blocks of code copied.
    pub copied: u64,
    /// Blocks of code run.
    pub run: u64,
    /// Questions asked, as far as the comments were read.
    pub asked: u64,
}

/// How often links to another site were followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LinkFigures {
    /// The site.
    pub host: String,
    /// How often.
    pub followed: u64,
}

/// Facts of a period.
#[derive(Debug)]
pub(super) struct Interest {
    days: (Day, Day),
    /// By words: asked, without result.
    searches: HashMap<Box<str>, (u64, u64)>,
    hosts: HashMap<Box<str>, u64>,
    lessons: BTreeMap<Box<str>, LessonUse>,
}

impl Interest {
    pub(super) fn new(days: (Day, Day)) -> Self {
        Self {
            days,
            searches: HashMap::new(),
            hosts: HashMap::new(),
            lessons: BTreeMap::new(),
        }
    }

    /// `None` if the record says not what was searched for.
    pub(super) fn search(&mut self, record: &Record<'_>, day: Day) -> Option<()> {
        let hits = record.hits?;
        (!record.query.is_empty()).then_some(())?;
        if self.is_of_period(day) {
            let (asked, without) = self
                .searches
                .entry(record.query.as_ref().into())
                .or_default();
            *asked += 1;
            *without += u64::from(hits == 0);
        }
        Some(())
    }

    /// `None` if the record says not where the link leads.
    pub(super) fn link(&mut self, record: &Record<'_>, day: Day) -> Option<()> {
        (!record.host.is_empty()).then_some(())?;
        if self.is_of_period(day) {
            *self.hosts.entry(record.host.as_ref().into()).or_default() += 1;
        }
        Some(())
    }

    /// `None` if the record names no lesson.
    pub(super) fn used(
        &mut self,
        record: &Record<'_>,
        day: Day,
        note: impl FnOnce(&mut LessonUse),
    ) -> Option<()> {
        (!record.lesson.is_empty()).then_some(())?;
        if self.is_of_period(day) {
            note(
                self.lessons
                    .entry(record.lesson.as_ref().into())
                    .or_default(),
            );
        }
        Some(())
    }

    fn is_of_period(&self, day: Day) -> bool {
        (self.days.0..=self.days.1).contains(&day)
    }

    pub(super) fn searches(&self) -> Searches {
        let mut words: Vec<SearchFigures> = self
            .searches
            .iter()
            .map(|(query, (asked, without_result))| SearchFigures {
                query: query.to_string(),
                asked: *asked,
                without_result: *without_result,
            })
            .collect();
        words.sort_by(|a, b| {
            let by_count = (b.without_result, b.asked).cmp(&(a.without_result, a.asked));
            by_count.then_with(|| a.query.cmp(&b.query))
        });
        let sum = |of: fn(&SearchFigures) -> u64| words.iter().map(of).sum();
        let (asked, without_result) = (sum(|one| one.asked), sum(|one| one.without_result));
        let different = count(words.len());
        words.truncate(LISTED);
        Searches {
            asked,
            without_result,
            different,
            words,
        }
    }

    /// By how often they were followed, most first; the first two hundred.
    pub(super) fn links(&self) -> Vec<LinkFigures> {
        let links = self.hosts.iter().map(|(host, followed)| LinkFigures {
            host: host.to_string(),
            followed: *followed,
        });
        let mut links: Vec<LinkFigures> = links.collect();
        links.sort_by(|a, b| {
            b.followed
                .cmp(&a.followed)
                .then_with(|| a.host.cmp(&b.host))
        });
        links.truncate(LISTED);
        links
    }

    pub(super) fn lessons(&self) -> BTreeMap<String, LessonUse> {
        let lessons = self.lessons.iter();
        lessons
            .map(|(lesson, used)| (lesson.to_string(), *used))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::super::RecordKind;
    use super::*;

    #[test]
    fn what_finds_nothing_comes_first() {
        let mut interest = Interest::new((0, 0));
        for (query, hits, day) in [
            ("traits", 3, 0),
            ("traits", 3, 0),
            ("traits", 0, 0),
            ("gat", 0, 0),
            ("gat", 0, 0),
            ("box", 9, 0),
            ("later", 0, 1),
        ] {
            let mut record = Record::new("id", RecordKind::Search, Timestamp::UNIX_EPOCH);
            record.query = query.into();
            record.hits = Some(hits);
            interest.search(&record, day).unwrap();
        }
        let found = interest.searches();
        assert_eq!(
            (found.asked, found.without_result, found.different),
            (6, 3, 3)
        );
        let words: Vec<_> = found.words.iter().map(|one| one.query.as_str()).collect();
        assert_eq!(words, ["gat", "traits", "box"]);
        let nothing = Record::new("id", RecordKind::Search, Timestamp::UNIX_EPOCH);
        assert_eq!(interest.search(&nothing, 0), None);
    }
}
