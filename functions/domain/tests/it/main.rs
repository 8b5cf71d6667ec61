//! What the domain promises, from outside the crate.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "clippy exempts test functions only, and not the functions beside them"
)]

mod access;
mod checkout;
mod gate;
mod links;
mod model;
mod order_sessions;
mod progress;
mod reconcile;
mod report;
mod twin;
