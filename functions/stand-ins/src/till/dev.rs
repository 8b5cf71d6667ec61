//! `/_dev/till`: what a buyer, a bank and a test do at the till. JSON for tests, forms for pages.
//!
//! | POST | body |
//! |---|---|
//! | `sessions/{id}/pay` | `{card: "ok" \| "declined" \| "async" \| "declines_later", email?}`; the last for subscriptions |
//! | `sessions/{id}/settle` | `{result: "succeeded" \| "failed"}`, of a payment that takes days |
//! | `sessions/{id}/expire` | |
//! | `payments/{id}/refund` | `{amount?}` |
//! | `payments/{id}/dispute` | `{status: "warning" \| "open" \| "won" \| "lost"}` |
//! | `refunds/{id}/settle` | `{result}`: a pending refund ends, or one that succeeded fails after all |
//! | `subscriptions/{id}/renew` | `{result?}`: the next payment, or another attempt at one that failed |
//! | `subscriptions/{id}/cancel` | `{at_period_end?}` |
//! | `subscriptions/{id}/pause` | `{behavior?, resumes_at?}` |
//! | `subscriptions/{id}/resume`, `…/end_trial` | |
//! | `subscriptions/{id}/plan` | `{price}` or `{price_data: {unit_amount, interval?}}`, `proration_behavior?` |
//! | `events/{id}/resend` | `{to?}` |
//! | `faults` | the whole plan: see `faults` and `outages` |
//!
//! `GET events` and `GET faults` show what there is; `GET` of the folder itself and of a session are pages.

mod events;
mod portal;
mod subscriptions;

pub(super) use events::all_events;

use axum::extract::{Path, Query as UrlQuery, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::agenda;
use super::disputes::{self, Ruling};
use super::endpoints::find;
use super::error::ApiError;
use super::index_page;
use super::pay_page;
use super::payments::{self, Card, Settlement};
use super::refunds;
use super::sessions;
use super::store::{Store, Tx};
use super::webhooks::Sender;
use crate::dev::Input;
use crate::problem::Problem;

/// The routes below `/_dev/till`, with their full paths.
pub(crate) fn router(store: Store, sender: Sender) -> Router {
    Router::new()
        .route("/_dev/till", get(index))
        .route("/_dev/till/sessions/{id}", get(show_session))
        .route("/_dev/till/sessions/{id}/pay", post(pay))
        .route("/_dev/till/sessions/{id}/settle", post(settle))
        .route("/_dev/till/sessions/{id}/expire", post(expire))
        .route("/_dev/till/payments/{id}/refund", post(refund))
        .route("/_dev/till/payments/{id}/dispute", post(dispute))
        .route("/_dev/till/refunds/{id}/settle", post(settle_refund))
        .merge(subscriptions::router())
        .merge(portal::router())
        .merge(events::router())
        .with_state(Till { store, sender })
}

#[derive(Clone)]
struct Till {
    store: Store,
    sender: Sender,
}

impl Till {
    /// Runs `work` after what is due has happened.
    async fn transact<R: Send + 'static>(
        &self,
        work: impl FnOnce(&Tx<'_>) -> Result<R, ApiError> + Send + 'static,
    ) -> Result<R, Problem> {
        let result = self
            .store
            .transact(move |tx| {
                agenda::run_due(tx)?;
                // What was due stays done even if the work is refused.
                Ok::<_, ApiError>(tx.attempt(|| work(tx)))
            })
            .await;
        Ok(result??)
    }
}

impl From<ApiError> for Problem {
    fn from(error: ApiError) -> Self {
        let status = if error.executed {
            StatusCode::CONFLICT
        } else {
            error.status
        };
        let (code, message) = error.into_code_and_message();
        Self::new(status, code, message)
    }
}

/// An answer for a program, or the way back for a browser.
fn done(form: bool, back: &str, answer: Value) -> Response {
    if form {
        Redirect::to(back).into_response()
    } else {
        Json(answer).into_response()
    }
}

const INDEX: &str = "/_dev/till";

async fn index(State(till): State<Till>) -> Result<Response, Problem> {
    till.transact(index_page::index).await
}

#[derive(Deserialize)]
struct Shown {
    #[serde(default)]
    declined: bool,
}

async fn show_session(
    State(till): State<Till>,
    Path(id): Path<String>,
    UrlQuery(shown): UrlQuery<Shown>,
) -> Result<Response, Problem> {
    till.transact(move |tx| {
        let session = find(tx, "checkout.session", &id)?;
        pay_page::session(tx, &session, shown.declined)
    })
    .await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pay {
    card: Card,
    email: Option<String>,
}

/// Answers `{session, redirect}`; 402 if the bank declines. A browser is led to the success URL.
async fn pay(
    State(till): State<Till>,
    Path(id): Path<String>,
    Input { value, form }: Input<Pay>,
) -> Result<Response, Problem> {
    let page = format!("/_dev/till/sessions/{id}");
    let paid = till
        .transact(move |tx| {
            let session = find(tx, "checkout.session", &id)?;
            payments::pay(tx, session, value.card, value.email.as_deref())
        })
        .await;
    let paid = match paid {
        // The page says by itself why the session cannot be paid.
        Err(problem) if form && problem.code() == payments::NOT_OPEN => {
            return Ok(Redirect::to(&page).into_response());
        }
        paid => paid?,
    };
    if paid.declined {
        return if form {
            Ok(Redirect::to(&format!("{page}?declined=true")).into_response())
        } else {
            Err(Problem::new(
                StatusCode::PAYMENT_REQUIRED,
                "card_declined",
                "Your card was declined.",
            ))
        };
    }
    let redirect = pay_page::success_url(&paid.session)
        .ok_or_else(|| Problem::conflict("success_url", "the session has no success URL"))?;
    Ok(done(
        form,
        &redirect.clone(),
        json!({ "session": paid.session, "redirect": redirect }),
    ))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settle {
    result: Settlement,
}

async fn settle(
    State(till): State<Till>,
    Path(id): Path<String>,
    Input { value, form }: Input<Settle>,
) -> Result<Response, Problem> {
    let session = till
        .transact(move |tx| {
            let session = find(tx, "checkout.session", &id)?;
            payments::settle(tx, session, value.result)
        })
        .await?;
    Ok(done(form, INDEX, json!({ "session": session })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn expire(
    State(till): State<Till>,
    Path(id): Path<String>,
    Input { form, .. }: Input<Nothing>,
) -> Result<Response, Problem> {
    let session = till
        .transact(move |tx| sessions::expire(tx, find(tx, "checkout.session", &id)?))
        .await?;
    Ok(done(form, INDEX, json!({ "session": session })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Refund {
    /// Minor units; all that is left if it isn't said.
    amount: Option<i64>,
}

async fn refund(
    State(till): State<Till>,
    Path(id): Path<String>,
    Input { value, form }: Input<Refund>,
) -> Result<Response, Problem> {
    let refund = till
        .transact(move |tx| {
            let charge = refunds::charge_of(tx, &id, "id")?;
            refunds::refund(tx, charge, value.amount, None, Map::new())
        })
        .await?;
    Ok(done(form, INDEX, json!({ "refund": refund })))
}

/// A pending refund succeeds or fails; one that succeeded may still fail.
async fn settle_refund(
    State(till): State<Till>,
    Path(id): Path<String>,
    Input { value, form }: Input<Settle>,
) -> Result<Response, Problem> {
    let refund = till
        .transact(move |tx| refunds::settle(tx, find(tx, "refund", &id)?, value.result))
        .await?;
    Ok(done(form, INDEX, json!({ "refund": refund })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Dispute {
    status: Ruling,
}

async fn dispute(
    State(till): State<Till>,
    Path(id): Path<String>,
    Input { value, form }: Input<Dispute>,
) -> Result<Response, Problem> {
    let dispute = till
        .transact(move |tx| {
            let charge = refunds::charge_of(tx, &id, "id")?;
            disputes::dispute(tx, charge, value.status)
        })
        .await?;
    Ok(done(form, INDEX, json!({ "dispute": dispute })))
}
