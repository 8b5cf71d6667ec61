//! Bodies of the checkout routes.

use serde::Serialize;
use tuition_catalog::{Courses, Money, Offer, OfferKind, Term};
use utoipa::ToSchema;

/// What is for sale.
#[derive(Serialize, ToSchema)]
pub(super) struct OffersResponse {
    /// In the order of the site.
    pub(super) offers: Vec<OfferResponse>,
}

/// One offer.
#[derive(Serialize, ToSchema)]
#[schema(as = Offer)]
pub(super) struct OfferResponse {
    /// Stable; what a checkout session names.
    id: String,
    /// What sort of thing it is.
    kind: OfferKindName,
    /// In the default language of the site.
    title: String,
    /// What it opens.
    courses: CoursesResponse,
    /// One for each currency, that of the site first; empty for `free`.
    prices: Vec<MoneyResponse>,
    /// How long one payment lasts; null: for good.
    #[schema(required)]
    term: Option<TermName>,
}

impl From<&Offer> for OfferResponse {
    fn from(offer: &Offer) -> Self {
        Self {
            id: offer.id.clone(),
            kind: offer.kind.into(),
            title: offer.title.clone(),
            courses: (&offer.courses).into(),
            prices: offer.prices.iter().map(Into::into).collect(),
            term: offer.term.map(Into::into),
        }
    }
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = OfferKind)]
enum OfferKindName {
    Course,
    Bundle,
    Subscription,
    Pass,
    Donation,
    Free,
    Service,
}

impl From<OfferKind> for OfferKindName {
    fn from(kind: OfferKind) -> Self {
        match kind {
            OfferKind::Course => Self::Course,
            OfferKind::Bundle => Self::Bundle,
            OfferKind::Subscription => Self::Subscription,
            OfferKind::Pass => Self::Pass,
            OfferKind::Donation => Self::Donation,
            OfferKind::Free => Self::Free,
            OfferKind::Service => Self::Service,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = Term)]
enum TermName {
    Month,
    Year,
}

impl From<Term> for TermName {
    fn from(term: Term) -> Self {
        match term {
            Term::Month => Self::Month,
            Term::Year => Self::Year,
        }
    }
}

/// Ids of courses, or `*` for every course, those to come too.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = Courses)]
enum CoursesResponse {
    Listed(Vec<String>),
    All(Star),
}

/// All.
#[derive(Serialize, ToSchema)]
enum Star {
    #[serde(rename = "*")]
    Star,
}

impl From<&Courses> for CoursesResponse {
    fn from(courses: &Courses) -> Self {
        match courses {
            Courses::All => Self::All(Star::Star),
            Courses::Listed(ids) => Self::Listed(ids.clone()),
        }
    }
}

/// An amount of money.
#[derive(Serialize, ToSchema)]
#[schema(as = Money)]
struct MoneyResponse {
    /// Minor units: 4900 is $49.00, and ¥4900 in JPY.
    amount: i64,
    /// ISO 4217 code.
    currency: String,
}

impl From<&Money> for MoneyResponse {
    fn from(money: &Money) -> Self {
        Self {
            amount: money.amount,
            currency: money.currency.to_string(),
        }
    }
}

/// The provider's page to manage a subscription at.
#[derive(Serialize, ToSchema)]
pub(super) struct PortalResponse {
    /// Its address; good for a few minutes.
    url: String,
}
