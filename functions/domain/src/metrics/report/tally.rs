//! Takes records one by one and keeps of each what the figures need.

use super::activity::Presence;
use super::day::{Day, day_of};
use super::figures::Records;
use super::interest::Interest;
use super::money::Money;
use super::params::{ActivityOf, Comments, Params, ParamsError};
use super::reading::Reading;
use super::satisfaction::Voices;
use super::seen::{Marks, Names, mark_of};
use super::traffic::Traffic;
use super::{Period, Record, RecordKind};

/// What ids of made-up records begin with; no browser may choose such a one.
pub const GENERATED: &str = "demo/";

/// What is kept of the records.
#[derive(Debug)]
pub struct Tally {
    pub(super) params: Params,
    pub(super) period: Period,
    pub(super) comments: Comments,
    ids: Marks,
    pub(super) learners: Names,
    pub(super) reading: Reading,
    pub(super) voices: Voices,
    pub(super) presence: Presence,
    pub(super) traffic: Traffic,
    pub(super) interest: Interest,
    pub(super) money: Money,
    pub(super) records: Records,
    duplicates: u64,
    /// First and last day whose reading counts for activity.
    recent: (Day, Day),
}

impl Tally {
    /// Nothing yet. `comments` is what is known of learners besides the records.
    ///
    /// # Errors
    /// [`ParamsError`] if the params make no report.
    pub fn new(params: Params, comments: Comments) -> Result<Self, ParamsError> {
        params.check()?;
        let period = params.period()?;
        let recent = match params.activity_of {
            ActivityOf::Records => (Day::MIN, Day::MAX),
            ActivityOf::Window => params.activity_window().days(),
        };
        Ok(Self {
            period,
            comments,
            ids: Marks::default(),
            learners: Names::default(),
            reading: Reading::new(&params),
            voices: Voices::default(),
            presence: Presence::default(),
            traffic: Traffic::new(period),
            interest: Interest::new(period.days()),
            money: Money::default(),
            records: Records::default(),
            duplicates: 0,
            recent,
            params,
        })
    }

    /// Takes one record. One whose id was there already changes nothing.
    pub fn add(&mut self, record: &Record<'_>) {
        if !self.ids.insert(mark_of(&record.id)) {
            self.duplicates += 1;
            return;
        }
        if record.id.starts_with(GENERATED) {
            self.params.generated = true;
        }
        if record.kind == RecordKind::Unknown {
            self.records.unknown += 1;
            return;
        }
        match self.take(record) {
            Some(()) => self.records.used += 1,
            None => self.records.unusable += 1,
        }
    }

    /// How many records had an id that was there already.
    #[must_use]
    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// `None` if the record lacks what its kind needs.
    fn take(&mut self, record: &Record<'_>) -> Option<()> {
        let learner = match record.learner.as_ref() {
            "" => None,
            name => Some(self.learners.number(name)),
        };
        match record.kind {
            RecordKind::PageView => self.traffic.view(record),
            RecordKind::CheckoutStart => self.traffic.checkout(record),
            RecordKind::Purchase => {
                self.money.purchase(record, learner?, &self.params)?;
                self.traffic.purchase(record);
            }
            RecordKind::SubscriptionPayment => {
                self.money.payment(record, learner?, &self.params)?
            }
            RecordKind::Refund => self.money.refund(record, learner?, &self.params)?,
            RecordKind::Dispute => self.money.dispute(record, learner?, &self.params)?,
            RecordKind::SubscriptionStart => {
                self.money
                    .subscription(record, learner?, &self.params, true)?
            }
            RecordKind::SubscriptionEnd => {
                self.money
                    .subscription(record, learner?, &self.params, false)?
            }
            RecordKind::Watch => self.read(record, learner)?,
            RecordKind::Finish => self
                .interest
                .used(record, day_of(record.at), |used| used.marked_done += 1)?,
            RecordKind::Copy => self
                .interest
                .used(record, day_of(record.at), |used| used.copied += 1)?,
            RecordKind::Run => self
                .interest
                .used(record, day_of(record.at), |used| used.run += 1)?,
            RecordKind::Search => self.interest.search(record, day_of(record.at))?,
            RecordKind::LinkOut => self.interest.link(record, day_of(record.at))?,
            RecordKind::Question => self
                .interest
                .used(record, day_of(record.at), |used| used.asked += 1)?,
            RecordKind::Active => self.presence.was_here(learner?, day_of(record.at)),
            RecordKind::Csat => self.voices.csat(learner?, &record.course, record.score?)?,
            RecordKind::Nps => self.voices.nps(&record.course, record.score?)?,
            RecordKind::Unknown => return None,
        }
        Some(())
    }

    fn read(&mut self, record: &Record<'_>, learner: Option<u32>) -> Option<()> {
        let lesson = self.reading.lesson(&record.lesson)?;
        let piece = (record.from?, record.to?);
        (piece.0 < piece.1).then_some(())?;
        let day = day_of(record.at);
        match learner {
            Some(learner) => {
                let is_recent = (self.recent.0..=self.recent.1).contains(&day);
                self.reading.learner_read(learner, lesson, piece, is_recent);
            }
            // Visitors of a day are another one on the next, so only those of the period are kept.
            None if self.period.contains(day) => {
                self.reading
                    .visitor_read(mark_of(&record.visitor), lesson, piece);
            }
            None => {}
        }
        Some(())
    }
}
