//! `/_dev/till/subscriptions`: what time, the customer and their bank do to a subscription, now.
//!
//! Every route answers `{subscription, invoice}`: both as they are then, the invoice null while there is
//! none.

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::post;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{INDEX, Nothing, Till, done};
use crate::dev::Input;
use crate::problem::Problem;
use crate::till::billing::change::{self, PAUSE_BEHAVIORS};
use crate::till::billing::prorate::Proration;
use crate::till::billing::{Attempt, Means, ends, life, save};
use crate::till::currency::check_amount;
use crate::till::cycle::INTERVALS;
use crate::till::endpoints::find;
use crate::till::error::ApiError;
use crate::till::fields::{integer, optional_text, set, text};
use crate::till::ids::random_id;
use crate::till::objects;
use crate::till::payments::Settlement;
use crate::till::prices::active_price;
use crate::till::store::{StoreError, Tx};

pub(super) fn router() -> Router<Till> {
    Router::new()
        .route("/_dev/till/subscriptions/{id}/renew", post(renew))
        .route("/_dev/till/subscriptions/{id}/cancel", post(cancel))
        .route("/_dev/till/subscriptions/{id}/pause", post(pause))
        .route("/_dev/till/subscriptions/{id}/resume", post(resume))
        .route("/_dev/till/subscriptions/{id}/plan", post(plan))
        .route("/_dev/till/subscriptions/{id}/end_trial", post(end_trial))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Renew {
    /// How the payment goes; as the card is, if it isn't said.
    result: Option<Settlement>,
}

/// Brings about the next payment: that of the next period, or another attempt at one that failed. A
/// trial ends.
async fn renew(
    State(till): State<Till>,
    Path(id): Path<String>,
    Input { value, form }: Input<Renew>,
) -> Result<Response, Problem> {
    let attempt = value.result.map(|result| match result {
        Settlement::Succeeded => Attempt::Succeeds,
        Settlement::Failed => Attempt::Fails,
    });
    let work = move |tx: &Tx<'_>, subscription: Value| match text(&subscription, "status")? {
        "trialing" | "active" => life::renew(tx, subscription, attempt),
        "past_due" => {
            let latest = tx.named(text(&subscription, "latest_invoice")?)?;
            life::collect_again(tx, latest, attempt)
        }
        status => Err(refused(status)),
    };
    run(till, id, form, work).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cancel {
    /// When the period ends; now, if it isn't said.
    #[serde(default)]
    at_period_end: bool,
}

async fn cancel(
    State(till): State<Till>,
    Path(id): Path<String>,
    Input { value, form }: Input<Cancel>,
) -> Result<Response, Problem> {
    let work = move |tx: &Tx<'_>, subscription: Value| {
        if !value.at_period_end {
            let reason = Some("cancellation_requested");
            return ends::cancel(tx, subscription, reason, tx.second());
        }
        match text(&subscription, "status")? {
            status @ ("canceled" | "incomplete_expired") => Err(refused(status)),
            _ => scheduled(tx, subscription, true),
        }
    };
    run(till, id, form, work).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pause {
    /// What becomes of invoices meanwhile; `void` if it isn't said.
    behavior: Option<String>,
    /// Seconds since 1970.
    resumes_at: Option<i64>,
}

/// Pauses the collection of money; the subscription goes on.
async fn pause(
    State(till): State<Till>,
    Path(id): Path<String>,
    Input { value, form }: Input<Pause>,
) -> Result<Response, Problem> {
    let work = move |tx: &Tx<'_>, before: Value| {
        let behavior = value.behavior.as_deref().unwrap_or("void");
        if !PAUSE_BEHAVIORS.contains(&behavior) {
            return Err(ApiError::invalid(
                "behavior",
                format!("behavior is one of {}", PAUSE_BEHAVIORS.join(", ")),
            ));
        }
        let mut after = before.clone();
        change::pause(tx, &mut after, behavior, value.resumes_at)?;
        save(tx, &before, &after)?;
        Ok(after)
    };
    run(till, id, form, work).await
}

/// Goes on after whatever holds it: a pause (with a good card), a pause of the collection, a planned
/// end.
async fn resume(
    State(till): State<Till>,
    Path(id): Path<String>,
    Input { form, .. }: Input<Nothing>,
) -> Result<Response, Problem> {
    let work = |tx: &Tx<'_>, subscription: Value| {
        if optional_text(&subscription, "status") == Some("paused") {
            return ends::resume(tx, subscription, Means::Card);
        }
        if subscription.get("cancel_at_period_end") == Some(&json!(true)) {
            return scheduled(tx, subscription, false);
        }
        let id = text(&subscription, "id")?;
        ends::resume_collection(tx, id)?;
        Ok(tx.named(id)?)
    };
    run(till, id, form, work).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Plan {
    /// The id of a recurring price.
    price: Option<String>,
    /// Or a new price of the same product.
    price_data: Option<PriceData>,
    /// `create_prorations`, `always_invoice` or `none`.
    proration_behavior: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PriceData {
    /// Minor units.
    unit_amount: i64,
    /// `day`, `week`, `month` or `year`; as before, if it isn't said.
    interval: Option<String>,
}

async fn plan(
    State(till): State<Till>,
    Path(id): Path<String>,
    Input { value, form }: Input<Plan>,
) -> Result<Response, Problem> {
    let work = move |tx: &Tx<'_>, subscription: Value| {
        match text(&subscription, "status")? {
            "trialing" | "active" | "past_due" => {}
            status => return Err(refused(status)),
        }
        let price = match (&value.price, &value.price_data) {
            (Some(id), None) => active_price(tx, id, "price")?,
            (None, Some(data)) => new_price(tx, &subscription, data)?,
            _ => {
                return Err(ApiError::invalid(
                    "price",
                    "name one of price and price_data",
                ));
            }
        };
        let proration = match value.proration_behavior.as_deref() {
            None | Some("create_prorations") => Proration::Next,
            Some("always_invoice") => Proration::Now,
            Some("none") => Proration::Never,
            Some(_) => {
                return Err(ApiError::invalid(
                    "proration_behavior",
                    "proration_behavior is create_prorations, always_invoice or none",
                ));
            }
        };
        change::to_price(tx, subscription, price, proration)
    };
    run(till, id, form, work).await
}

async fn end_trial(
    State(till): State<Till>,
    Path(id): Path<String>,
    Input { form, .. }: Input<Nothing>,
) -> Result<Response, Problem> {
    let work = |tx: &Tx<'_>, subscription: Value| match text(&subscription, "status")? {
        "trialing" => life::end_trial(tx, subscription),
        status => Err(refused(status)),
    };
    run(till, id, form, work).await
}

/// Does `work` with the subscription and answers what it is then.
async fn run(
    till: Till,
    id: String,
    form: bool,
    work: impl FnOnce(&Tx<'_>, Value) -> Result<Value, ApiError> + Send + 'static,
) -> Result<Response, Problem> {
    let answer = till
        .transact(move |tx| {
            let subscription = work(tx, find(tx, "subscription", &id)?)?;
            let invoice = optional_text(&subscription, "latest_invoice")
                .map(|invoice| tx.named(invoice))
                .transpose()?;
            Ok(json!({ "subscription": subscription, "invoice": invoice }))
        })
        .await?;
    Ok(done(form, INDEX, answer))
}

fn scheduled(tx: &Tx<'_>, before: Value, cancels: bool) -> Result<Value, ApiError> {
    let mut after = before.clone();
    change::schedule_cancel(&mut after, cancels, tx.second())?;
    save(tx, &before, &after)?;
    Ok(after)
}

fn refused(status: &str) -> ApiError {
    ApiError::refused(
        "subscription_state",
        format!("The subscription has a status of `{status}`."),
    )
}

/// A price of the product that is sold already.
fn new_price(tx: &Tx<'_>, subscription: &Value, data: &PriceData) -> Result<Value, ApiError> {
    let old = subscription
        .pointer("/items/data/0/price")
        .cloned()
        .unwrap_or_default();
    let recurring = old.get("recurring").cloned().unwrap_or_default();
    let currency = text(&old, "currency")?;
    check_amount("unit_amount", currency, data.unit_amount)?;
    let interval = data.interval.as_deref();
    if interval.is_some_and(|interval| !INTERVALS.contains(&interval)) {
        return Err(ApiError::invalid(
            "interval",
            "interval is day, week, month or year",
        ));
    }
    let count = match interval {
        Some(_) => 1,
        None => integer(&recurring, "interval_count")?,
    };
    let interval = match interval {
        Some(interval) => interval,
        None => text(&recurring, "interval")?,
    };
    let id = random_id("price_1", 23).map_err(StoreError::from)?;
    let mut price = objects::price(
        &id,
        tx.second(),
        text(&old, "product")?,
        currency,
        data.unit_amount,
    );
    set(
        &mut price,
        [
            ("active", false.into()),
            ("recurring", objects::recurring(interval, count)),
            ("tax_behavior", text(&old, "tax_behavior")?.into()),
            ("type", "recurring".into()),
        ],
    )?;
    tx.insert(&price, &json!({}))?;
    Ok(price)
}
