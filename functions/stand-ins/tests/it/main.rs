//! The stand-ins over the wire, as the adapters and a browser meet them.
//!
//! `cfg(test)` tells clippy that helpers here are tests too.

#[cfg(test)]
mod dynamodb;
#[cfg(test)]
mod idempotency;
#[cfg(test)]
mod mail;
#[cfg(test)]
mod payments;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod state;
#[cfg(test)]
mod stripe_api;
#[cfg(test)]
mod webhooks;
