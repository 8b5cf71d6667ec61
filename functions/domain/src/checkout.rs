//! From an offer to an order, and from the provider's payment state to what opens.
//!
//! **The law**: entitlement = f(the provider's current object). An event is a hint that something
//! changed, never the change itself: `project` fetches the object, computes the order anew, and
//! writes it under a version condition. Order, duplication and loss of events can then do no harm.

mod jobs;
mod ledger;
mod order;
mod outbox;
mod payment;
mod project;
mod reconcile;
mod start;
mod state;
mod status;
mod webhook;

pub use jobs::{Job, run_job};
pub use ledger::{Booked, LedgerEntry, LedgerKind};
pub use order::{
    Attempt, AttemptKey, Claim, NewPaymentSession, OpenedSession, Order, OrderChange, OrderStatus,
    Quarantine, Renewal,
};
pub use outbox::{Letter, deliver_mail};
pub use payment::{
    DisputeState, GRACE, Payment, PaymentSession, PaymentState, SessionState, Subscription,
    SubscriptionState,
};
pub use project::{Projected, project};
pub use reconcile::{Difference, Healed, Progress, Reconciliation, reconcile};
pub use start::{Browser, StartError, StartRequest, Started, start};
pub use status::{OrderSummary, OrderView, view_order};
pub use webhook::{
    ProviderEvent, SignatureError, TOLERANCE_SECONDS, WebhookSecrets, quarantine_unreadable,
    receive, subject, verify,
};

use std::sync::Arc;

use crate::access::ReaderPorts;
use crate::ports::{
    Counters, Entropy, Events, Ledger, Mailer, Outbox, Payments, Reconciliations, Suppressions,
};

/// What checkout may touch.
#[derive(Clone)]
pub struct CheckoutPorts {
    /// Who buys, and orders.
    pub reader: ReaderPorts,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// The payment provider.
    pub payments: Arc<dyn Payments>,
    /// Receipts waiting to be sent.
    pub outbox: Arc<dyn Outbox>,
    /// Mail.
    pub mailer: Arc<dyn Mailer>,
    /// Addresses that take no mail.
    pub suppressions: Arc<dyn Suppressions>,
    /// The books, to compare them with the provider's.
    pub ledger: Arc<dyn Ledger>,
    /// For mails about comments.
    pub comments: Arc<dyn crate::ports::Comments>,
    /// How far the comparison has got.
    pub reconciliations: Arc<dyn Reconciliations>,
    /// For `checkout_start`.
    pub events: Arc<dyn Events>,
    /// Tells visitors apart within a day.
    pub daily_secrets: Arc<dyn crate::ports::DailySecrets>,
    /// Rate limits.
    pub counters: Arc<dyn Counters>,
    /// Where the site is.
    pub origin: String,
    /// Whether real money moves here; must agree with every object of the provider.
    pub live: bool,
}
