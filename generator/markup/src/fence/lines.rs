//! Lists of lines such as `2,5-7,10-`.

use std::{ops::RangeInclusive, str::FromStr};

/// Lines of a code block, counted from 1; may be empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Lines {
    /// In order, none touching the next.
    ranges: Vec<RangeInclusive<usize>>,
}

/// A text that lists no lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoLines;

impl Lines {
    /// Whether a line is among them.
    #[must_use]
    pub fn contains(&self, line: usize) -> bool {
        let after = self.ranges.partition_point(|range| *range.end() < line);
        self.ranges
            .get(after)
            .is_some_and(|range| range.contains(&line))
    }

    /// Whether no line is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Adds other lines.
    pub(super) fn extend(&mut self, other: Self) {
        let ranges = std::mem::take(&mut self.ranges);
        *self = Self::of(ranges.into_iter().chain(other.ranges).collect());
    }

    /// Whether a text can't be meant as lines.
    pub(super) fn is_not(text: &str) -> bool {
        !text.starts_with(|ch: char| ch.is_ascii_digit())
    }

    fn of(mut ranges: Vec<RangeInclusive<usize>>) -> Self {
        ranges.sort_by_key(|range| *range.start());
        let mut merged: Vec<RangeInclusive<usize>> = Vec::with_capacity(ranges.len());
        for range in ranges {
            match merged.last_mut() {
                Some(last) if *range.start() <= last.end().saturating_add(1) => {
                    *last = *last.start()..=*last.end().max(range.end());
                }
                _ => merged.push(range),
            }
        }
        Self { ranges: merged }
    }
}

impl FromStr for Lines {
    type Err = NoLines;

    /// `2,5-7,10-`: single lines and ranges; one without an end goes to the last line.
    fn from_str(text: &str) -> Result<Self, NoLines> {
        let ranges = text.split([',', ' ']).filter(|part| !part.is_empty());
        let ranges: Vec<_> = ranges.map(range).collect::<Result<_, _>>()?;
        match ranges.is_empty() {
            true => Err(NoLines),
            false => Ok(Self::of(ranges)),
        }
    }
}

fn range(text: &str) -> Result<RangeInclusive<usize>, NoLines> {
    let number = |text: &str| text.parse::<usize>().map_err(|_| NoLines);
    let range = match text.split_once('-') {
        None => number(text)?..=number(text)?,
        Some((first, "")) => number(first)?..=usize::MAX,
        Some((first, last)) => number(first)?..=number(last)?,
    };
    match *range.start() == 0 || range.is_empty() {
        true => Err(NoLines),
        false => Ok(range),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_lines_and_ranges_are_listed_in_any_order() {
        for list in ["2, 5-7,10-", "10-,6,5-7 2,2"] {
            let lines: Lines = list.parse().unwrap();
            let listed: Vec<_> = (1..=11).filter(|line| lines.contains(*line)).collect();
            assert_eq!(listed, [2, 5, 6, 7, 10, 11]);
            assert!(lines.contains(usize::MAX));
        }
        for wrong in [
            "",
            "0",
            "3-1",
            "x",
            "-",
            "-3",
            "1--2",
            "99999999999999999999",
        ] {
            assert_eq!(wrong.parse::<Lines>(), Err(NoLines), "{wrong:?}");
        }
    }
}
