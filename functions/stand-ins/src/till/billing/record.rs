//! A subscription's fields, what the till remembers besides, and telling that it changed.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::till::cycle::Cycle;
use crate::till::error::ApiError;
use crate::till::events::emit;
use crate::till::fields::{changed_from, integer, set, text};
use crate::till::store::{StoreError, Tx};

/// What the customer pays with, from the second payment on.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Means {
    Card,
    /// A card that was good once and is declined now.
    FailingCard,
    /// Nothing is on file.
    Nothing,
}

/// What the till remembers of a subscription besides what the API answers.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Memory {
    pub(crate) means: Means,
    /// The customer's address, for receipts.
    pub(crate) email: String,
    /// What the next invoice charges and credits besides the period.
    pub(crate) pending: Vec<Charge>,
    /// The end of the trial that was announced.
    pub(crate) announced: Option<i64>,
}

/// One thing to put on an invoice.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Charge {
    /// The subscription item that it is for.
    pub(crate) item: String,
    /// Minor units, negative for a credit.
    pub(crate) amount: i64,
    pub(crate) description: String,
    pub(crate) discountable: bool,
    pub(crate) proration: bool,
    pub(crate) period: (i64, i64),
    pub(crate) price: Value,
    pub(crate) quantity: i64,
}

/// What the till remembers of the subscription `id`.
pub(crate) fn memory(tx: &Tx<'_>, id: &str) -> Result<Memory, StoreError> {
    Ok(serde_json::from_value(tx.hidden(id)?)?)
}

pub(crate) fn set_memory(tx: &Tx<'_>, id: &str, memory: &Memory) -> Result<(), StoreError> {
    tx.set_hidden(id, &serde_json::to_value(memory)?)
}

/// Keeps `after`, and tells that it changed if it did. `before` is what was told last.
pub(crate) fn save(tx: &Tx<'_>, before: &Value, after: &Value) -> Result<(), StoreError> {
    if let Some(old) = changed_from(before, after) {
        tx.update(after)?;
        emit(tx, "customer.subscription.updated", after, Some(old))?;
    }
    Ok(())
}

/// The items, one or more.
pub(crate) fn items(subscription: &Value) -> impl Iterator<Item = &Value> {
    subscription
        .pointer("/items/data")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

/// The items, to be changed.
pub(crate) fn items_mut(subscription: &mut Value) -> impl Iterator<Item = &mut Value> {
    subscription
        .pointer_mut("/items/data")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
}

/// Start and end of the period that all items are in, in seconds since 1970.
pub(crate) fn period(subscription: &Value) -> Result<(i64, i64), ApiError> {
    let first = first_item(subscription)?;
    Ok((
        integer(first, "current_period_start")?,
        integer(first, "current_period_end")?,
    ))
}

/// Puts all items into the period.
pub(crate) fn set_period(subscription: &mut Value, start: i64, end: i64) -> Result<(), StoreError> {
    for item in items_mut(subscription) {
        set(
            item,
            [
                ("current_period_start", start.into()),
                ("current_period_end", end.into()),
            ],
        )?;
    }
    Ok(())
}

/// How often all items are billed.
pub(crate) fn cycle(subscription: &Value) -> Result<Cycle, ApiError> {
    let price = first_item(subscription)?
        .get("price")
        .cloned()
        .unwrap_or_default();
    Cycle::of(&price)?.ok_or_else(|| StoreError::Dangling(text_or_empty(&price)).into())
}

/// What one period from `start` to `end` costs, item by item; nothing while it is a trial.
pub(crate) fn charges(
    tx: &Tx<'_>,
    subscription: &Value,
    start: i64,
    end: i64,
    trial: bool,
) -> Result<Vec<Charge>, ApiError> {
    let mut charges = Vec::new();
    for item in items(subscription) {
        let price = item.get("price").cloned().unwrap_or_default();
        let quantity = integer(item, "quantity")?;
        let product = tx.named(text(&price, "product")?)?;
        let name = text(&product, "name")?;
        charges.push(Charge {
            item: text(item, "id")?.to_owned(),
            amount: if trial {
                0
            } else {
                integer(&price, "unit_amount")?.saturating_mul(quantity)
            },
            description: if trial {
                format!("Trial period for {name}")
            } else {
                format!("{quantity} × {name}")
            },
            discountable: true,
            proration: false,
            period: (start, end),
            price,
            quantity,
        });
    }
    Ok(charges)
}

/// Why it was canceled, or will be.
pub(crate) fn set_reason(subscription: &mut Value, reason: &str) -> Result<(), StoreError> {
    if let Some(details) = subscription.get_mut("cancellation_details") {
        set(details, [("reason", json!(reason))])?;
    }
    Ok(())
}

fn first_item(subscription: &Value) -> Result<&Value, StoreError> {
    items(subscription)
        .next()
        .ok_or_else(|| StoreError::Dangling(text_or_empty(subscription)))
}

fn text_or_empty(object: &Value) -> String {
    text(object, "id").unwrap_or_default().to_owned()
}
