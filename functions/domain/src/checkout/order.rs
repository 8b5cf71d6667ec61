//! Orders and what is written with them, as the domain sees them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tuition_catalog::{Courses, Money, OfferKind, Term};

use crate::access::Entitlement;
use crate::email::Email;
use crate::identity::{LearnerId, OrderId, SecretHash};
use crate::mail::{Locale, QueuedMail};
use crate::next::NextPath;

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
    pub term: Option<Term>,
    /// How many were bought, at least 1.
    pub quantity: u32,
    /// What must be paid in all.
    pub price: Money,
    /// The learner who was signed in when buying.
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
    pub paid_at: Option<Timestamp>,
    /// Who holds the entitlement; set when first paid. After erasure an id that leads nowhere.
    pub holder: Option<LearnerId>,
    /// Address given at the payment page; `None` after erasure.
    pub email: Option<Email>,
    /// Minor units that came in, as far as the ledger has them.
    pub captured: i64,
    /// Minor units given back, as far as the ledger has them.
    pub refunded: i64,
    /// Starts at 1 and rises with each write: the condition of the next one.
    pub version: u64,
}

impl Order {
    /// Whether it opens its courses at `now`.
    pub fn opens(&self, now: Timestamp) -> bool {
        self.status == OrderStatus::Paid && self.ends_at().is_none_or(|end| now < end)
    }

    /// First instant at which it no longer opens anything; `None`: for good, or not yet paid.
    pub fn ends_at(&self) -> Option<Timestamp> {
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
}

/// The state of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
    /// A receipt to queue.
    pub mail: Option<QueuedMail>,
    /// Set when the order ends quarantined by this change.
    pub quarantine: Option<Quarantine>,
}

/// One money fact, for ever. Of the person it holds the random id and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// Unique: `<order>/<order version>/<kind>`.
    pub id: String,
    /// When it was booked.
    pub at: Timestamp,
    /// What it is.
    pub kind: LedgerKind,
    /// The order.
    pub order: OrderId,
    /// The offer.
    pub offer: String,
    /// Who bought.
    pub learner: LearnerId,
    /// Minor units, positive; `kind` says the direction. Negative corrects an earlier entry.
    #[serde(flatten)]
    pub money: Money,
}

/// The direction of a ledger entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LedgerKind {
    /// Money that came in.
    Purchase,
    /// Money that went back.
    Refund,
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
    /// For one piece.
    pub unit_price: Money,
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenedSession {
    /// Its id.
    pub id: OrderId,
    /// The payment page.
    pub url: String,
}
