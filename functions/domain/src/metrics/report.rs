//! The report: what learners did, what they think and what it earned, computed from raw records.
//!
//! [`Tally`] takes [`Record`]s one by one, in any order and any number of times, and keeps of them only what
//! the figures need: memory grows with learners, lessons they opened and ids to know again, not with what was
//! recorded. [`Tally::report`] then computes every figure in an order that does not depend on the records'.
//! Nothing here knows where records come from or how a report is shown.

mod activity;
mod cohorts;
mod compute;
mod day;
mod day_set;
mod figures;
mod interest;
mod ledger;
mod money;
mod params;
mod reading;
mod record;
mod satisfaction;
mod seen;
mod subscriptions;
mod tally;
mod traffic;

pub use activity::{Activity, ActivityParts};
pub use cohorts::Cohort;
pub use day::Period;
pub use figures::{
    CourseFigures, DayFigures, LessonFunnel, Movements, OfferFigures, OtherCurrency, PageFunnel,
    PageViews, Records, Report, Revenue, Satisfaction, SatisfactionParts, Source, Subscribers,
    Takings, Touch, TouchActivity,
};
pub use interest::{LessonUse, LinkFigures, SearchFigures, Searches};
pub use ledger::money_records;
pub use params::{ActivityOf, Comments, Course, OfferTerms, Params, ParamsError};
pub use record::{Record, RecordKind};
pub use tally::{GENERATED, Tally};
