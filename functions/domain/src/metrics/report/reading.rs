//! What was read or watched of which lesson, as covered seconds: lesson by lesson, reader by reader.

use std::collections::HashMap;

use super::params::Params;
use super::seen::Names;

/// Covered seconds: pieces in order that do not touch.
#[derive(Debug, Clone, Default)]
pub(super) struct Cover(Vec<(u32, u32)>);

impl Cover {
    /// Adds the seconds `from..to`.
    pub(super) fn add(&mut self, from: u32, to: u32) {
        if from >= to {
            return;
        }
        let first = self.0.partition_point(|piece| piece.1 < from);
        let last = self.0.partition_point(|piece| piece.0 <= to).max(first);
        let touched = self.0.get(first..last).unwrap_or_default();
        let from = touched.first().map_or(from, |piece| piece.0.min(from));
        let to = touched.last().map_or(to, |piece| piece.1.max(to));
        self.0.splice(first..last, [(from, to)]);
    }

    /// How many of the first `length` seconds it covers.
    pub(super) fn seconds(&self, length: u32) -> u32 {
        self.0
            .iter()
            .map(|(from, to)| (*to).min(length) - (*from).min(length))
            .sum()
    }

    /// Which tenths of `length` seconds it touches.
    pub(super) fn tenths(&self, length: u32) -> [bool; 10] {
        let length = u64::from(length);
        let mut touched = [false; 10];
        for (tenth, is_touched) in (0_u64..).zip(touched.iter_mut()) {
            let (begin, end) = (tenth * length, (tenth + 1) * length);
            *is_touched = self
                .0
                .iter()
                .any(|(from, to)| u64::from(*from) * 10 < end && u64::from(*to) * 10 > begin);
        }
        touched
    }

    fn joined(&self, other: &Self) -> Self {
        let mut all = self.clone();
        for (from, to) in &other.0 {
            all.add(*from, *to);
        }
        all
    }
}

/// What a learner read of a lesson.
#[derive(Debug, Clone)]
pub(super) struct LessonRead {
    /// The lesson's number.
    pub(super) lesson: u32,
    /// All of it.
    pub(super) cover: Cover,
    /// Covered seconds.
    pub(super) seconds: u32,
    /// Covered share, 0–1.
    pub(super) share: f64,
    /// Whether that is enough.
    pub(super) finished: bool,
    /// Seconds covered by what counts for activity.
    pub(super) recent_seconds: u32,
    /// Whether it became finished by what counts for activity.
    pub(super) finished_recently: bool,
}

#[derive(Debug, Default)]
struct Read {
    /// Before the activity window.
    earlier: Cover,
    /// What counts for activity.
    recent: Cover,
}

/// All reading.
#[derive(Debug)]
pub(super) struct Reading {
    lessons: Names,
    lengths: Vec<u32>,
    threshold: f64,
    learners: HashMap<(u32, u32), Read>,
    visitors: HashMap<(u64, u32), Cover>,
}

impl Reading {
    pub(super) fn new(params: &Params) -> Self {
        let mut lessons = Names::default();
        for lesson in params.lessons.keys() {
            lessons.number(lesson);
        }
        Self {
            lessons,
            lengths: params
                .lessons
                .values()
                .map(|length| (*length).max(1))
                .collect(),
            threshold: params.finish_threshold,
            learners: HashMap::new(),
            visitors: HashMap::new(),
        }
    }

    /// The number of a lesson of the site.
    pub(super) fn lesson(&self, name: &str) -> Option<u32> {
        self.lessons.find(name)
    }

    /// The name of a lesson's number.
    pub(super) fn name(&self, lesson: u32) -> &str {
        self.lessons.name(lesson)
    }

    /// Seconds of a lesson, at least 1.
    pub(super) fn length(&self, lesson: u32) -> u32 {
        usize::try_from(lesson)
            .ok()
            .and_then(|at| self.lengths.get(at))
            .copied()
            .unwrap_or(1)
    }

    pub(super) fn learner_read(
        &mut self,
        learner: u32,
        lesson: u32,
        piece: (u32, u32),
        is_recent: bool,
    ) {
        let read = self.learners.entry((learner, lesson)).or_default();
        let cover = if is_recent {
            &mut read.recent
        } else {
            &mut read.earlier
        };
        cover.add(piece.0, piece.1);
    }

    /// `visitor` is a mark of a visitor.
    pub(super) fn visitor_read(&mut self, visitor: u64, lesson: u32, piece: (u32, u32)) {
        self.visitors
            .entry((visitor, lesson))
            .or_default()
            .add(piece.0, piece.1);
    }

    /// Gives away what those learners read that are asked for, lessons in the order of their names.
    pub(super) fn take_of(
        &mut self,
        is_asked: impl Fn(u32) -> bool,
    ) -> HashMap<u32, Vec<LessonRead>> {
        let mut all: HashMap<u32, Vec<LessonRead>> = HashMap::new();
        let reads = std::mem::take(&mut self.learners);
        for ((learner, lesson), read) in reads
            .into_iter()
            .filter(|((learner, _), _)| is_asked(*learner))
        {
            let length = self.length(lesson);
            let cover = read.earlier.joined(&read.recent);
            let seconds = cover.seconds(length);
            let earlier = self.is_finished(read.earlier.seconds(length), length);
            let finished = self.is_finished(seconds, length);
            all.entry(learner).or_default().push(LessonRead {
                lesson,
                share: f64::from(seconds) / f64::from(length),
                recent_seconds: read.recent.seconds(length),
                finished_recently: finished && !earlier,
                cover,
                seconds,
                finished,
            });
        }
        for reads in all.values_mut() {
            reads.sort_unstable_by_key(|read| read.lesson);
        }
        all
    }

    /// How many learners and visitors started and finished each lesson, by its number.
    pub(super) fn by_everybody(&self) -> HashMap<u32, (u64, u64)> {
        let mut all: HashMap<u32, (u64, u64)> = HashMap::new();
        let learners = self
            .learners
            .iter()
            .map(|((_, lesson), read)| (*lesson, read.earlier.joined(&read.recent)));
        let visitors = self
            .visitors
            .iter()
            .map(|((_, lesson), cover)| (*lesson, cover.clone()));
        for (lesson, cover) in learners.chain(visitors) {
            let length = self.length(lesson);
            let (started, finished) = all.entry(lesson).or_default();
            *started += 1;
            *finished += u64::from(self.is_finished(cover.seconds(length), length));
        }
        all
    }

    fn is_finished(&self, seconds: u32, length: u32) -> bool {
        f64::from(seconds) / f64::from(length) >= self.threshold
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cover(pieces: &[(u32, u32)]) -> Cover {
        let mut cover = Cover::default();
        for (from, to) in pieces {
            cover.add(*from, *to);
        }
        cover
    }

    #[test]
    fn overlaps_count_once_in_any_order() {
        let pieces = [
            (20, 30),
            (0, 10),
            (5, 15),
            (22, 24),
            (0, 10),
            (15, 16),
            (40, 40),
        ];
        let forward = cover(&pieces);
        let backward = cover(&pieces.iter().rev().copied().collect::<Vec<_>>());
        assert_eq!(forward.0, [(0, 16), (20, 30)]);
        assert_eq!(backward.0, forward.0);
        assert_eq!(
            (
                forward.seconds(100),
                forward.seconds(25),
                forward.seconds(0)
            ),
            (26, 21, 0)
        );
    }

    #[test]
    fn a_tenth_is_touched_by_more_than_its_edge() {
        let tenths = |pieces: &[(u32, u32)], length| {
            let touched = cover(pieces).tenths(length);
            touched
                .iter()
                .map(|is| if *is { 'x' } else { '.' })
                .collect::<String>()
        };
        assert_eq!(tenths(&[(0, 450)], 600), "xxxxxxxx..");
        assert_eq!(tenths(&[(60, 120)], 600), ".x........");
        assert_eq!(tenths(&[(59, 121)], 600), "xxx.......");
        assert_eq!(tenths(&[(1, 2)], 5), "..xx......");
        assert_eq!(tenths(&[(0, 1)], 1), "xxxxxxxxxx");
    }
}
