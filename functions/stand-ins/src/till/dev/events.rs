//! `/_dev/till/events` and `/_dev/till/faults`: what was told, to be told again, and what goes wrong.

use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{INDEX, Till, done};
use crate::dev::Input;
use crate::problem::Problem;
use crate::till::endpoints::find;
use crate::till::error::ApiError;
use crate::till::events;
use crate::till::faults::{self, Plan};
use crate::till::fields::{optional_text, text};
use crate::till::store::{Query, Tx};

pub(super) fn router() -> Router<Till> {
    Router::new()
        .route("/_dev/till/events", get(list_events))
        .route("/_dev/till/events/{id}/resend", post(resend))
        .route("/_dev/till/faults", get(show_faults).post(set_faults))
}

/// `{events: [{id, type, created, data, deliveries: [{at, attempt, status, error}], …}]}`, the first
/// event first. `next_delivery_at` is null when none is planned; `fate` is what the fault plan did.
async fn list_events(State(till): State<Till>) -> Result<Json<Value>, Problem> {
    till.transact(|tx| Ok(Json(json!({ "events": all_events(tx)? }))))
        .await
}

/// All events with their deliveries, the first event first.
pub(crate) fn all_events(tx: &Tx<'_>) -> Result<Vec<Value>, ApiError> {
    let query = Query {
        kind: "event",
        limit: EVERYTHING,
        ..Query::default()
    };
    let (mut events, _) = tx.list(&query)?.unwrap_or_default();
    events.reverse();
    for event in &mut events {
        let id = text(event, "id")?.to_owned();
        let next = events::next_delivery(tx, &id)?
            .and_then(|due| jiff::Timestamp::from_millisecond(due).ok());
        let extra = [
            ("deliveries", events::deliveries(tx, &id)?.into()),
            (
                "fate",
                tx.hidden(&id)?.get("fate").cloned().unwrap_or_default(),
            ),
            ("next_delivery_at", next.map(|at| at.to_string()).into()),
        ];
        if let Some(map) = event.as_object_mut() {
            map.extend(extra.map(|(name, value)| (name.to_owned(), value)));
        }
    }
    Ok(events)
}

/// More objects than any development stage has.
const EVERYTHING: usize = 10_000_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Resend {
    /// Another receiver on this machine, `http://127.0.0.1:PORT/…`, which gets it once and at once.
    to: Option<String>,
}

/// Answers `{id, queued}`, or `{id, status, error}` of the one attempt at another receiver.
async fn resend(
    State(till): State<Till>,
    Path(id): Path<String>,
    Input { value, form }: Input<Resend>,
) -> Result<Response, Problem> {
    let Some(to) = value.to else {
        let event = till
            .transact(move |tx| {
                let event = find(tx, "event", &id)?;
                events::resend(tx, text(&event, "id")?)?;
                Ok(event)
            })
            .await?;
        let id = optional_text(&event, "id");
        return Ok(done(form, INDEX, json!({ "id": id, "queued": true })));
    };
    if !to.starts_with("http://127.0.0.1:") {
        return Err(Problem::bad_request(
            "to",
            "events are sent to http://127.0.0.1:PORT/ only",
        ));
    }
    let (id, second, body) = till
        .transact(move |tx| {
            find(tx, "event", &id)?;
            let body = events::body(tx, &id)?;
            Ok((id, tx.second(), body))
        })
        .await?;
    let answer = till.sender.post(&to, second, body).await;
    let told = json!({ "id": id, "status": answer.status, "error": answer.error });
    Ok(done(form, INDEX, told))
}

async fn show_faults(State(till): State<Till>) -> Result<Json<Plan>, Problem> {
    till.transact(|tx| Ok(Json(faults::plan(tx)?))).await
}

/// Replaces the whole plan; what is not said is zero.
async fn set_faults(
    State(till): State<Till>,
    Input { value, .. }: Input<Plan>,
) -> Result<Json<Plan>, Problem> {
    if let Some(fault) = value.fault() {
        return Err(Problem::bad_request("faults", fault));
    }
    till.transact(move |tx| {
        faults::set_plan(tx, &value)?;
        Ok(Json(value))
    })
    .await
}
