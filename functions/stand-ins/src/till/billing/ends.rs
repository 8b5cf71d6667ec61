//! How a subscription ends, stands still, and goes on.

use serde_json::{Value, json};

use super::collect::Attempt;
use super::invoices;
use super::life::{collect_for, owed, plan};
use super::record::{Means, cycle, memory, period, save, set_memory, set_period, set_reason};
use crate::till::agenda::{self, Matter};
use crate::till::error::ApiError;
use crate::till::events::emit;
use crate::till::fields::{optional_text, set, text};
use crate::till::store::Tx;

/// Ends the subscription. `ended_at` is when it was to end, not later than now. Nothing is paid back,
/// and what is owed is not asked for any more.
pub(crate) fn cancel(
    tx: &Tx<'_>,
    mut subscription: Value,
    reason: Option<&str>,
    ended_at: i64,
) -> Result<Value, ApiError> {
    let id = text(&subscription, "id")?.to_owned();
    if text(&subscription, "status")? == "canceled" {
        return Err(ApiError::no_such("subscription", &id, "id"));
    }
    if let Some(reason) = reason {
        set_reason(&mut subscription, reason)?;
    }
    if subscription.get("canceled_at").is_none_or(Value::is_null) {
        set(&mut subscription, [("canceled_at", tx.second().into())])?;
    }
    set(
        &mut subscription,
        [
            ("ended_at", ended_at.min(tx.second()).into()),
            ("status", "canceled".into()),
        ],
    )?;
    agenda::forget_all(tx, &id)?;
    if let Some(latest) = optional_text(&subscription, "latest_invoice") {
        let mut invoice = tx.named(latest)?;
        agenda::forget(tx, latest, Matter::Retry)?;
        if text(&invoice, "status")? == "open" {
            set(
                &mut invoice,
                [
                    ("auto_advance", false.into()),
                    ("next_payment_attempt", Value::Null),
                ],
            )?;
            tx.update(&invoice)?;
        }
    }
    tx.update(&subscription)?;
    emit(tx, "customer.subscription.deleted", &subscription, None)?;
    Ok(subscription)
}

/// Collects money again after a pause of the collection.
pub(crate) fn resume_collection(tx: &Tx<'_>, id: &str) -> Result<(), ApiError> {
    let before = tx.named(id)?;
    let mut subscription = before.clone();
    set(&mut subscription, [("pause_collection", Value::Null)])?;
    agenda::forget(tx, id, Matter::CollectionResumes)?;
    save(tx, &before, &subscription)?;
    Ok(())
}

/// A subscription that stands still because its trial ended with nothing to pay with goes on with a
/// period from now on.
pub(crate) fn resume(
    tx: &Tx<'_>,
    mut subscription: Value,
    means: Means,
) -> Result<Value, ApiError> {
    let before = subscription.clone();
    let id = text(&subscription, "id")?.to_owned();
    if text(&subscription, "status")? != "paused" {
        return Err(ApiError::refused(
            "subscription_not_paused",
            format!("The subscription {id} is not paused."),
        ));
    }
    let mut memory = memory(tx, &id)?;
    memory.means = means;
    set_memory(tx, &id, &memory)?;
    let now = tx.second();
    let next = cycle(&subscription)?.boundary_after(now, now)?;
    set_period(&mut subscription, now, next)?;
    set(
        &mut subscription,
        [
            ("billing_cycle_anchor", now.into()),
            ("default_payment_method", super::change::TEST_CARD.into()),
            ("status", "active".into()),
        ],
    )?;
    let owed = owed(tx, &subscription, now, next)?;
    let invoice = invoices::draft(
        tx,
        &mut subscription,
        "subscription_update",
        &owed,
        (now, now),
    )?;
    save(tx, &before, &subscription)?;
    emit(tx, "customer.subscription.resumed", &subscription, None)?;
    plan(tx, &subscription)?;
    collect_for(tx, subscription, invoice, None)
}

/// True if the trial ended with nothing to pay with and no invoice is to be made of it.
pub(crate) fn ends_without_means(
    tx: &Tx<'_>,
    subscription: &mut Value,
    before: &Value,
    attempt: Option<Attempt>,
) -> Result<bool, ApiError> {
    let id = text(subscription, "id")?.to_owned();
    if attempt.is_some() || memory(tx, &id)?.means != Means::Nothing {
        return Ok(false);
    }
    let behavior = subscription
        .pointer("/trial_settings/end_behavior/missing_payment_method")
        .and_then(Value::as_str);
    match behavior {
        Some("cancel") => {
            let (_, end) = period(subscription)?;
            *subscription = cancel(tx, subscription.take(), None, end)?;
            Ok(true)
        }
        Some("pause") => {
            agenda::forget_all(tx, &id)?;
            set(subscription, [("status", "paused".into())])?;
            if let Some(map) = subscription.as_object_mut() {
                map.insert("status_details".to_owned(), paused(tx.second()));
            }
            save(tx, before, subscription)?;
            emit(tx, "customer.subscription.paused", subscription, None)?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

fn paused(at: i64) -> Value {
    json!({
        "paused": {
            "subscription": { "type": "trial_end_without_payment_method" },
            "transitioned_at": at,
            "type": "subscription",
        },
    })
}
