//! What may happen in the shop, in words: checkout, access, comments, metrics, the gate, and
//! the ports to the outside with their duties.
//!
//! Knows no HTTP, no AWS, no Stripe object and no clock: time, chance, the catalog and every
//! store arrive as ports. What a status code is, `handlers` decides; what a table key is,
//! `adapters` decides.

pub mod access;
pub mod checkout;
pub mod comments;
pub mod email;
pub mod feedback;
pub mod gate;
pub mod identity;
pub mod limits;
pub mod mail;
pub mod metrics;
pub mod next;
pub mod outbox;
pub mod ports;
pub mod shape;
pub mod token;
