//! The outside world on one machine: an embedded DynamoDB engine, a Stripe double (the *till*),
//! a mail outbox that speaks SES, and a clock that can be moved.
//!
//! What comes back from outside comes over HTTP, until it is taken: payment events as Stripe signs and
//! sends them ([`Config::webhook_url`]), bounces and complaints as SES publishes them through SNS
//! ([`Config::mail_feedback_url`]).
//!
//! `tuition serve` starts it and points the production adapters at its ports. This crate knows wire
//! protocols only: it has never heard of a course, an offer or an order.
//!
//! Every acknowledged write survives `SIGKILL` of the process. Nothing here is meant to face a
//! network: all ports are loopback, and no key opens anything real.

mod clock;
mod dev;
mod durable;
mod dynamodb;
mod html;
mod mail;
mod problem;
mod stand_ins;
mod till;

pub use clock::{ClockError, SteppableClock};
pub use dynamodb::EngineError;
pub use mail::OutboxError;
pub use stand_ins::{Config, StandIns, StartError};
pub use till::{StoreError, WEBHOOK_SECRET};
