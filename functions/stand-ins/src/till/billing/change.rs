//! `POST /v1/subscriptions/{id}`: what the shop, or the customer through it, changes.

use serde_json::{Value, json};

use super::asked::{cancellation_details, changes, pause_collection, payment_method, trial_end};
use super::ends;
use super::life;
use super::prorate::{self, Change, Proration};
use super::record::{items, memory, period, save, set_reason};
use crate::till::agenda::{self, Matter};
use crate::till::error::ApiError;
use crate::till::fields::{set, text};
use crate::till::params::Params;
use crate::till::prices;
use crate::till::store::Tx;

/// The payment method of whoever has a good card.
pub(crate) const TEST_CARD: &str = "pm_1TestTillCardGood0000000";
pub(super) const FAILING_CARD: &str = "pm_1TestTillCardFails000000";

/// Changes what the request names and collects what that costs at once.
pub(crate) fn update(tx: &Tx<'_>, params: &mut Params, before: Value) -> Result<Value, ApiError> {
    let mut subscription = before.clone();
    prices::change_metadata(params, &mut subscription)?;
    cancellation_details(params, &mut subscription)?;
    if text(&before, "status")? == "canceled" {
        return changed_after_the_end(tx, params, &before, subscription);
    }
    if let Some(description) = params.text("description")? {
        set(&mut subscription, [("description", description.into())])?;
    }
    payment_method(tx, params, &mut subscription)?;
    pause_collection(tx, params, &mut subscription)?;
    params.choice("payment_behavior", &["allow_incomplete"])?;
    let proration = Proration::read(params)?;
    let changes = changes(tx, params, &subscription)?;
    let invoice = match changes.as_slice() {
        [] => None,
        changes => prorate::apply(tx, &mut subscription, changes, proration)?,
    };
    let trial_ends_now = trial_end(params, &mut subscription, tx.second())?;
    if let Some(cancels) = params.boolean("cancel_at_period_end")? {
        schedule_cancel(&mut subscription, cancels, tx.second())?;
    }
    follow_period(&mut subscription)?;
    save(tx, &before, &subscription)?;
    life::plan(tx, &subscription)?;
    if let Some(invoice) = invoice {
        subscription = life::collect_for(tx, subscription, invoice, None)?;
    }
    if trial_ends_now {
        subscription = life::end_trial(tx, subscription)?;
    }
    Ok(subscription)
}

/// `DELETE /v1/subscriptions/{id}`.
pub(crate) fn cancel(
    tx: &Tx<'_>,
    params: &mut Params,
    mut subscription: Value,
) -> Result<Value, ApiError> {
    cancellation_details(params, &mut subscription)?;
    for name in ["invoice_now", "prorate"] {
        if params.boolean(name)? == Some(true) {
            return Err(ApiError::invalid(
                name,
                format!("The test till does not support {name}."),
            ));
        }
    }
    ends::cancel(
        tx,
        subscription,
        Some("cancellation_requested"),
        tx.second(),
    )
}

/// `POST /v1/subscriptions/{id}/resume`, of one that stands still: it goes on with what the customer
/// pays with by now.
pub(crate) fn resume(
    tx: &Tx<'_>,
    params: &mut Params,
    subscription: Value,
) -> Result<Value, ApiError> {
    params.choice("billing_cycle_anchor", &["now"])?;
    params.choice("proration_behavior", &["create_prorations", "none"])?;
    let means = memory(tx, text(&subscription, "id")?)?.means;
    ends::resume(tx, subscription, means)
}

/// The item's price becomes `price`, as the development routes ask; collected as `update` does.
pub(crate) fn to_price(
    tx: &Tx<'_>,
    before: Value,
    price: Value,
    proration: Proration,
) -> Result<Value, ApiError> {
    let mut subscription = before.clone();
    let item = items(&before)
        .next()
        .and_then(|item| item.get("id"))
        .and_then(Value::as_str)
        .unwrap_or_default();
    let change = Change {
        item: item.to_owned(),
        price: Some(price),
        quantity: None,
    };
    let invoice = prorate::apply(tx, &mut subscription, &[change], proration)?;
    follow_period(&mut subscription)?;
    save(tx, &before, &subscription)?;
    life::plan(tx, &subscription)?;
    match invoice {
        Some(invoice) => life::collect_for(tx, subscription, invoice, None),
        None => Ok(subscription),
    }
}

/// Ends it when the period does, or takes that back.
pub(crate) fn schedule_cancel(
    subscription: &mut Value,
    cancels: bool,
    now: i64,
) -> Result<(), ApiError> {
    let (_, end) = period(subscription)?;
    let times = if cancels {
        set_reason(subscription, "cancellation_requested")?;
        (json!(end), json!(now))
    } else {
        if let Some(details) = subscription.get_mut("cancellation_details") {
            set(details, [("reason", Value::Null)])?;
        }
        (Value::Null, Value::Null)
    };
    set(
        subscription,
        [
            ("cancel_at_period_end", cancels.into()),
            ("cancel_at", times.0),
            ("canceled_at", times.1),
        ],
    )?;
    Ok(())
}

/// A planned end moves with the period's.
fn follow_period(subscription: &mut Value) -> Result<(), ApiError> {
    if subscription.get("cancel_at_period_end") == Some(&json!(true)) {
        let (_, end) = period(subscription)?;
        set(subscription, [("cancel_at", end.into())])?;
    }
    Ok(())
}

/// Pauses the collection; until `resumes_at` if that is given, in seconds since 1970.
pub(crate) fn pause(
    tx: &Tx<'_>,
    subscription: &mut Value,
    behavior: &str,
    resumes_at: Option<i64>,
) -> Result<(), ApiError> {
    let id = text(subscription, "id")?.to_owned();
    if let Some(at) = resumes_at {
        if at <= tx.second() {
            return Err(ApiError::invalid(
                "pause_collection[resumes_at]",
                "`resumes_at` must be in the future.",
            ));
        }
        agenda::plan(tx, &id, Matter::CollectionResumes, at)?;
    }
    set(
        subscription,
        [(
            "pause_collection",
            json!({ "behavior": behavior, "resumes_at": resumes_at }),
        )],
    )?;
    Ok(())
}

/// What can be done to an invoice while collection is paused.
pub(crate) const PAUSE_BEHAVIORS: [&str; 3] = ["keep_as_draft", "mark_uncollectible", "void"];

fn changed_after_the_end(
    tx: &Tx<'_>,
    params: &mut Params,
    before: &Value,
    subscription: Value,
) -> Result<Value, ApiError> {
    if !params.is_empty() {
        return Err(ApiError::refused(
            "invalid_canceled_subscription_fields",
            "A canceled subscription can only update its cancellation_details and metadata.",
        ));
    }
    save(tx, before, &subscription)?;
    Ok(subscription)
}
