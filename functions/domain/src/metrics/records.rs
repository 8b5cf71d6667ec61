//! All records of a stage, a week at a time: what its functions stored, and what the ledger says.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::MetricPorts;
use super::report::{
    Comments, OfferTerms, Params, ParamsError, Period, Record, Report, Tally, money_records,
};
use crate::ports::{Events, Ledger, Unavailable};

/// Days of events that are in memory at once.
const AT_ONCE: i32 = 7;
/// How far the ledger is read back: a yearly subscription that is on was paid within this time.
const LEDGER_DAYS: i32 = 400;
/// How far the events are read back for the author's page, so that it is there in a moment.
const PAGE_DAYS: i32 = 91;

/// Where records come from.
#[derive(Clone, Copy)]
pub struct Records<'a> {
    /// Usage facts.
    pub events: &'a dyn Events,
    /// Money facts.
    pub ledger: &'a dyn Ledger,
    /// The time, which decides which subscriptions are still on.
    pub now: Timestamp,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum FiguresError {
    /// The days or weights make none.
    #[error(transparent)]
    Params(#[from] ParamsError),
    /// A store is away.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Records<'_> {
    /// Hands over every record from `since` to `to`, money first: from the ledger also what is a year older. `passed`
    /// hears of each day of events that is done.
    pub async fn each(
        &self,
        offers: &BTreeMap<String, OfferTerms>,
        since: Date,
        to: Date,
        mut take: impl FnMut(&Record<'_>) + Send,
        mut passed: impl FnMut(Date) + Send,
    ) -> Result<(), Unavailable> {
        let back = since.min(to.saturating_sub(LEDGER_DAYS.days()));
        let entries = self.ledger.ledger(back, to).await?;
        for record in money_records(&entries, offers, self.now) {
            take(&record);
        }
        let mut first = since;
        while first <= to {
            let last = first.saturating_add((AT_ONCE - 1).days()).min(to);
            for event in self.events.events(first, last).await? {
                take(&Record::from(&event));
            }
            passed(last);
            match last.checked_add(1.day()) {
                Ok(next) => first = next,
                Err(_) => break,
            }
        }
        Ok(())
    }
}

/// The report of a period for the author's page, and how many events of the period were dropped. Events of the
/// three months before it are looked at, too. How many comments learners wrote is not known here.
pub async fn report_of(ports: &MetricPorts, period: Period) -> Result<(Report, u64), FiguresError> {
    let now = ports.clock.now();
    let today = now.to_zoned(TimeZone::UTC).date();
    let since = period.from.saturating_sub(PAGE_DAYS.days());
    let mut params = Params::of_site(&ports.catalog.catalog(), period, since);
    params.activity_window_end = period.to.min(today);
    let offers = params.offers.clone();
    let mut tally = Tally::new(params, Comments::default())?;
    let records = Records {
        events: ports.events.as_ref(),
        ledger: ports.ledger.as_ref(),
        now,
    };
    let to = period.to.min(today);
    records
        .each(&offers, since, to, |record| tally.add(record), |_| {})
        .await?;
    let dropped = ports.events.dropped(period.from, to).await?;
    Ok((tally.report(), dropped))
}
