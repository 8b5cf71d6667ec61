//! UTC days as plain numbers, and runs of them.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const SECONDS: i64 = 86_400;

/// Days since 1970-01-01.
pub(super) type Day = i32;

/// The UTC day of a moment.
pub(super) fn day_of(at: Timestamp) -> Day {
    // A timestamp's seconds span ± 10,000 years: its days fit.
    Day::try_from(at.as_second().div_euclid(SECONDS)).unwrap_or(Day::MAX)
}

/// The number of a calendar day.
pub(super) fn day_number(date: Date) -> Day {
    date.to_zoned(TimeZone::UTC)
        .map_or(0, |zoned| day_of(zoned.timestamp()))
}

/// The calendar day of a number.
pub(super) fn date_of(day: Day) -> Date {
    Timestamp::from_second(i64::from(day) * SECONDS)
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .to_zoned(TimeZone::UTC)
        .date()
}

/// A month as people write it: `2026-06`.
pub(super) fn month_name(date: Date) -> String {
    format!("{:04}-{:02}", date.year(), date.month())
}

/// UTC days, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Period {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
}

impl Period {
    /// The calendar month that a day lies in.
    #[must_use]
    pub fn month_of(day: Date) -> Self {
        Self {
            from: day.first_of_month(),
            to: day.last_of_month(),
        }
    }

    /// Reads `2026-06`.
    #[must_use]
    pub fn parse_month(text: &str) -> Option<Self> {
        let plain = text.len() == 7 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let day: Date = plain.then(|| format!("{text}-01").parse().ok()).flatten()?;
        Some(Self::month_of(day))
    }

    /// The `days` that end on `to`.
    #[must_use]
    pub fn ending(to: Date, days: u32) -> Self {
        let before = i64::from(days.max(1)) - 1;
        Self {
            from: to.saturating_sub(before.days()),
            to,
        }
    }

    /// The calendar months that it touches, in order, each whole.
    pub(super) fn months(self) -> Vec<Self> {
        let mut months = Vec::new();
        let mut first = self.from.first_of_month();
        while first <= self.to {
            months.push(Self::month_of(first));
            match first.checked_add(1.month()) {
                Ok(next) => first = next,
                Err(_) => break,
            }
        }
        months
    }

    /// First and last day.
    pub(super) fn days(self) -> (Day, Day) {
        (day_number(self.from), day_number(self.to))
    }

    pub(super) fn contains(self, day: Day) -> bool {
        let (first, last) = self.days();
        (first..=last).contains(&day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_a_number_and_back() {
        for text in ["1969-12-31", "1970-01-01", "2024-02-29", "2026-06-30"] {
            let date: Date = text.parse().unwrap();
            assert_eq!(date_of(day_number(date)), date);
        }
        let late: Timestamp = "2026-06-30T23:59:59.999Z".parse().unwrap();
        assert_eq!(date_of(day_of(late)), "2026-06-30".parse().unwrap());
        let before: Timestamp = "1969-12-31T23:59:59Z".parse().unwrap();
        assert_eq!(day_of(before), -1);
    }

    #[test]
    fn months_are_whole_and_written_as_year_and_month() {
        let june = Period::parse_month("2026-06").unwrap();
        assert_eq!(
            (june.from, june.to),
            ("2026-06-01".parse().unwrap(), "2026-06-30".parse().unwrap())
        );
        for wrong in ["2026-13", "2026-6", "June", "2026-06-01", "", "+026-06"] {
            assert_eq!(Period::parse_month(wrong), None, "{wrong}");
        }
        let long = Period {
            from: "2025-12-31".parse().unwrap(),
            to: "2026-02-01".parse().unwrap(),
        };
        let names: Vec<_> = long
            .months()
            .iter()
            .map(|month| month_name(month.from))
            .collect();
        assert_eq!(names, ["2025-12", "2026-01", "2026-02"]);
    }

    #[test]
    fn a_run_of_days_ends_on_its_last() {
        let week = Period::ending("2026-06-30".parse().unwrap(), 7);
        assert_eq!(week.from, "2026-06-24".parse().unwrap());
        let (first, last) = week.days();
        assert!(
            week.contains(first)
                && week.contains(last)
                && !week.contains(last + 1)
                && !week.contains(first - 1)
        );
    }
}
