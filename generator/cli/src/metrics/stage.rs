//! Records of a stage, and what its tables know of learners besides.

use std::collections::BTreeMap;

use futures::{StreamExt as _, TryStreamExt as _};
use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tuition_domain::comments::LessonRef;
use tuition_domain::identity::LearnerId;
use tuition_domain::metrics::report::{Comments, Params, Period, Record, RecordKind};
use tuition_domain::metrics::{DroppedOn, Records};
use tuition_domain::ports::{Comments as _, Unavailable};

use super::progress::Bar;
use crate::stage::Stage;

/// Days that are looked at if nothing else is said.
const DAYS: i32 = 400;
/// Learners whose comments are asked for at once.
const AT_ONCE: usize = 16;

/// What is read of a stage.
pub(super) struct Reading<'a> {
    pub(super) stage: &'a Stage,
    /// First day of the records.
    pub(super) since: Date,
    /// Last day of the records.
    pub(super) to: Date,
    pub(super) params: Params,
}

impl<'a> Reading<'a> {
    /// The records of a period and of what came before it; by default this month so far.
    pub(super) fn new(
        stage: &'a Stage,
        since: Option<Date>,
        to: Option<Date>,
        period: Option<Period>,
    ) -> Self {
        let now = stage.ports.reader.clock.now();
        let today = now.to_zoned(TimeZone::UTC).date();
        let to = to.unwrap_or(today);
        let period = period.unwrap_or(Period {
            from: to.first_of_month(),
            to,
        });
        let since = since.unwrap_or_else(|| to.saturating_sub(DAYS.days()));
        let params = Params::of_site(&stage.ports.reader.catalog.catalog(), period, since);
        Self {
            stage,
            since,
            to,
            params,
        }
    }

    /// Hands over every record, and says what was dropped on arrival.
    pub(super) async fn each(
        &self,
        mut take: impl FnMut(&Record<'_>) + Send,
    ) -> Result<DroppedOn, Unavailable> {
        let ports = &self.stage.ports;
        let records = Records {
            events: ports.events.as_ref(),
            ledger: ports.ledger.as_ref(),
            now: ports.reader.clock.now(),
        };
        let mut bar = Bar::new("reading");
        let days = |from: Date, to: Date| {
            u64::try_from(from.until(to).map_or(0, |span| span.get_days())).unwrap_or(0)
        };
        let all = days(self.since, self.to) + 1;
        let passed = |day: Date| bar.show((days(self.since, day) + 1) * 100 / all);
        for question in self.questions().await? {
            take(&question);
        }
        records
            .each(&self.params.offers, self.since, self.to, take, passed)
            .await
    }

    /// Questions asked under the lessons of today's catalog, as records. The comments are where they are kept: one that
    /// was deleted was not asked.
    async fn questions(&self) -> Result<Vec<Record<'static>>, Unavailable> {
        let catalog = self.stage.ports.reader.catalog.catalog();
        let lessons = catalog.courses.iter().flat_map(|course| {
            let of = |lesson: &tuition_catalog::Lesson| format!("{}/{}", course.id, lesson.id);
            course.lessons.iter().map(of)
        });
        let lessons: Vec<LessonRef> = lessons.filter_map(|name| LessonRef::parse(&name)).collect();
        let table = &self.stage.table;
        let threads: Vec<_> = futures::stream::iter(lessons)
            .map(|lesson| async move { table.thread(&lesson).await })
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        let asked = threads.into_iter().flatten().filter(|one| {
            let day = one.created_at.to_zoned(TimeZone::UTC).date();
            one.question && !one.deleted && (self.since..=self.to).contains(&day)
        });
        Ok(asked
            .map(|one| {
                let id = format!("comment/{}", one.id.as_str());
                let mut record = Record::new(id, RecordKind::Question, one.created_at);
                record.learner = one.author.to_string().into();
                record.lesson = one.lesson.as_str().to_owned().into();
                record
            })
            .collect())
    }

    /// How many comments each learner whom the ledger names wrote in the days of activity.
    pub(super) async fn comments(&self) -> Result<Comments, Unavailable> {
        let window = self.params.activity_window();
        let entries = self.stage.ports.ledger.ledger(self.since, self.to).await?;
        let learners: std::collections::BTreeSet<LearnerId> =
            entries.into_iter().map(|entry| entry.learner).collect();
        let table = &self.stage.table;
        let posts: BTreeMap<String, u64> = futures::stream::iter(learners)
            .map(|learner| async move {
                let written = table.comments_by(&learner).await?;
                let in_window = |at: jiff::Timestamp| {
                    let day = at.to_zoned(TimeZone::UTC).date();
                    window.from <= day && day <= window.to
                };
                let count = written
                    .iter()
                    .filter(|one| !one.deleted && in_window(one.created_at))
                    .count();
                Ok::<_, Unavailable>((
                    learner.to_string(),
                    u64::try_from(count).unwrap_or(u64::MAX),
                ))
            })
            .buffered(AT_ONCE)
            .try_filter(|(_, count)| std::future::ready(*count > 0))
            .try_collect()
            .await?;
        Ok(Comments {
            posts,
            ..Comments::default()
        })
    }
}
