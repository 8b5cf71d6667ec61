//! HTTP in, HTTP out: one axum router per function over the domain's use cases.
//!
//! The same routers run under `lambda_http::run` and under `tuition serve`. Knows no store, no
//! provider and no cloud; `problem` is the only place that knows status codes of failures.

pub mod access;
mod body;
pub mod checkout;
pub mod comments;
mod cookies;
#[cfg(test)]
mod description;
mod door;
pub mod front;
pub mod metrics;
mod openapi;
mod page;
mod problem;
pub mod report;
mod routes;

pub use front::{CALLER_HEADER, EDGE_HEADER, Front};
