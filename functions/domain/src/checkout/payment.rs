//! The provider's objects in our words: what the projection is a function of.
//!
//! Knows nothing of how the provider writes them down; amounts are in minor units of our own
//! currencies (ISO 4217), whatever exponent the provider uses.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tuition_catalog::Money;

use crate::identity::OrderId;

/// A checkout session as the provider has it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentSession {
    /// Its id.
    pub id: OrderId,
    /// Whether the page was completed.
    pub state: SessionState,
    /// Whether the money is there.
    pub payment_state: PaymentState,
    /// The price of what was bought, before discounts and taxes.
    pub subtotal: Option<Money>,
    /// What the buyer was asked to pay at once, discounts and taxes included.
    pub total: Option<Money>,
    /// Minor units taken off by coupons.
    pub discount: i64,
    /// The offer's id that we gave along.
    pub offer: Option<String>,
    /// What we gave along to know the buying browser by.
    pub reference: Option<String>,
    /// Whether real money moved.
    pub live: bool,
    /// The address typed at the payment page.
    pub email: Option<String>,
    /// What was paid, oldest first: at most one payment, or one for each invoice of a subscription.
    pub payments: Vec<Payment>,
    /// What is paid again each term, once there is one.
    pub subscription: Option<Subscription>,
}

/// Whether a payment page was completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    /// Still open.
    Open,
    /// Completed by the buyer.
    Complete,
    /// Closed without payment.
    Expired,
}

/// Whether the money of a session is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentState {
    /// It is, or none was due.
    Paid,
    /// Not yet, or never.
    Unpaid,
}

/// One payment. Amounts are minor units of the session's currency.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Its id at the provider.
    pub id: String,
    /// Whether it can still succeed.
    pub may_succeed: bool,
    /// What came in.
    pub captured: i64,
    /// Taken off by coupons before that.
    pub discount: i64,
    /// Tax, part of what came in.
    pub tax: i64,
    /// Given back in all.
    pub refunded: i64,
    /// Taken by the bank, less what it gave back.
    pub disputed: i64,
    /// The latest dispute.
    pub dispute: Option<DisputeState>,
    /// What the provider kept, for the payment and its disputes, in the currency it settles in;
    /// `None` until it says so.
    pub fee: Option<Money>,
}

/// What a bank says of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisputeState {
    /// An inquiry; the money is still ours.
    Warning,
    /// The money is frozen.
    Open,
    /// Ours again.
    Won,
    /// Theirs.
    Lost,
}

/// Something that is paid again each term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Its id at the provider.
    pub id: String,
    /// Whether it runs.
    pub state: SubscriptionState,
    /// End of the term that runs now, or ran last.
    pub period_end: Timestamp,
    /// Whether no further term follows.
    pub ends_then: bool,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// The offer whose plan it is on now.
    pub offer: Option<String>,
    /// The price of a term of that plan.
    pub price: Option<Money>,
}

/// The states of a subscription that make a difference to us (Stripe, "How subscriptions work":
/// `incomplete`, `incomplete_expired`, `trialing`, `active`, `past_due`, `unpaid`, `paused`,
/// `canceled`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionState {
    /// The first payment has not come yet.
    Incomplete,
    /// It never came.
    Failed,
    /// Runs, and nothing is due yet.
    Trialing,
    /// Runs and is paid.
    Active,
    /// A renewal was not paid; the provider tries again.
    PastDue,
    /// Stands still: nothing is collected and nothing opens.
    Paused,
    /// Renewals were given up, though the subscription is still there.
    Unpaid,
    /// Over.
    Ended,
}

/// How long after the end of a term a running subscription still opens its courses: the provider
/// draws renewals an hour or more after it, tries a failed one again for days, and tells of it by
/// events that may be three days late (Stripe, "Webhooks": retries for up to three days).
pub const GRACE: SignedDuration = SignedDuration::from_hours(72);

impl Subscription {
    /// First instant at which it opens nothing any more, as far as is known now; `None` if it
    /// opens nothing at all.
    pub fn opens_until(&self) -> Option<Timestamp> {
        match self.state {
            SubscriptionState::Trialing | SubscriptionState::Active if self.ends_then => {
                Some(self.period_end)
            }
            SubscriptionState::Trialing
            | SubscriptionState::Active
            | SubscriptionState::PastDue => Some(
                self.period_end
                    .saturating_add(GRACE)
                    .unwrap_or(Timestamp::MAX),
            ),
            SubscriptionState::Ended => self.ended_at,
            SubscriptionState::Incomplete
            | SubscriptionState::Failed
            | SubscriptionState::Paused
            | SubscriptionState::Unpaid => None,
        }
    }
}
