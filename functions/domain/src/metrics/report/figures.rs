//! The figures of a report, as they are written: names and nesting are those of the published definitions.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Activity, Cohort, LessonUse, LinkFigures, Params, Period, Searches};

/// Everything that a report says. The same records give the same report, whatever order and batches they came in and
/// however often. Learners are named by their random ids. What is divided by nothing is `null`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// What the figures depend on besides the records.
    pub params: Params,
    /// The days of money and traffic.
    pub period: Period,
    /// The days of activity.
    pub activity_window: Period,
    /// The currency of the figures that add money up.
    pub currency: String,
    /// How many records it comes from.
    pub records: Records,

    /// Of each buyer, the share of each lesson that they covered.
    pub coverage: BTreeMap<String, BTreeMap<Arc<str>, f64>>,
    /// Lessons that each buyer finished.
    pub lessons_finished: BTreeMap<String, u64>,
    /// Lessons that each buyer started.
    pub lessons_started: BTreeMap<String, u64>,
    /// Finished lessons ÷ lessons of what they bought, by buyer.
    pub completion_rate: BTreeMap<String, f64>,
    /// Share of buyers who finished all.
    pub course_completion_rate: Option<f64>,
    /// Buyers who started and finished each lesson.
    pub lesson_funnel: BTreeMap<String, LessonFunnel>,
    /// Share of a lesson's starters who saw any of each tenth of it.
    pub retention: BTreeMap<String, [f64; 10]>,
    /// Learners and visitors of a day who started and finished each lesson.
    pub readers: BTreeMap<String, LessonFunnel>,
    /// By course.
    pub courses: Vec<CourseFigures>,

    /// Share of scores 4–5.
    #[serde(rename = "CSAT")]
    pub csat: Option<f64>,
    /// Mean score, 1–5.
    #[serde(rename = "CSAT_mean")]
    pub csat_mean: Option<f64>,
    /// How many scores there are.
    #[serde(rename = "CSAT_answers")]
    pub csat_answers: u64,
    /// Net promoter score, −100 to 100.
    #[serde(rename = "NPS")]
    pub nps: Option<f64>,
    /// How many scores there are.
    #[serde(rename = "NPS_answers")]
    pub nps_answers: u64,
    /// Satisfaction of each buyer.
    #[serde(rename = "F_i")]
    pub satisfaction_of: BTreeMap<String, Satisfaction>,
    /// Their sum.
    #[serde(rename = "F")]
    pub satisfaction: f64,
    /// Their mean.
    #[serde(rename = "F_mean")]
    pub satisfaction_mean: Option<f64>,
    /// Buyers who answered how satisfied they are.
    #[serde(rename = "F_answered")]
    pub satisfaction_answered: u64,

    /// Activity of each buyer.
    #[serde(rename = "G_i")]
    pub activity_of: BTreeMap<String, Activity>,
    /// Their sum.
    #[serde(rename = "G")]
    pub activity: f64,
    /// Their mean.
    #[serde(rename = "G_mean")]
    pub activity_mean: Option<f64>,
    /// Their sum by what led the buyers here first.
    #[serde(rename = "G_by_first_touch")]
    pub activity_by_first_touch: BTreeMap<String, TouchActivity>,
    /// Learners on the window's last day.
    #[serde(rename = "DAU_last")]
    pub dau_last: u64,
    /// Learners of a day, mean over the window.
    #[serde(rename = "DAU_mean28")]
    pub dau_mean: f64,
    /// Learners of the window's last seven days.
    #[serde(rename = "WAU")]
    pub wau: u64,
    /// Learners of the window.
    #[serde(rename = "MAU")]
    pub mau: u64,
    /// Mean day ÷ window.
    pub stickiness: Option<f64>,
    /// Learners by the month in which they paid first.
    pub cohorts: Vec<Cohort>,

    /// From a visit to a purchase.
    pub page_funnel: PageFunnel,
    /// Pages by views, most first.
    pub pages: Vec<PageViews>,
    /// Where visits came from, most first.
    pub sources: Vec<Source>,
    /// Every day of the period.
    pub days: Vec<DayFigures>,
    /// What was searched for.
    pub searches: Searches,
    /// What was done in each lesson besides reading, where anything was.
    pub lesson_use: BTreeMap<String, LessonUse>,
    /// Links to other sites, most followed first.
    pub links_out: Vec<LinkFigures>,

    /// One-time purchases.
    pub revenue: Revenue,
    /// What moved, by currency; equals the ledger.
    pub takings: BTreeMap<String, Takings>,
    /// By offer, most first.
    pub offers: Vec<OfferFigures>,
    /// Monthly recurring revenue and how it moved.
    #[serde(rename = "MRR")]
    pub mrr: Movements,
    /// The same for each of the twelve months up to the period's last.
    #[serde(rename = "MRR_months")]
    pub mrr_months: Vec<Movements>,
    /// Who subscribes.
    pub subscribers: Subscribers,
    /// Subscribers at the start who are none at the end ÷ subscribers at the start.
    pub logo_churn_monthly: Option<f64>,
    /// Churned ÷ start of recurring revenue.
    pub revenue_churn_gross: Option<f64>,
    /// Net revenue retention.
    #[serde(rename = "NRR")]
    pub nrr: Option<f64>,
    /// Recurring revenue ÷ subscribers at the end.
    #[serde(rename = "ARPU_month")]
    pub arpu: Option<f64>,
    /// ARPU ÷ logo churn.
    #[serde(rename = "LTV_simple")]
    pub ltv: Option<f64>,
    /// What each learner brought.
    #[serde(rename = "R_i")]
    pub revenue_of: BTreeMap<String, i64>,
    /// Their sum.
    #[serde(rename = "R")]
    pub revenue_sum: i64,
    /// The money figures in each other currency in which something moved.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub other_currencies: BTreeMap<String, OtherCurrency>,
}

/// How many records a report comes from, each counted once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Records {
    /// Those that the figures come from.
    pub used: u64,
    /// Facts of a kind that this version does not know.
    pub unknown: u64,
    /// Facts of a known kind that lack something, or are about a lesson or offer that is not there.
    pub unusable: u64,
}

/// How a lesson was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct LessonFunnel {
    /// Who covered any of it.
    pub started: u64,
    /// Who covered enough.
    pub finished: u64,
}

/// What its buyers did with a course and say of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct CourseFigures {
    /// Course id.
    pub course: String,
    /// Who bought an offer that opens it.
    pub buyers: u64,
    /// Those who started any lesson.
    pub started: u64,
    /// Those who finished every lesson.
    pub completed: u64,
    /// Completed ÷ buyers.
    pub completion_rate: Option<f64>,
    /// Share of scores 4–5.
    pub csat: Option<f64>,
    /// How many scores there are.
    pub csat_answers: u64,
    /// Net promoter score.
    pub nps: Option<f64>,
    /// How many scores there are.
    pub nps_answers: u64,
}

/// Satisfaction of a learner.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct Satisfaction {
    /// What was observed.
    pub components: SatisfactionParts,
    /// 0–100.
    #[serde(rename = "F")]
    pub satisfaction: f64,
}

/// What was observed of a learner's satisfaction, each 0–1.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, ToSchema)]
pub struct SatisfactionParts {
    /// Their score.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub csat: Option<f64>,
    /// Mean sentiment of their comments.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sentiment: Option<f64>,
    /// Finished lessons ÷ lessons of what they bought.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completion: Option<f64>,
    /// Covered seconds ÷ seconds of what they bought.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watch: Option<f64>,
}

/// Activity of the learners whom one source led here first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, ToSchema)]
pub struct TouchActivity {
    /// How many buyers.
    pub learners: u64,
    /// Sum of their activity.
    #[serde(rename = "G")]
    pub activity: f64,
}

/// Distinct visitors on the way to a purchase.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, ToSchema)]
pub struct PageFunnel {
    /// Saw a page.
    pub view: u64,
    /// Opened a checkout.
    pub checkout: u64,
    /// Bought.
    pub purchase: u64,
    /// Checkout ÷ view.
    pub view_to_checkout: Option<f64>,
    /// Purchase ÷ checkout.
    pub checkout_to_purchase: Option<f64>,
    /// Purchase ÷ view.
    pub view_to_purchase: Option<f64>,
}

/// How often a page was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PageViews {
    /// Its path.
    pub path: String,
    /// Views.
    pub views: u64,
    /// Distinct visitors, per day; nobody is followed over days.
    pub visitor_days: u64,
}

/// Where visits came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Source {
    /// The campaign's source, or the host of the page that led here, or `direct`.
    pub source: String,
    /// The campaign; may be empty.
    pub campaign: String,
    /// Views.
    pub views: u64,
    /// Distinct visitors, per day.
    pub visitor_days: u64,
}

/// One day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DayFigures {
    /// The UTC day.
    pub day: Date,
    /// Page views.
    pub views: u64,
    /// Distinct visitors.
    pub visitors: u64,
    /// Signed-in learners who were here.
    pub learners: u64,
}

/// One-time purchases of a period, in minor units of one currency.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct Revenue {
    /// Money in.
    pub gross: i64,
    /// Given back.
    pub refunds: i64,
    /// Taken by banks.
    pub disputes: i64,
    /// What is left.
    pub net_one_time: i64,
    /// Orders paid.
    pub orders: u64,
    /// Orders of which something was given back.
    pub refunded_orders: u64,
    /// Refunded orders ÷ orders.
    pub refund_rate_orders: Option<f64>,
    /// Refunds ÷ gross.
    pub refund_rate_amount: Option<f64>,
    /// By what led the buyers here last.
    pub by_last_touch: BTreeMap<String, Touch>,
}

/// What one source brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Touch {
    /// Orders paid.
    pub orders: u64,
    /// Money in.
    pub gross: i64,
    /// Less what went back.
    pub net: i64,
}

/// What moved in one currency, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Takings {
    /// Money in: after discounts, with tax.
    pub gross: i64,
    /// Of that, bought for good or for one term.
    pub one_time: i64,
    /// Of that, terms of subscriptions.
    pub recurring: i64,
    /// Given back.
    pub refunds: i64,
    /// Taken by banks.
    pub disputes: i64,
    /// What is left, before the provider's fees.
    pub net: i64,
    /// Taken off by coupons.
    pub discounts: i64,
    /// Orders of which a coupon took something off.
    pub discounted_orders: u64,
    /// Orders of which something was paid.
    pub orders: u64,
    /// Orders of which something was given back.
    pub refunded_orders: u64,
}

/// What an offer brought, in minor units of one currency.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct OfferFigures {
    /// Offer id.
    pub offer: String,
    /// Orders of which something was paid.
    pub orders: u64,
    /// Money in.
    pub gross: i64,
    /// Refunds, and what banks took.
    pub back: i64,
    /// Orders of which a coupon took something off.
    pub discounted_orders: u64,
    /// Taken off by coupons.
    pub discounts: i64,
}

/// Monthly recurring revenue over a month, in minor units: start + new + expansion − contraction − churned = end.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Movements {
    /// The month in which it begins, as `2026-06`.
    pub month: String,
    /// At the end of the day before.
    pub start: i64,
    /// Of who began.
    pub new: i64,
    /// More of who went on.
    pub expansion: i64,
    /// Less of who went on.
    pub contraction: i64,
    /// Of who ended.
    pub churned: i64,
    /// At the end of the last day.
    pub end: i64,
    /// Whether the movements lead from start to end.
    pub identity_holds: bool,
}

/// Who subscribes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Subscribers {
    /// At the end of the day before, sorted.
    pub start: Vec<String>,
    /// At the end of the last day, sorted.
    pub end: Vec<String>,
}

/// The money figures of a currency that is not the report's.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OtherCurrency {
    /// One-time purchases.
    pub revenue: Revenue,
    /// By offer, most first.
    pub offers: Vec<OfferFigures>,
    /// Monthly recurring revenue.
    #[serde(rename = "MRR")]
    pub mrr: Movements,
    /// What each learner brought, where it is not nothing.
    #[serde(rename = "R_i")]
    pub revenue_of: BTreeMap<String, i64>,
    /// Their sum.
    #[serde(rename = "R")]
    pub revenue_sum: i64,
}
