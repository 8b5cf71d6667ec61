//! The stand-ins over the wire, as the adapters and a browser meet them.
//!
//! `cfg(test)` tells clippy that helpers here are tests too.

#[cfg(test)]
mod coupons;
#[cfg(test)]
mod dynamodb;
#[cfg(test)]
mod feedback;
#[cfg(test)]
mod idempotency;
#[cfg(test)]
mod ledger;
#[cfg(test)]
mod mail;
#[cfg(test)]
mod outages;
#[cfg(test)]
mod payments;
#[cfg(test)]
mod plans;
#[cfg(test)]
mod portal;
#[cfg(test)]
mod refunds;
#[cfg(test)]
mod renewals;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod state;
#[cfg(test)]
mod stripe_api;
#[cfg(test)]
mod subscriber;
#[cfg(test)]
mod subscription_api;
#[cfg(test)]
mod subscriptions;
#[cfg(test)]
mod webhooks;
