//! The days of a year or more on which somebody was here, a bit each.

use super::day::Day;

/// A set of days. Grows with the time from the first to the last of them.
#[derive(Debug, Clone, Default)]
pub(super) struct DaySet {
    /// Number of the first word: 64 days each.
    first: i32,
    words: Vec<u64>,
}

impl DaySet {
    pub(super) fn insert(&mut self, day: Day) {
        let word = day.div_euclid(64);
        if self.words.is_empty() {
            self.first = word;
        }
        if word < self.first {
            let missing = usize::try_from(self.first.abs_diff(word)).unwrap_or_default();
            self.words.splice(0..0, std::iter::repeat_n(0, missing));
            self.first = word;
        }
        let at = usize::try_from(word.abs_diff(self.first)).unwrap_or_default();
        if at >= self.words.len() {
            self.words.resize(at + 1, 0);
        }
        if let Some(bits) = self.words.get_mut(at) {
            *bits |= 1 << day.rem_euclid(64);
        }
    }

    pub(super) fn contains(&self, day: Day) -> bool {
        let at = day
            .div_euclid(64)
            .checked_sub(self.first)
            .and_then(|at| usize::try_from(at).ok());
        let bits = at.and_then(|at| self.words.get(at));
        bits.is_some_and(|bits| bits & (1 << day.rem_euclid(64)) != 0)
    }

    /// How many of the days `first..=last` are in it.
    pub(super) fn count(&self, first: Day, last: Day) -> u32 {
        (first..=last)
            .map(|day| u32::from(self.contains(day)))
            .sum()
    }

    /// Whether any of the days `first..=last` is in it.
    pub(super) fn any(&self, first: Day, last: Day) -> bool {
        (first..=last).any(|day| self.contains(day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_kept_in_whatever_order_they_come() {
        let days = [20_600, 20_000, 20_063, 20_064, -1, -64, -65, 0, 20_600];
        let mut set = DaySet::default();
        for day in days {
            set.insert(day);
        }
        for day in -200..21_000 {
            assert_eq!(set.contains(day), days.contains(&day), "{day}");
        }
        assert_eq!(set.count(-65, 0), 4);
        assert!(!set.any(20_601, 20_700) && set.any(20_500, 20_600));
    }
}
