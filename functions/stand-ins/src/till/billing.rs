//! Subscriptions and their invoices: begun by a paid session, renewed by the clock, changed by the
//! customer, ended.
//!
//! | file | what it knows |
//! |---|---|
//! | `start` | how a session becomes a subscription |
//! | `life` | what time does: periods and the ends of trials |
//! | `ends` | how it is canceled, stands still, and goes on |
//! | `change`, `asked` | `POST /v1/subscriptions/{id}` |
//! | `prorate` | what another plan costs in the middle of a period |
//! | `invoices`, `collect`, `retry` | what is owed, how it is paid, what happens when it isn't |
//! | `record` | the fields of a subscription, and telling that they changed |
//!
//! Simpler than Stripe, and so for every shop: an invoice is finalized and charged at once, not after
//! an hour. Failed payments are tried again 3, 5 and 7 days after the last time, then the subscription
//! is canceled. A payment by bank takes days only the first time.

mod asked;
pub(crate) mod change;
mod collect;
pub(crate) mod ends;
mod invoices;
pub(crate) mod life;
pub(crate) mod prorate;
mod record;
pub(crate) mod retry;
pub(crate) mod start;

pub(crate) use collect::Attempt;
pub(crate) use record::{Means, items, period, save};
