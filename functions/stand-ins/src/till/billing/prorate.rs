//! What another plan costs in the middle of a period.
//!
//! Like Stripe: the unused time of the old price is credited and the rest of the period charged at the
//! new one, by the second; the next invoice takes both, or one now with `always_invoice`. Another
//! interval begins a period of its own now, which is invoiced at once. Simpler than Stripe: a discount
//! lessens the credit, if the line that paid for it had one, and is not given on the charge.

use serde_json::Value;

use super::invoices;
use super::life::owed;
use super::record::{Charge, cycle, items, items_mut, memory, period, set_memory, set_period};
use crate::till::currency::step;
use crate::till::error::ApiError;
use crate::till::fields::{boolean, integer, set, text};
use crate::till::objects;
use crate::till::params::Params;
use crate::till::store::{Query, Tx};
use crate::till::sums::part;

/// A change of one item.
pub(crate) struct Change {
    /// The item's id.
    pub(crate) item: String,
    pub(crate) price: Option<Value>,
    pub(crate) quantity: Option<i64>,
}

/// What is done about the time that is left in the period.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Proration {
    /// It goes onto the next invoice.
    #[default]
    Next,
    /// It is invoiced now.
    Now,
    /// Nothing.
    Never,
}

impl Proration {
    /// `proration_behavior` of a request.
    pub(crate) fn read(params: &mut Params) -> Result<Self, ApiError> {
        let behaviors = ["create_prorations", "always_invoice", "none"];
        Ok(match params.choice("proration_behavior", &behaviors)? {
            Some("always_invoice") => Self::Now,
            Some("none") => Self::Never,
            _ => Self::Next,
        })
    }
}

/// Changes the items; answers the draft of what is to be collected at once. The caller keeps the
/// subscription.
pub(crate) fn apply(
    tx: &Tx<'_>,
    subscription: &mut Value,
    changes: &[Change],
    proration: Proration,
) -> Result<Option<Value>, ApiError> {
    let now = tx.second();
    let id = text(subscription, "id")?.to_owned();
    let (start, end) = period(subscription)?;
    let cycle_before = cycle(subscription)?;
    let trial = text(subscription, "status")? == "trialing";
    let mut prorated = Vec::new();
    let credits_only = |prorated: &mut Vec<Charge>| {
        prorated.retain(|charge: &Charge| charge.amount < 0);
    };
    for change in changes {
        let old = item(subscription, &change.item)?.clone();
        put(subscription, change)?;
        let new = item(subscription, &change.item)?;
        if !trial && proration != Proration::Never {
            let time = (now.clamp(start, end), start, end);
            prorated.push(credit(tx, &id, &old, time)?);
            prorated.push(debit(tx, new, time)?);
        }
    }
    check_currency_and_cycle(subscription)?;
    if trial {
        return Ok(None);
    }
    if cycle(subscription)? != cycle_before {
        credits_only(&mut prorated);
        keep(tx, &id, prorated)?;
        let next = cycle(subscription)?.boundary_after(now, now)?;
        set_period(subscription, now, next)?;
        set(subscription, [("billing_cycle_anchor", now.into())])?;
        let owed = owed(tx, subscription, now, next)?;
        return draft(tx, subscription, &owed).map(Some);
    }
    keep(tx, &id, prorated)?;
    if proration != Proration::Now {
        return Ok(None);
    }
    let mut memory = memory(tx, &id)?;
    let owed = std::mem::take(&mut memory.pending);
    set_memory(tx, &id, &memory)?;
    draft(tx, subscription, &owed).map(Some)
}

fn draft(tx: &Tx<'_>, subscription: &mut Value, owed: &[Charge]) -> Result<Value, ApiError> {
    let now = tx.second();
    invoices::draft(tx, subscription, "subscription_update", owed, (now, now))
}

/// For the next invoice.
fn keep(tx: &Tx<'_>, id: &str, prorated: Vec<Charge>) -> Result<(), ApiError> {
    let mut memory = memory(tx, id)?;
    memory
        .pending
        .extend(prorated.into_iter().filter(|charge| charge.amount != 0));
    set_memory(tx, id, &memory)?;
    Ok(())
}

fn put(subscription: &mut Value, change: &Change) -> Result<(), ApiError> {
    for item in items_mut(subscription) {
        if text(item, "id")? != change.item {
            continue;
        }
        if let Some(price) = &change.price {
            set(
                item,
                [("plan", objects::plan(price)), ("price", price.clone())],
            )?;
        }
        if let Some(quantity) = change.quantity {
            set(item, [("quantity", quantity.into())])?;
        }
    }
    Ok(())
}

fn check_currency_and_cycle(subscription: &Value) -> Result<(), ApiError> {
    let refuse = |message: &str| Err(ApiError::invalid("items", message));
    let currency = text(subscription, "currency")?;
    let cycle = match cycle(subscription) {
        Ok(cycle) => cycle,
        Err(_) => return refuse("The price specified is not recurring."),
    };
    for item in items(subscription) {
        let price = item.get("price").cloned().unwrap_or_default();
        if text(&price, "currency")? != currency {
            return refuse("All prices of a subscription must have its currency.");
        }
        if crate::till::cycle::Cycle::of(&price)? != Some(cycle) {
            return refuse("All prices of a subscription must have the same interval.");
        }
    }
    Ok(())
}

/// The unused part of what was charged for the period. `time`: now, start and end of the period.
fn credit(
    tx: &Tx<'_>,
    subscription: &str,
    old: &Value,
    time: (i64, i64, i64),
) -> Result<Charge, ApiError> {
    let mut charge = share(tx, old, time, "Unused time on")?;
    if let Some(net) = charged_net(tx, subscription, old, (time.1, time.2))? {
        charge.amount = remaining(net, &charge.price, time)?;
    }
    charge.amount = -charge.amount;
    Ok(charge)
}

fn debit(tx: &Tx<'_>, new: &Value, time: (i64, i64, i64)) -> Result<Charge, ApiError> {
    share(tx, new, time, "Remaining time on")
}

fn share(tx: &Tx<'_>, item: &Value, time: (i64, i64, i64), what: &str) -> Result<Charge, ApiError> {
    let price = item.get("price").cloned().unwrap_or_default();
    let quantity = integer(item, "quantity")?;
    let product = tx.named(text(&price, "product")?)?;
    let whole = integer(&price, "unit_amount")?.saturating_mul(quantity);
    Ok(Charge {
        item: text(item, "id")?.to_owned(),
        amount: remaining(whole, &price, time)?,
        description: format!("{what} {quantity} × {}", text(&product, "name")?),
        discountable: false,
        proration: true,
        period: (time.0, time.2),
        price,
        quantity,
    })
}

/// What is left of `amount` of a period.
fn remaining(amount: i64, price: &Value, time: (i64, i64, i64)) -> Result<i64, ApiError> {
    let (now, start, end) = time;
    Ok(part(
        amount,
        end - now,
        end - start,
        step(text(price, "currency")?),
    ))
}

/// What the line that charged the item for this period came to after its discount; `None` if the item
/// has had another price since.
fn charged_net(
    tx: &Tx<'_>,
    subscription: &str,
    item: &Value,
    period: (i64, i64),
) -> Result<Option<i64>, ApiError> {
    let query = Query {
        kind: "invoice",
        equal: vec![(
            "parent.subscription_details.subscription",
            subscription.to_owned().into(),
        )],
        limit: 100,
        ..Query::default()
    };
    let (invoices, _) = tx.list(&query)?.unwrap_or_default();
    let lines = invoices
        .iter()
        .filter_map(|invoice| invoice.pointer("/lines/data").and_then(Value::as_array))
        .flatten();
    for line in lines {
        let details = line
            .pointer("/parent/subscription_item_details")
            .cloned()
            .unwrap_or_default();
        let same = text(&details, "subscription_item")? == text(item, "id")?
            && !boolean(&details, "proration")?
            && line.pointer("/period/start").and_then(Value::as_i64) == Some(period.0)
            && line.pointer("/period/end").and_then(Value::as_i64) == Some(period.1)
            && line.pointer("/pricing/price_details/price") == item.pointer("/price/id");
        if same {
            let discount = line
                .pointer("/discount_amounts/0/amount")
                .and_then(Value::as_i64);
            return Ok(Some(integer(line, "amount")? - discount.unwrap_or(0)));
        }
    }
    Ok(None)
}

fn item<'sub>(subscription: &'sub Value, id: &str) -> Result<&'sub Value, ApiError> {
    items(subscription)
        .find(|item| text(item, "id").is_ok_and(|known| known == id))
        .ok_or_else(|| ApiError::no_such("subscription_item", id, "items"))
}
