//! What the figures depend on besides records: the days, weights and saturation points, lengths of lessons, terms of
//! offers. Read from and written to JSON under the names of the published definitions.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use tuition_catalog::{
    ActivityWeights, Catalog, Courses, Currency, OfferKind, SatisfactionWeights, Saturation, Term,
};
use utoipa::ToSchema;

use super::Period;
use crate::metrics::FINISHED;

/// Days of the activity window, if nothing else is said.
const ACTIVITY_DAYS: u32 = 28;

/// Everything that a report depends on besides its records; printed with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Params {
    /// Seconds of each lesson, by `<course id>/<lesson id>`.
    pub lessons: BTreeMap<String, u32>,
    /// Courses and their lessons in reading order. None: all lessons are one course.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub courses: Vec<Course>,
    /// Share of a lesson from which on it counts as finished.
    #[serde(default = "finished")]
    pub finish_threshold: f64,
    /// Weights of satisfaction.
    #[serde(default, rename = "wF")]
    pub satisfaction: SatisfactionWeights,
    /// Weights of activity.
    #[serde(default, rename = "wG")]
    pub activity: ActivityWeights,
    /// Where activity saturates.
    #[serde(default)]
    pub saturation: Saturation,
    /// Terms of what was ever sold, by offer id.
    pub offers: BTreeMap<String, OfferTerms>,
    /// The currency of the figures that add money up. None: that of the first offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// The month of money and traffic, as `2026-06`; or `from` and `to` instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub month: Option<String>,
    /// First day of money and traffic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// Last day of money and traffic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
    /// Last day of activity.
    pub activity_window_end: Date,
    /// Days of activity.
    #[serde(default = "activity_days")]
    pub activity_window_days: u32,
    /// Which reading counts for activity.
    #[serde(default)]
    pub activity_of: ActivityOf,
    /// First day of the records that were looked at; nothing is said of what was before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Date>,
    /// Whether the records were made up, to look at a report.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub generated: bool,
}

/// A course and its lessons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Course {
    /// Course id.
    pub id: String,
    /// Title, for people.
    #[serde(default)]
    pub title: String,
    /// `<course id>/<lesson id>`, in reading order.
    pub lessons: Vec<String>,
    /// Titles of the lessons, in the same order; may be shorter.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub titles: Vec<String>,
}

/// What an offer is and costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferTerms {
    /// What sort of thing it is.
    pub kind: OfferKind,
    /// How long one payment lasts; a subscription without it is a monthly one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Term>,
    /// Minor units of one payment, where a record does not say.
    #[serde(default)]
    pub amount: i64,
    /// Currency of a payment, where a record does not say.
    pub currency: Currency,
    /// The courses that it opens. None: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub courses: Option<Courses>,
}

/// Which reading counts for activity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ActivityOf {
    /// All of the records: they are those of the window.
    #[default]
    Records,
    /// That in the activity window; the records go further back.
    Window,
}

/// What is known of learners besides the records, by their ids.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Comments {
    /// Sentiment of each of their comments, 0–1.
    #[serde(rename = "comment_sentiment")]
    pub sentiment: BTreeMap<String, Vec<f64>>,
    /// How many comments they wrote.
    pub posts: BTreeMap<String, u64>,
}

/// Why no report can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParamsError {
    /// Neither a month nor days.
    #[error("the period is missing: a `month` like 2026-06, or `from` and `to`")]
    NoPeriod,
    /// The last day is before the first.
    #[error("the period ends before it begins")]
    Backwards,
    /// A weight that weighs nothing, or a point of saturation at nothing.
    #[error("{0} must be above 0")]
    Weights(&'static str),
}

fn finished() -> f64 {
    FINISHED
}

fn activity_days() -> u32 {
    ACTIVITY_DAYS
}

impl Params {
    /// The params of a site: money and traffic of `period`, activity of the four weeks that end with it.
    #[must_use]
    pub fn of_site(catalog: &Catalog, period: Period, since: Date) -> Self {
        let reference = |course: &str, lesson: &str| format!("{course}/{lesson}");
        let lessons = catalog.courses.iter().flat_map(|course| {
            let seconds = course.lessons.iter();
            seconds.map(|lesson| (reference(&course.id, &lesson.id), lesson.seconds))
        });
        let courses = catalog.courses.iter().map(|course| Course {
            id: course.id.clone(),
            title: course.title.clone(),
            lessons: course
                .lessons
                .iter()
                .map(|lesson| reference(&course.id, &lesson.id))
                .collect(),
            titles: course
                .lessons
                .iter()
                .map(|lesson| lesson.title.clone())
                .collect(),
        });
        let offers = catalog.offers.iter().map(|offer| {
            let price = offer
                .price_in(catalog.site.currency)
                .or_else(|| offer.prices.first().copied());
            let terms = OfferTerms {
                kind: offer.kind,
                interval: offer.term,
                amount: price.map_or(0, |price| price.amount),
                currency: price.map_or(catalog.site.currency, |price| price.currency),
                courses: Some(match offer.kind {
                    OfferKind::Donation | OfferKind::Service => Courses::Listed(Vec::new()),
                    _ => offer.courses.clone(),
                }),
            };
            (offer.id.clone(), terms)
        });
        let figures = catalog.site.metrics;
        Self {
            lessons: lessons.collect(),
            courses: courses.collect(),
            finish_threshold: FINISHED,
            satisfaction: figures.satisfaction,
            activity: figures.activity,
            saturation: figures.saturation,
            offers: offers.collect(),
            currency: Some(catalog.site.currency),
            month: None,
            from: Some(period.from),
            to: Some(period.to),
            activity_window_end: period.to,
            activity_window_days: ACTIVITY_DAYS,
            activity_of: ActivityOf::Window,
            since: Some(since),
            generated: false,
        }
    }

    /// Moves money, traffic and activity to other days.
    pub fn move_to(&mut self, period: Period) {
        self.month = None;
        (self.from, self.to) = (Some(period.from), Some(period.to));
        self.activity_window_end = period.to;
    }

    /// The days of money and traffic.
    ///
    /// # Errors
    /// [`ParamsError`] if they are not said, or the wrong way round.
    pub fn period(&self) -> Result<Period, ParamsError> {
        let month = self.month.as_deref().map(Period::parse_month);
        let period = match (month, self.from, self.to) {
            (Some(month), _, _) => month.ok_or(ParamsError::NoPeriod)?,
            (None, Some(from), Some(to)) => Period { from, to },
            _ => return Err(ParamsError::NoPeriod),
        };
        if period.to < period.from {
            return Err(ParamsError::Backwards);
        }
        Ok(period)
    }

    /// The days of activity.
    #[must_use]
    pub fn activity_window(&self) -> Period {
        Period::ending(self.activity_window_end, self.activity_window_days)
    }

    pub(super) fn check(&self) -> Result<(), ParamsError> {
        let saturation = &self.saturation;
        let points = [
            saturation.active_days,
            saturation.watch_min,
            saturation.lessons,
            saturation.posts,
        ];
        if !points.iter().all(|point| point.is_finite() && *point > 0.0) {
            return Err(ParamsError::Weights("every point of saturation"));
        }
        let weights = &self.satisfaction;
        let weights = [
            weights.csat,
            weights.sentiment,
            weights.completion,
            weights.watch,
        ];
        if !weights
            .iter()
            .all(|weight| weight.is_finite() && *weight >= 0.0)
            || weights.iter().sum::<f64>() <= 0.0
        {
            return Err(ParamsError::Weights(
                "the sum of the weights of satisfaction",
            ));
        }
        Ok(())
    }

    /// The currency of the figures that add money up.
    pub(super) fn main_currency(&self) -> Currency {
        let first = || self.offers.values().next().map(|terms| terms.currency);
        self.currency.or_else(first).unwrap_or(Currency::USD)
    }

    /// Courses and their lessons; all lessons are one course if none is named.
    pub(super) fn courses(&self) -> Vec<Course> {
        if !self.courses.is_empty() {
            return self.courses.clone();
        }
        vec![Course {
            id: String::new(),
            title: String::new(),
            lessons: self.lessons.keys().cloned().collect(),
            titles: Vec::new(),
        }]
    }
}

impl OfferTerms {
    /// Whether it is paid again each term.
    pub(super) fn renews(&self) -> bool {
        self.kind == OfferKind::Subscription
    }

    /// What a fee per term is per month: a yearly one is divided by twelve, cut to whole minor units.
    pub(super) fn monthly(&self, fee: i64) -> i64 {
        match self.interval {
            Some(Term::Year) => fee / 12,
            Some(Term::Month) | None => fee,
        }
    }

    /// Whether it opens a course.
    pub(super) fn opens(&self, course: &str) -> bool {
        self.courses
            .as_ref()
            .is_none_or(|courses| courses.contains(course))
    }
}
