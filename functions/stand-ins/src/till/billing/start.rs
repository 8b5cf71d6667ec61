//! How a checkout session becomes a subscription: the customer, the subscription, its first invoice,
//! the payment, then the session, told in this order.
//!
//! A card that is declined makes nothing: the session stays open and the buyer may try again.

use serde_json::{Value, json};

use super::change::TEST_CARD;
use super::collect::{Attempt, settle as settle_invoice};
use super::invoices;
use super::life;
use super::record::{Means, Memory, charges, cycle, set_period};
use crate::till::coupons;
use crate::till::error::ApiError;
use crate::till::events::emit;
use crate::till::fields::{integer, optional_text, set, text};
use crate::till::ids::random_id;
use crate::till::objects;
use crate::till::payments::{Card, Settlement};
use crate::till::store::{StoreError, Tx};

/// Starts the subscription of a session that has its customer; notes it, its invoice and how far it
/// is paid in the session, which the caller keeps. Not for a declined card.
pub(crate) fn start(
    tx: &Tx<'_>,
    session: &mut Value,
    card: Card,
    email: &str,
) -> Result<&'static str, ApiError> {
    let now = tx.second();
    let hidden = tx.hidden(text(session, "id")?)?;
    let data = hidden.get("subscription_data").cloned().unwrap_or_default();
    let trial_end = data.get("trial_end").and_then(Value::as_i64).or_else(|| {
        let days = data.get("trial_period_days").and_then(Value::as_i64)?;
        Some(now + days * 86_400)
    });
    let asks_for_means = trial_end.is_none() && integer(session, "amount_total")? > 0
        || optional_text(session, "payment_method_collection") == Some("always");

    let mut subscription = made(tx, session, &hidden, &data)?;
    let id = text(&subscription, "id")?.to_owned();
    let end = match trial_end {
        Some(end) => end,
        None => cycle(&subscription)?.boundary_after(now, now)?,
    };
    set_period(&mut subscription, now, end)?;
    if trial_end.is_some() {
        set(
            &mut subscription,
            [
                ("billing_cycle_anchor", end.into()),
                ("status", "trialing".into()),
                ("trial_end", end.into()),
                ("trial_start", now.into()),
            ],
        )?;
    }
    if asks_for_means {
        set(
            &mut subscription,
            [("default_payment_method", TEST_CARD.into())],
        )?;
    }
    let memory = Memory {
        means: match card {
            _ if !asks_for_means => Means::Nothing,
            Card::DeclinesLater => Means::FailingCard,
            Card::Ok | Card::Declined | Card::Async => Means::Card,
        },
        email: email.to_owned(),
        pending: Vec::new(),
        announced: None,
    };
    let hidden_of_it = serde_json::to_value(&memory).map_err(StoreError::from)?;
    tx.insert(&subscription, &hidden_of_it)?;
    if let Some(coupon) = hidden.get("coupon").filter(|coupon| !coupon.is_null()) {
        let discount = coupons::discount(
            tx,
            text(coupon, "id")?,
            text(session, "customer")?,
            text(session, "id")?,
            &id,
        )?;
        set(
            &mut subscription,
            [("discounts", json!([text(&discount, "id")?]))],
        )?;
    }
    let owed = charges(tx, &subscription, now, end, trial_end.is_some())?;
    let invoice = invoices::draft(
        tx,
        &mut subscription,
        "subscription_create",
        &owed,
        (now, now),
    )?;
    tx.update(&subscription)?;
    emit(tx, "customer.subscription.created", &subscription, None)?;
    life::plan(tx, &subscription)?;
    set(
        session,
        [
            ("invoice", text(&invoice, "id")?.into()),
            ("subscription", id.into()),
        ],
    )?;
    let first = if card == Card::Async {
        Attempt::Waits
    } else {
        Attempt::Succeeds
    };
    life::collect_for(tx, subscription, invoice, Some(first))?;
    Ok(match card {
        _ if integer(session, "amount_total")? == 0 => "no_payment_required",
        Card::Async => "unpaid",
        _ => "paid",
    })
}

/// Ends the slow first payment of a session's subscription; false if it has none under way.
pub(crate) fn settle(
    tx: &Tx<'_>,
    session: &Value,
    settlement: Settlement,
) -> Result<bool, ApiError> {
    let (Some(invoice), Some(subscription)) = (
        optional_text(session, "invoice"),
        optional_text(session, "subscription"),
    ) else {
        return Ok(false);
    };
    let mut invoice = tx.named(invoice)?;
    if text(&invoice, "status")? != "open" {
        return Ok(false);
    }
    let Some(outcome) = settle_invoice(tx, &mut invoice, settlement)? else {
        return Ok(false);
    };
    life::follow(tx, tx.named(subscription)?, &invoice, outcome)?;
    Ok(true)
}

/// The subscription with its items, before it has a period.
fn made(tx: &Tx<'_>, session: &Value, hidden: &Value, data: &Value) -> Result<Value, ApiError> {
    let id = random_id("sub_1", 23).map_err(StoreError::from)?;
    let customer = text(session, "customer")?;
    let mut subscription =
        objects::subscription(&id, tx.second(), customer, text(session, "currency")?);
    let mut items = Vec::new();
    let sold = hidden.get("line_items").and_then(Value::as_array);
    for line in sold.into_iter().flatten() {
        let item = random_id("si_", 14).map_err(StoreError::from)?;
        let price = line.get("price").unwrap_or(&Value::Null);
        let quantity = integer(line, "quantity")?;
        items.push(objects::subscription_item(
            &item,
            tx.second(),
            &id,
            price,
            quantity,
        ));
    }
    if let Some(list) = subscription.get_mut("items") {
        set(list, [("data", items.into())])?;
    }
    let behavior = optional_text(data, "missing_payment_method").unwrap_or("create_invoice");
    if let Some(settings) = subscription.pointer_mut("/trial_settings/end_behavior") {
        set(settings, [("missing_payment_method", behavior.into())])?;
    }
    if session.pointer("/automatic_tax/enabled") == Some(&json!(true))
        && let Some(tax) = subscription.get_mut("automatic_tax")
    {
        set(
            tax,
            [
                ("enabled", true.into()),
                ("liability", json!({ "type": "self" })),
            ],
        )?;
    }
    set(
        &mut subscription,
        [
            ("description", optional_text(data, "description").into()),
            (
                "metadata",
                data.get("metadata").cloned().unwrap_or_else(|| json!({})),
            ),
        ],
    )?;
    Ok(subscription)
}
