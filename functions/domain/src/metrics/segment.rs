//! Parts of a lesson and how much of it they cover together; what its reader says of it, and where they stopped.

use jiff::Timestamp;

/// Share of a lesson from which on it counts as finished.
pub const FINISHED: f64 = 0.9;

/// Seconds `from..to` of a lesson's length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Segment {
    /// First second.
    pub from: u32,
    /// First second that is not in it; above `from`.
    pub to: u32,
}

/// What a learner has covered of one lesson.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Covered {
    /// `<course id>/<lesson id>`.
    pub lesson: String,
    /// The segments, in any order, overlapping or not.
    pub segments: Vec<Segment>,
    /// When one was last added.
    pub updated_at: Timestamp,
    /// When enough of it was covered first.
    pub finished_at: Option<Timestamp>,
    /// What the learner said of it last.
    pub mark: Option<Mark>,
    /// Where they stopped in it last.
    pub place: Option<Place>,
}

/// What a learner says of a lesson. Of two the later one counts, whichever came first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Whether they are done with it.
    pub done: bool,
    /// When they said so, to the millisecond.
    pub at: Timestamp,
}

/// Where a learner stopped in a lesson. Of two the later one counts, whichever came first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Id of the last heading that they had passed; empty before the first.
    pub heading: String,
    /// When, to the millisecond.
    pub at: Timestamp,
}

impl Covered {
    /// The share of a lesson of `length` seconds that is covered, 0–1.
    pub fn share(&self, length: u32) -> f64 {
        if length == 0 {
            return 0.0;
        }
        f64::from(union(&self.segments).min(length)) / f64::from(length)
    }

    /// Since when the lesson is done: covered far enough, or said to be done; `None` if it is not, or if the learner has
    /// said after that that it is not.
    pub fn done_at(&self) -> Option<Timestamp> {
        match self.mark {
            Some(mark) if mark.done => Some(self.finished_at.map_or(mark.at, |at| at.min(mark.at))),
            Some(mark) => self.finished_at.filter(|at| *at > mark.at),
            None => self.finished_at,
        }
    }
}

/// Seconds that lie in at least one segment.
pub(super) fn union(segments: &[Segment]) -> u32 {
    let mut sorted = segments.to_vec();
    sorted.sort_unstable();
    let mut seconds = 0;
    let mut end = 0;
    for segment in sorted {
        seconds += segment.to.saturating_sub(segment.from.max(end));
        end = end.max(segment.to);
    }
    seconds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overlaps_count_once() {
        let segments =
            [(0, 10), (5, 15), (20, 30), (22, 24), (0, 10)].map(|(from, to)| Segment { from, to });
        assert_eq!(union(&segments), 25);
        assert_eq!(union(&[]), 0);
    }

    #[test]
    fn a_lesson_is_done_by_reading_or_by_word_and_the_later_word_undoes_it() {
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let done = |finished: Option<i64>, mark: Option<(bool, i64)>| {
            let covered = Covered {
                lesson: "rust/traits".to_owned(),
                segments: Vec::new(),
                updated_at: at(0),
                finished_at: finished.map(at),
                mark: mark.map(|(done, second)| Mark {
                    done,
                    at: at(second),
                }),
                place: None,
            };
            covered.done_at().map(Timestamp::as_second)
        };
        assert_eq!(done(None, None), None);
        assert_eq!(done(Some(5), None), Some(5));
        assert_eq!(done(None, Some((true, 7))), Some(7));
        assert_eq!(done(Some(5), Some((true, 7))), Some(5));
        assert_eq!(done(Some(9), Some((true, 7))), Some(7));
        assert_eq!(done(Some(5), Some((false, 7))), None);
        assert_eq!(done(None, Some((false, 7))), None);
        assert_eq!(done(Some(9), Some((false, 7))), Some(9));
    }
}
