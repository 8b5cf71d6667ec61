//! The objects of the Stripe API as it answers them: every field, nulls included, because SDKs parse
//! them into types that have them all.
//!
//! Only shapes: which values are right when is decided elsewhere.

mod checkout;
mod discount;
mod invoice;
mod payment;
mod subscription;

use serde_json::{Value, json};

pub(crate) use checkout::*;
pub(crate) use discount::*;
pub(crate) use invoice::*;
pub(crate) use payment::*;
pub(crate) use subscription::*;

/// The version of Stripe's API that the objects have the shape of.
pub(crate) const API_VERSION: &str = "2026-09-30.endive";

/// A list as the API pages it.
pub(crate) fn list(url: &str, data: Vec<Value>, has_more: bool) -> Value {
    json!({ "object": "list", "data": data, "has_more": has_more, "url": url })
}
