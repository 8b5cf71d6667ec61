//! The stand-ins over the wire, as the adapters and a browser meet them.

mod dynamodb;
mod idempotency;
mod mail;
mod payments;
mod stage;
mod state;
mod stripe_api;
mod webhooks;
