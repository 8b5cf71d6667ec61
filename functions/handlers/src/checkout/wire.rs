//! Bodies of the checkout routes.

use serde::Serialize;
use tuition_catalog::{Courses, Money, Offer, OfferKind, Term};
use tuition_domain::shape::{CoursesShape, MoneyShape};
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
    #[schema(value_type = CoursesShape)]
    courses: Courses,
    /// One for each currency, that of the site first; empty for `free`.
    #[schema(value_type = Vec<MoneyShape>)]
    prices: Vec<Money>,
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
            courses: offer.courses.clone(),
            prices: offer.prices.clone(),
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

/// The provider's page to manage a subscription at.
#[derive(Serialize, ToSchema)]
pub(super) struct PortalResponse {
    /// Its address; good for a few minutes.
    url: String,
}
