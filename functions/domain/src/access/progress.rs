//! How far a learner has come: as the account shows it, and as their browsers tell it.
//!
//! Of two words about a lesson the later one counts, so that what is told twice, late, or by two
//! devices comes to the same. A browser's clock is believed as far as now.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tuition_catalog::Catalog;
use utoipa::ToSchema;

use super::AccessPorts;
use crate::comments::LessonRef;
use crate::identity::LearnerId;
use crate::metrics::{Covered, Mark, Place};
use crate::ports::Unavailable;

/// The most words, and the most places, that may be told at once.
pub const MOST_TOLD: usize = 100;

/// The most bytes of a heading's id.
const LONGEST_HEADING: usize = 300;

/// How far a lesson was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = LessonProgress)]
pub struct Progress {
    /// Course id.
    pub course: String,
    /// Lesson id.
    pub lesson: String,
    /// Share of the lesson covered, 0–1.
    #[schema(minimum = 0, maximum = 1)]
    pub coverage: f64,
    /// Since when it is done, by reading or by word; `null` if it is not, or not any more.
    #[schema(required)]
    pub finished_at: Option<Timestamp>,
    /// When the learner last said that it is done, or not.
    #[serde(default)]
    #[schema(required)]
    pub marked_at: Option<Timestamp>,
    /// Id of the heading where they stopped; empty before the first.
    #[serde(default)]
    #[schema(required)]
    pub heading: Option<String>,
    /// When they stopped there.
    #[serde(default)]
    #[schema(required)]
    pub seen_at: Option<Timestamp>,
}

/// What a browser tells: words about lessons, and places in them, by `<course id>/<lesson id>`.
#[derive(Debug, Default)]
pub struct Told {
    /// Lessons said to be done, or not.
    pub marks: Vec<(String, Mark)>,
    /// Where the learner stopped.
    pub places: Vec<(String, Place)>,
}

/// What came of it.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = ProgressKnown)]
pub struct Known {
    /// All that the account knows now, what was read last first.
    pub progress: Vec<Progress>,
    /// How much of what was told is about lessons that this site doesn't have, or can't be one.
    pub ignored: usize,
}

/// All that is known of a learner.
pub async fn progress_of(
    ports: &AccessPorts,
    learner: &LearnerId,
) -> Result<Vec<Progress>, Unavailable> {
    let covered = ports.progress.coverage_of(learner).await?;
    Ok(progress(&ports.reader.catalog.catalog(), covered))
}

/// Takes in what a browser tells. What is known already, or was said differently later, costs no
/// write.
pub async fn hear_progress(
    ports: &AccessPorts,
    learner: &LearnerId,
    told: Told,
) -> Result<Known, Unavailable> {
    let now = ports.reader.clock.now();
    let catalog = ports.reader.catalog.catalog();
    let covered = ports.progress.coverage_of(learner).await?;
    let known: BTreeMap<String, Covered> = covered
        .into_iter()
        .map(|covered| (covered.lesson.clone(), covered))
        .collect();
    let mut ignored = 0;
    for (lesson, mark) in told.marks {
        let Some(reference) = lesson_of(&catalog, &lesson) else {
            ignored += 1;
            continue;
        };
        let at = believable(mark.at, now);
        let before = known.get(&lesson).and_then(|known| known.mark);
        if before.is_none_or(|before| before.at < at) {
            let mark = Mark { at, ..mark };
            ports.progress.mark(learner, &reference, mark, now).await?;
        }
    }
    for (lesson, place) in told.places {
        let fits = place.heading.len() <= LONGEST_HEADING
            && !place.heading.chars().any(|ch| ch.is_control() || ch == ' ');
        let Some(reference) = lesson_of(&catalog, &lesson).filter(|_| fits) else {
            ignored += 1;
            continue;
        };
        let at = believable(place.at, now);
        let before = known.get(&lesson).and_then(|known| known.place.as_ref());
        if before.is_none_or(|before| before.at < at) {
            let place = Place { at, ..place };
            ports
                .progress
                .stop(learner, &reference, &place, now)
                .await?;
        }
    }
    Ok(Known {
        progress: progress_of(ports, learner).await?,
        ignored,
    })
}

/// What of it lessons of the site are about, the latest first.
pub(super) fn progress(catalog: &Catalog, covered: Vec<Covered>) -> Vec<Progress> {
    let mut all: Vec<(Timestamp, Progress)> = covered
        .into_iter()
        .filter_map(|covered| {
            let (course, lesson) = catalog.lesson(&covered.lesson)?;
            let marked_at = covered.mark.map(|mark| mark.at);
            let seen_at = covered.place.as_ref().map(|place| place.at);
            let latest = [Some(covered.updated_at), marked_at, seen_at];
            let progress = Progress {
                course: course.id.clone(),
                lesson: lesson.id.clone(),
                coverage: covered.share(lesson.seconds),
                finished_at: covered.done_at(),
                marked_at,
                seen_at,
                heading: covered.place.map(|place| place.heading),
            };
            Some((latest.into_iter().flatten().max()?, progress))
        })
        .collect();
    all.sort_by(|(at, a), (other, b)| {
        let latest = Reverse(at).cmp(&Reverse(other));
        latest.then_with(|| (&a.course, &a.lesson).cmp(&(&b.course, &b.lesson)))
    });
    all.into_iter().map(|(_, progress)| progress).collect()
}

fn lesson_of(catalog: &Catalog, lesson: &str) -> Option<LessonRef> {
    catalog.lesson(lesson)?;
    LessonRef::parse(lesson)
}

/// To the millisecond, not before 1970 and not in the future.
fn believable(at: Timestamp, now: Timestamp) -> Timestamp {
    let milliseconds = at.min(now).as_millisecond().max(0);
    Timestamp::from_millisecond(milliseconds).unwrap_or(now)
}
