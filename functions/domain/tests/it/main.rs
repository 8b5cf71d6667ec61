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
mod model;
mod reconcile;
mod twin;
