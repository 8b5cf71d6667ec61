//! `expand[]`: puts whole objects where an answer names them.
//!
//! Source: <https://docs.stripe.com/api/expanding_objects>.

use serde_json::Value;

use super::error::ApiError;
use super::fields::{optional_text, text};
use super::objects;
use super::sessions;
use super::store::{Query, Tx};

/// Expands `paths` such as `payment_intent.latest_charge`, or `data.payment_intent` in a list.
pub(crate) fn expand(tx: &Tx<'_>, object: &mut Value, paths: &[String]) -> Result<(), ApiError> {
    for path in paths {
        let names: Vec<&str> = path.split('.').collect();
        if names.len() > DEEPEST {
            return Err(ApiError::invalid(
                "expand",
                format!("You cannot expand more than {DEEPEST} levels of a property ({path})."),
            ));
        }
        walk(tx, object, &names, path)?;
    }
    Ok(())
}

const DEEPEST: usize = 4;

/// Which fields of an object hold the id of another.
fn expandable(kind: &str) -> &'static [&'static str] {
    match kind {
        "checkout.session" => &[
            "customer",
            "invoice",
            "payment_intent",
            "payment_link",
            "setup_intent",
            "subscription",
        ],
        "payment_intent" => &["customer", "latest_charge"],
        "charge" => &["balance_transaction", "customer", "payment_intent"],
        "refund" => &["balance_transaction", "charge", "payment_intent"],
        "dispute" => &["charge", "payment_intent"],
        "price" => &["product"],
        "product" => &["default_price"],
        "balance_transaction" => &["source"],
        _ => &[],
    }
}

fn walk(tx: &Tx<'_>, object: &mut Value, names: &[&str], path: &str) -> Result<(), ApiError> {
    let Some((name, rest)) = names.split_first() else {
        return Ok(());
    };
    let kind = optional_text(object, "object")
        .unwrap_or_default()
        .to_owned();
    let refused = || {
        let message = format!("This property cannot be expanded ({path}).");
        Err(ApiError::invalid("expand", message))
    };
    if kind == "list" {
        let (Some(Value::Array(elements)), "data") = (object.get_mut("data"), *name) else {
            return refused();
        };
        for element in elements {
            walk(tx, element, rest, path)?;
        }
        return Ok(());
    }
    include(tx, object, &kind, name)?;
    let named = expandable(&kind).contains(name);
    match object.get_mut(*name) {
        Some(inner @ Value::Object(_)) => walk(tx, inner, rest, path),
        Some(Value::Null) if named => Ok(()),
        Some(inner @ Value::String(_)) if named => {
            let mut whole = tx.named(inner.as_str().unwrap_or_default())?;
            walk(tx, &mut whole, rest, path)?;
            *inner = whole;
            Ok(())
        }
        _ => refused(),
    }
}

/// Lists that an object has only when they are asked for.
fn include(tx: &Tx<'_>, object: &mut Value, kind: &str, name: &str) -> Result<(), ApiError> {
    let list = match (kind, name) {
        ("checkout.session", "line_items") => {
            let id = text(object, "id")?;
            let url = format!("/v1/checkout/sessions/{id}/line_items");
            objects::list(&url, sessions::items(tx, id)?, false)
        }
        ("charge", "refunds") => {
            let id = text(object, "id")?;
            let query = Query {
                kind: "refund",
                equal: vec![("charge", id.to_owned().into())],
                limit: 10,
                ..Query::default()
            };
            let (refunds, more) = tx.list(&query)?.unwrap_or_default();
            objects::list(&format!("/v1/charges/{id}/refunds"), refunds, more)
        }
        _ => return Ok(()),
    };
    if let Some(map) = object.as_object_mut() {
        map.entry(name.to_owned()).or_insert(list);
    }
    Ok(())
}
