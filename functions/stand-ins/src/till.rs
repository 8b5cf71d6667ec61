//! The till: a Stripe double. The API of Stripe Checkout in test mode on a loopback port, with its
//! own memory, idempotency keys, and signed webhooks that are delivered until they are taken.
//!
//! | file | what it knows |
//! |---|---|
//! | `api`, `idempotency` | HTTP: keys, form bodies, answers given again |
//! | `endpoints`, `lists`, `expand` | which request does what |
//! | `form`, `params`, `error` | Stripe's encoding, parameters and errors |
//! | `sessions`, `session_data`, `basket`, `payments`, `intents`, `refunds`, `disputes`, `prices`, `coupons` | what happens to objects |
//! | `billing` | subscriptions and invoices |
//! | `sums`, `cycle`, `currency` | arithmetic of money and of the calendar |
//! | `agenda` | what happens by itself, and when |
//! | `objects`, `fields`, `ids` | the shape of objects |
//! | `events`, `faults`, `webhooks` | events, when they are due, their delivery |
//! | `outages` | calls that go wrong by plan |
//! | `store` | SQLite |
//! | `dev`, `pay_page`, `index_page`, `portal` | the `/_dev/till` routes and pages |
//!
//! It does not know what is sold. What it does not support it refuses, in Stripe's way.

mod agenda;
mod api;
mod basket;
mod billing;
mod coupons;
mod currency;
mod cycle;
pub(crate) mod dev;
mod disputes;
mod endpoints;
mod error;
mod events;
mod expand;
mod faults;
mod fields;
mod form;
mod idempotency;
mod ids;
mod index_page;
mod intents;
mod lists;
mod objects;
mod outages;
mod params;
mod pay_page;
mod payments;
mod portal;
mod prices;
mod refunds;
mod session_data;
mod sessions;
mod store;
mod sums;
mod webhooks;

pub(crate) use api::router as api_router;
pub(crate) use store::Store;
pub use store::StoreError;
pub(crate) use webhooks::{Courier, Sender};

/// The secret that the till signs its webhooks with unless told another.
pub const WEBHOOK_SECRET: &str = "whsec_local";
