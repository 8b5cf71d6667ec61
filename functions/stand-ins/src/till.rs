//! The till: a Stripe double. The API of Stripe Checkout in test mode on a loopback port, with its
//! own memory, idempotency keys, and signed webhooks that are delivered until they are taken.
//!
//! | file | what it knows |
//! |---|---|
//! | `api` | HTTP: keys, form bodies, idempotency |
//! | `endpoints`, `lists`, `expand` | which request does what |
//! | `form`, `params`, `error` | Stripe's encoding, parameters and errors |
//! | `sessions`, `payments`, `intents`, `refunds`, `disputes`, `prices`, `currency` | what happens to objects |
//! | `objects`, `fields`, `ids` | the shape of objects |
//! | `events`, `faults`, `webhooks` | events, when they are due, their delivery |
//! | `store` | SQLite |
//! | `dev`, `pay_page` | the `/_dev/till` routes and pages |
//!
//! It does not know what is sold. What it does not support it refuses, in Stripe's way.

mod api;
mod currency;
pub(crate) mod dev;
mod disputes;
mod endpoints;
mod error;
mod events;
mod expand;
mod faults;
mod fields;
mod form;
mod ids;
mod intents;
mod lists;
mod objects;
mod params;
mod pay_page;
mod payments;
mod prices;
mod refunds;
mod sessions;
mod store;
mod webhooks;

pub(crate) use api::router as api_router;
pub(crate) use store::Store;
pub use store::StoreError;
pub(crate) use webhooks::Courier;

/// The secret that the till signs its webhooks with unless told another.
pub const WEBHOOK_SECRET: &str = "whsec_local";
