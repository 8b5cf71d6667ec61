//! Parts of a lesson, and how much of it they cover together.

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
    /// When the lesson first counted as finished.
    pub finished_at: Option<Timestamp>,
}

impl Covered {
    /// The share of a lesson of `length` seconds that is covered, 0–1.
    pub fn share(&self, length: u32) -> f64 {
        if length == 0 {
            return 0.0;
        }
        f64::from(union(&self.segments).min(length)) / f64::from(length)
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
}
