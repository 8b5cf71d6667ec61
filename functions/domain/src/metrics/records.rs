//! All records of a stage, a month at a time: what its functions stored, and what the ledger says.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::report::{
    Comments, OfferTerms, Params, ParamsError, Period, Record, Report, Tally, money_records,
};
use super::{Dropped, EventBatch, MetricPorts};
use crate::ports::{Events, Ledger, Unavailable};

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
    /// hears of the last day of each month of events that is done. Few of the records are in memory at once.
    pub async fn each(
        &self,
        offers: &BTreeMap<String, OfferTerms>,
        since: Date,
        to: Date,
        mut take: impl FnMut(&Record<'_>) + Send,
        mut passed: impl FnMut(Date) + Send,
    ) -> Result<DroppedOn, Unavailable> {
        let back = since.min(to.saturating_sub(LEDGER_DAYS.days()));
        let entries = self.ledger.ledger(back, to).await?;
        for record in money_records(&entries, offers, self.now) {
            take(&record);
        }
        let mut dropped = DroppedOn::default();
        let mut first = since;
        while first <= to {
            let last = first.last_of_month().min(to);
            let mut each = |batch: EventBatch| {
                dropped.add(&batch);
                for event in &batch.events {
                    take(&Record::from(event));
                }
            };
            self.events.each_batch(first, last, &mut each).await?;
            passed(last);
            match last.checked_add(1.day()) {
                Ok(next) => first = next,
                Err(_) => break,
            }
        }
        Ok(dropped)
    }
}

/// How much was dropped, by the day on which it came.
#[derive(Debug, Clone, Default)]
pub struct DroppedOn(BTreeMap<Date, Dropped>);

impl DroppedOn {
    pub(super) fn add(&mut self, batch: &EventBatch) {
        let day = self.0.entry(batch.day).or_default();
        *day = day.and(batch.dropped);
    }

    /// On the days of a period together.
    #[must_use]
    pub fn within(&self, period: Period) -> Dropped {
        let days = self.0.range(period.from..=period.to);
        days.fold(Dropped::default(), |sum, (_, day)| sum.and(*day))
    }
}

/// The report of a period for the author's page, and how much of what came in it was dropped. Events of the
/// three months before it are looked at, too. How many comments learners wrote is not known here.
pub async fn report_of(
    ports: &MetricPorts,
    period: Period,
) -> Result<(Report, Dropped), FiguresError> {
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
    let dropped = records
        .each(&offers, since, to, |record| tally.add(record), |_| {})
        .await?;
    Ok((tally.report(), dropped.within(period)))
}
