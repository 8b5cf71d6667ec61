//! Billing periods on the calendar: every month on the 31st means the last day of the short months.
//!
//! All times are seconds since 1970, days are those of UTC. Source of the rule:
//! <https://docs.stripe.com/billing/subscriptions/billing-cycle>.

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use serde_json::Value;

use super::error::ApiError;
use super::fields::{MissingField, integer, text};

/// How long one period is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cycle {
    interval: Interval,
    /// 1 or more.
    count: i64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Interval {
    Day,
    Week,
    Month,
    Year,
}

/// The names of the intervals, as the API writes them.
pub(crate) const INTERVALS: [&str; 4] = ["day", "week", "month", "year"];

impl Cycle {
    /// The cycle of a recurring price; `None` for a one-time price.
    pub(crate) fn of(price: &Value) -> Result<Option<Self>, MissingField> {
        let Some(recurring) = price.get("recurring").filter(|value| !value.is_null()) else {
            return Ok(None);
        };
        let interval = match text(recurring, "interval")? {
            "day" => Interval::Day,
            "week" => Interval::Week,
            "month" => Interval::Month,
            _ => Interval::Year,
        };
        Ok(Some(Self {
            interval,
            count: integer(recurring, "interval_count")?,
        }))
    }

    /// The first boundary after `time` of the periods that `anchor` is a boundary of.
    ///
    /// # Errors
    /// If the calendar (year 9999) ends before it.
    pub(crate) fn boundary_after(self, anchor: i64, time: i64) -> Result<i64, ApiError> {
        // Counting from the anchor, not from boundary to boundary, keeps the 31st.
        let mut n = (time.saturating_sub(anchor) / self.longest()).max(0);
        loop {
            let boundary = self.boundary(anchor, n)?;
            if boundary > time {
                return Ok(boundary);
            }
            n += 1;
        }
    }

    fn boundary(self, anchor: i64, n: i64) -> Result<i64, ApiError> {
        let too_far = || ApiError::refused("date_too_far", "The calendar ends before that period.");
        let steps = n.checked_mul(self.count).ok_or_else(too_far)?;
        let span = match self.interval {
            Interval::Day => Span::new().try_days(steps),
            Interval::Week => Span::new().try_weeks(steps),
            Interval::Month => Span::new().try_months(steps),
            Interval::Year => Span::new().try_years(steps),
        };
        let start = Timestamp::from_second(anchor).map_err(|_| too_far())?;
        let end = span
            .and_then(|span| start.to_zoned(TimeZone::UTC).checked_add(span))
            .map_err(|_| too_far())?;
        Ok(end.timestamp().as_second())
    }

    /// No period is longer than this.
    fn longest(self) -> i64 {
        const DAY: i64 = 86_400;
        let one = match self.interval {
            Interval::Day => DAY,
            Interval::Week => 7 * DAY,
            Interval::Month => 31 * DAY,
            Interval::Year => 366 * DAY,
        };
        one.saturating_mul(self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn cycle(interval: &str, count: i64) -> Cycle {
        let price = json!({ "recurring": { "interval": interval, "interval_count": count } });
        Cycle::of(&price).unwrap().unwrap()
    }

    fn second(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_second()
    }

    fn boundaries(cycle: Cycle, anchor: &str, n: usize) -> Vec<String> {
        let anchor = second(anchor);
        let mut time = anchor;
        (0..n)
            .map(|_| {
                time = cycle.boundary_after(anchor, time).unwrap();
                Timestamp::from_second(time).unwrap().to_string()
            })
            .collect()
    }

    #[test]
    fn a_month_from_the_31st_ends_with_the_short_months_and_finds_back() {
        assert_eq!(
            boundaries(cycle("month", 1), "2026-01-31T10:00:00Z", 4),
            [
                "2026-02-28T10:00:00Z",
                "2026-03-31T10:00:00Z",
                "2026-04-30T10:00:00Z",
                "2026-05-31T10:00:00Z"
            ]
        );
    }

    #[test]
    fn a_year_from_the_leap_day_and_quarters_and_weeks_come_out_right() {
        assert_eq!(
            boundaries(cycle("year", 1), "2028-02-29T00:00:00Z", 4)[3],
            "2032-02-29T00:00:00Z"
        );
        assert_eq!(
            boundaries(cycle("month", 3), "2026-11-30T00:00:00Z", 2)[0],
            "2027-02-28T00:00:00Z"
        );
        assert_eq!(
            boundaries(cycle("week", 2), "2026-01-01T00:00:00Z", 1)[0],
            "2026-01-15T00:00:00Z"
        );
    }

    #[test]
    fn a_boundary_itself_belongs_to_the_next_period() {
        let month = cycle("month", 1);
        let anchor = second("2026-01-01T00:00:00Z");
        let at = second("2027-03-01T00:00:00Z");
        assert_eq!(month.boundary_after(anchor, at - 1).unwrap(), at);
        assert_eq!(
            month.boundary_after(anchor, at).unwrap(),
            second("2027-04-01T00:00:00Z")
        );
        assert!(month.boundary_after(anchor, i64::MAX / 4).is_err());
    }
}
