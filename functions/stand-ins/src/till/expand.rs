//! `expand[]`: puts whole objects where an answer names them.
//!
//! Source: <https://docs.stripe.com/api/expanding_objects>.

use serde_json::Value;

use super::basket;
use super::error::ApiError;
use super::fields::{optional_text, text};
use super::objects;
use super::store::{Query, Tx};

/// Expands `paths` such as `payment_intent.latest_charge`, or `data.payment_intent` in a list. Every
/// name counts as a level, `data` too: `data.items.data.price.product` is one too many, here as there.
pub(crate) fn expand(tx: &Tx<'_>, object: &mut Value, paths: &[String]) -> Result<(), ApiError> {
    for path in paths {
        let names: Vec<&str> = path.split('.').collect();
        if names.len() > DEEPEST {
            return Err(ApiError::invalid(
                "expand",
                format!(
                    "You cannot expand more than {DEEPEST} levels of a property. Property: {path}"
                ),
            )
            .with_code("property_expansion_max_depth"));
        }
        let walk = Walk { tx, path };
        walk.object(object, &names)?;
    }
    Ok(())
}

const DEEPEST: usize = 4;

/// Which fields of an object hold the id of another. Those of an object inside it, which is none of
/// its own, come with their way there.
fn expandable(kind: &str) -> &'static [&'static str] {
    match kind {
        "checkout.session" => &[
            "customer",
            "discounts.coupon",
            "invoice",
            "payment_intent",
            "payment_link",
            "setup_intent",
            "subscription",
        ],
        "payment_intent" => &["customer", "latest_charge"],
        "charge" => &[
            "balance_transaction",
            "customer",
            "failure_balance_transaction",
            "payment_intent",
        ],
        "refund" => &[
            "balance_transaction",
            "charge",
            "failure_balance_transaction",
            "payment_intent",
        ],
        "dispute" => &["charge", "payment_intent"],
        "price" | "plan" => &["product"],
        "product" => &["default_price"],
        "balance_transaction" => &["source"],
        "subscription" => &[
            "customer",
            "discounts",
            "latest_invoice",
            "pending_setup_intent",
        ],
        "invoice" => &[
            "customer",
            "discounts",
            "parent.subscription_details.subscription",
            "total_discount_amounts.discount",
        ],
        "line_item" => &[
            "discount_amounts.discount",
            "pricing.price_details.price",
            "subscription",
        ],
        "invoice_payment" => &["invoice", "payment.payment_intent"],
        "discount" => &["customer", "source.coupon"],
        _ => &[],
    }
}

struct Walk<'walk> {
    tx: &'walk Tx<'walk>,
    /// The whole path, for the error.
    path: &'walk str,
}

impl Walk<'_> {
    /// Follows `names` from `object`.
    fn object(&self, object: &mut Value, names: &[&str]) -> Result<(), ApiError> {
        let Some((name, rest)) = names.split_first() else {
            return Ok(());
        };
        let kind = optional_text(object, "object")
            .unwrap_or_default()
            .to_owned();
        if kind == "list" {
            return match (object.get_mut("data"), *name) {
                (Some(Value::Array(elements)), "data") => elements
                    .iter_mut()
                    .try_for_each(|element| self.object(element, rest)),
                _ => self.refuse(),
            };
        }
        include(self.tx, object, &kind, name)?;
        self.field(object, &kind, name, rest)
    }

    /// Follows `rest` from the field that `way` names, seen from an object of `kind`; `inside` is the
    /// object or the part of it that has the field.
    fn field(
        &self,
        inside: &mut Value,
        kind: &str,
        way: &str,
        rest: &[&str],
    ) -> Result<(), ApiError> {
        let name = way.rsplit('.').next().unwrap_or(way);
        match inside.get_mut(name) {
            Some(Value::Array(elements)) => elements
                .iter_mut()
                .try_for_each(|element| self.value(element, kind, way, rest)),
            Some(value) => self.value(value, kind, way, rest),
            None => self.refuse(),
        }
    }

    fn value(
        &self,
        value: &mut Value,
        kind: &str,
        way: &str,
        rest: &[&str],
    ) -> Result<(), ApiError> {
        let named = expandable(kind).contains(&way);
        match value {
            Value::Null if named => Ok(()),
            Value::String(id) if named => {
                let mut whole = self.tx.named(id)?;
                self.object(&mut whole, rest)?;
                *value = whole;
                Ok(())
            }
            Value::Object(map) if map.contains_key("object") => self.object(value, rest),
            // A part of the object: what is in it may be expandable, itself it isn't.
            Value::Object(_) => match rest.split_first() {
                Some((name, rest)) => self.field(value, kind, &format!("{way}.{name}"), rest),
                None => self.refuse(),
            },
            _ => self.refuse(),
        }
    }

    fn refuse(&self) -> Result<(), ApiError> {
        let message = format!("This property cannot be expanded ({}).", self.path);
        Err(ApiError::invalid("expand", message))
    }
}

/// Lists that an object has only when they are asked for.
fn include(tx: &Tx<'_>, object: &mut Value, kind: &str, name: &str) -> Result<(), ApiError> {
    let list = match (kind, name) {
        ("checkout.session", "line_items") => {
            let id = text(object, "id")?;
            let url = format!("/v1/checkout/sessions/{id}/line_items");
            objects::list(&url, basket::items(tx, id)?, false)
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
        ("invoice", "payments") => {
            let id = text(object, "id")?;
            let query = Query {
                kind: "invoice_payment",
                equal: vec![("invoice", id.to_owned().into())],
                limit: 10,
                ..Query::default()
            };
            let (payments, more) = tx.list(&query)?.unwrap_or_default();
            objects::list(
                &format!("/v1/invoice_payments?invoice={id}"),
                payments,
                more,
            )
        }
        _ => return Ok(()),
    };
    if let Some(map) = object.as_object_mut() {
        map.entry(name.to_owned()).or_insert(list);
    }
    Ok(())
}
