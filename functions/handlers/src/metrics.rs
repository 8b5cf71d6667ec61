//! `/api/metrics`: usage events in, the author's summary out.

use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use http::{HeaderMap, StatusCode};
use serde_json::Value;
use tuition_domain::metrics::{Incoming, MAX_BATCH, MetricPorts, Sender, Summary, ingest, summary};

use crate::access::current;
use crate::body;
use crate::front::{self, Front};
use crate::problem::Problem;

/// What the routes need.
#[derive(Clone)]
pub struct Metrics {
    /// The site.
    pub front: Front,
    /// The domain's ports.
    pub ports: MetricPorts,
}

/// The routes of the metrics function.
pub fn router(app: Metrics) -> Router {
    let front = app.front.clone();
    front.around(
        Router::new()
            .route("/api/metrics/events", post(take))
            .route("/api/metrics/summary", get(show))
            .with_state(app),
    )
}

/// Events are sent when a page goes away, with nobody left to read an answer: whatever of a
/// batch can't be used is counted, and the rest is kept.
async fn take(
    State(app): State<Metrics>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    app.front.check_origin(&headers)?;
    if front::is_uncounted(&headers) {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    if !body::is_json(&headers) {
        return Err(Problem::media_type());
    }
    let bytes = body::read(&headers, body, body::MAX_BODY).await?;
    let batch = events(&String::from_utf8_lossy(&bytes))?;
    let sender = Sender {
        address: front::address(&headers),
        user_agent: front::user_agent(&headers),
    };
    let reader = current(&app.front, &app.ports.reader, &headers)
        .await?
        .map(|(reader, _)| reader);
    let accepted = ingest(&app.ports, batch, &sender, reader.as_ref()).await?;
    Ok((StatusCode::ACCEPTED, Json(accepted)).into_response())
}

fn events(text: &str) -> Result<Vec<Option<Incoming>>, Problem> {
    let json = Problem::bad_request("json", "The body is not the JSON expected here");
    let value: Value = serde_json::from_str(text).map_err(|_| json.clone())?;
    let Value::Object(mut members) = value else {
        return Err(json);
    };
    let Some(Value::Array(events)) = members.remove("events") else {
        return Err(json);
    };
    if events.len() > MAX_BATCH {
        return Err(Problem::invalid("batch", "A batch has at most 50 events"));
    }
    Ok(events
        .into_iter()
        .map(|event| serde_json::from_value(event).ok())
        .collect())
}

async fn show(State(app): State<Metrics>, headers: HeaderMap) -> Result<Json<Summary>, Problem> {
    let (reader, _) = current(&app.front, &app.ports.reader, &headers)
        .await?
        .ok_or(Problem::signed_out())?;
    if !reader.is_author {
        return Err(Problem::not_found());
    }
    Ok(Json(summary(&app.ports).await?))
}
