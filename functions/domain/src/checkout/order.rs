//! Orders and what is written with them, as the domain sees them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tuition_catalog::{Courses, Money, OfferKind, Term};
use utoipa::ToSchema;

use super::{Booked, LedgerEntry, SubscriptionState};
use crate::access::Entitlement;
use crate::email::Email;
use crate::identity::{LearnerId, OrderId, SecretHash};
use crate::mail::Locale;
use crate::next::NextPath;
use crate::outbox::QueuedMail;

/// One checkout session and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// The provider's checkout session id.
    pub id: OrderId,
    /// The offer's id.
    pub offer: String,
    /// What sort of offer it was when sold.
    pub kind: OfferKind,
    /// Its title when sold, for the receipt.
    pub title: String,
    /// The courses it opens, as sold: a later change of the offer takes nothing away.
    pub courses: Courses,
    /// How long it lasts, as sold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub term: Option<Term>,
    /// How many were bought, at least 1.
    pub quantity: u32,
    /// What it costs before discounts and taxes; of a subscription, a term of it.
    pub price: Money,
    /// The coupon that was asked for; without one nothing may have been taken off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coupon: Option<String>,
    /// The learner who was signed in when buying.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buyer: Option<LearnerId>,
    /// Hash of the secret of the buying browser.
    pub browser: SecretHash,
    /// Where the buyer came from.
    pub next: NextPath,
    /// Language of the receipt.
    pub locale: Locale,
    /// When the checkout began.
    pub created_at: Timestamp,
    /// What became of it.
    pub status: OrderStatus,
    /// When it was first seen paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid_at: Option<Timestamp>,
    /// Who holds the entitlement; set when first paid. After erasure an id that leads nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<LearnerId>,
    /// Address given at the payment page; `None` after erasure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// What the provider asked the buyer to pay at once; `None` before it was first looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Money>,
    /// What the ledger has of it.
    #[serde(default)]
    pub booked: Booked,
    /// What became of it, if it is paid again each term.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewal: Option<Renewal>,
    /// Whether its receipt was written.
    pub receipted: bool,
    /// Whether whoever bought it was erased: then it opens nothing to anybody, and grants nothing,
    /// whatever becomes of the money.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub erased: bool,
    /// Why it was last written: the provider's event, or another occasion to look.
    pub cause: String,
    /// Starts at 1 and rises with each write: the condition of the next one.
    pub version: u64,
}

/// An order that is paid again each term, as the provider had it last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renewal {
    /// The provider's id of the subscription.
    pub subscription: String,
    /// Whether it runs.
    pub state: SubscriptionState,
    /// First instant at which it opens nothing; `None`: nothing now.
    pub opens_until: Option<Timestamp>,
    /// Whether no further term follows.
    pub ends_then: bool,
    /// The offer it is on, which a change of plan replaces.
    pub offer: String,
    /// What that offer opened when it was taken.
    pub courses: Courses,
}

impl Order {
    /// Whether it opens its courses at `now`.
    pub fn opens(&self, now: Timestamp) -> bool {
        self.is_good() && self.ends_at().is_none_or(|end| now < end)
    }

    /// Whether nothing but time can keep it from opening its courses: paid, not given back, and
    /// running if it has to run.
    pub fn is_good(&self) -> bool {
        let runs = |renewal: &Renewal| renewal.opens_until.is_some();
        self.status == OrderStatus::Paid && !self.erased && self.renewal.as_ref().is_none_or(runs)
    }

    /// First instant at which it no longer opens anything; `None`: for good, or not yet paid.
    pub fn ends_at(&self) -> Option<Timestamp> {
        if let Some(renewal) = &self.renewal {
            return renewal.opens_until.or(self.paid_at);
        }
        let paid = self.paid_at?.to_zoned(jiff::tz::TimeZone::UTC);
        let span = match self.term? {
            Term::Month => jiff::Span::new().months(1),
            Term::Year => jiff::Span::new().years(1),
        };
        Some(
            paid.checked_add(span)
                .map_or(Timestamp::MAX, |end| end.timestamp()),
        )
    }

    /// The offer whose courses it opens: as sold, or as the plan was changed since.
    pub fn held_offer(&self) -> &str {
        self.renewal
            .as_ref()
            .map_or(&self.offer, |renewal| &renewal.offer)
    }

    /// The courses it opens.
    pub fn held_courses(&self) -> &Courses {
        self.renewal
            .as_ref()
            .map_or(&self.courses, |renewal| &renewal.courses)
    }

    /// The right that follows from the order; `None` before it was first paid, and once its holder
    /// was erased.
    pub fn entitlement(&self) -> Option<Entitlement> {
        if self.erased {
            return None;
        }
        Some(Entitlement {
            learner: self.holder.clone()?,
            order: self.id.clone(),
            offer: self.held_offer().to_owned(),
            courses: self.held_courses().clone(),
            starts_at: self.paid_at?,
            ends_at: self.ends_at(),
            revoked: !self.is_good(),
        })
    }
}

/// The state of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum OrderStatus {
    /// The payment page is open.
    Open,
    /// Paid by a method that settles later.
    Pending,
    /// Paid: opens its courses.
    Paid,
    /// The payment failed for good.
    Failed,
    /// Nobody paid in time.
    Expired,
    /// All money went back.
    Refunded,
    /// The bank took, or froze, the money.
    Disputed,
    /// Paid, but not what was ordered: a person has to look.
    Quarantined,
}

/// Everything that changes in one step when an order is projected.
#[derive(Debug, Clone)]
pub struct OrderChange {
    /// The order as it will be; its version is one above what must be stored now.
    pub order: Order,
    /// The entitlement as it will be, if anybody holds one.
    pub entitlement: Option<Entitlement>,
    /// Ledger entries to append.
    pub ledger: Vec<LedgerEntry>,
    /// A mail to queue: at most one a change.
    pub mail: Option<QueuedMail>,
    /// Set when the order ends quarantined by this change.
    pub quarantine: Option<Quarantine>,
    /// Set when this change gives the order its holder.
    pub claim: Option<Claim>,
}

/// By what an order came to its holder. It must still be so when that is written: else they were
/// erased in the meantime, and nothing of them may be written any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// They have an account.
    Account(LearnerId),
    /// The address leads to them.
    Address(Email, LearnerId),
}

/// What matches no order, kept for a person to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quarantine {
    /// Unique: the event's or the order's id.
    pub key: String,
    /// Why, for the operator: names fields, never a person.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// What makes two requests the same checkout: the browser and its Idempotency-Key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptKey {
    /// Hash of the browser's secret.
    pub browser: SecretHash,
    /// SHA-256 of the Idempotency-Key, in hex.
    pub key: String,
}

impl AttemptKey {
    /// The key under which the provider remembers the request.
    pub fn provider_key(&self) -> String {
        format!("{}-{}", self.browser.as_str(), self.key)
            .chars()
            .take(255)
            .collect()
    }
}

/// Somebody tried to open a checkout session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// SHA-256 of what was asked for: the same key with another body is refused.
    pub fingerprint: String,
    /// When the key may be used anew.
    pub expires_at: Timestamp,
    /// What it became, once the order is written.
    pub opened: Option<OpenedSession>,
}

/// What the provider is asked to open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPaymentSession {
    /// The offer's id; kept with session and payment at the provider.
    pub offer: String,
    /// Shown at the payment page.
    pub title: String,
    /// For one piece; of a subscription, for one term.
    pub unit_price: Money,
    /// Paid again each term.
    pub every: Option<Term>,
    /// By which the session can be told to be this browser's: no secret.
    pub reference: String,
    /// How many.
    pub quantity: u32,
    /// Prefilled and fixed at the payment page.
    pub email: Option<Email>,
    /// Where the provider sends the buyer, with `{CHECKOUT_SESSION_ID}` in it.
    pub success_url: String,
    /// Where a buyer goes who gives up.
    pub cancel_url: String,
    /// Language of the payment page.
    pub locale: Locale,
}

/// A session that the provider opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OpenedSession {
    /// Its id.
    #[schema(value_type = String)]
    pub id: OrderId,
    /// The payment page.
    pub url: String,
}
