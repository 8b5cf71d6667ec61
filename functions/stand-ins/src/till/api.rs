//! The HTTP rim of the Stripe API: keys, form bodies, idempotency, headers.
//!
//! Source: <https://docs.stripe.com/api>.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use tokio::sync::watch;

use super::agenda;
use super::endpoints;
use super::error::ApiError;
use super::faults;
use super::idempotency::{self, Kept};
use super::ids::random_id;
use super::objects::API_VERSION;
use super::outages::{self, Outage};
use super::params::Params;
use super::store::{Store, StoreError, Tx};

/// The routes of the till's own port. `origin` is where the pay page is served.
/// A call that a fault leaves without an answer ends when `stop` turns true.
pub(crate) fn router(store: Store, origin: &str, stop: watch::Receiver<bool>) -> Router {
    Router::new().fallback(handle).with_state(Api {
        store,
        origin: origin.into(),
        stop,
    })
}

#[derive(Clone)]
struct Api {
    store: Store,
    origin: Arc<str>,
    stop: watch::Receiver<bool>,
}

/// A request that may be tried: its key is good, its parameters can be read.
struct Call {
    id: String,
    method: Method,
    path: String,
    params: Params,
    key: Option<String>,
    origin: Arc<str>,
}

struct Answer {
    status: StatusCode,
    body: String,
    /// The id of the request that was answered first, if this is a replay.
    original: Option<String>,
    /// What the plan does to the answer on its way.
    outage: Option<Outage>,
}

const LARGEST_BODY: usize = 1024 * 1024;

async fn handle(State(api): State<Api>, request: Request) -> Response {
    let id = random_id("req_", 14).unwrap_or_else(|_| "req_norandomness".to_owned());
    let version = request
        .headers()
        .get("stripe-version")
        .cloned()
        .unwrap_or(HeaderValue::from_static(API_VERSION));
    let key = request.headers().get("idempotency-key").cloned();
    let answer = match call(&api, request, id.clone()).await {
        Ok(call) => {
            let answered = api
                .store
                .transact(move |tx| Ok::<_, StoreError>(answer(tx, call)));
            match answered.await {
                Ok(answer) => answer,
                Err(error) => Answer::from(&ApiError::from(error)),
            }
        }
        Err(error) => Answer::from(&error),
    };
    if answer.outage == Some(Outage::Silent) {
        let mut stop = api.stop.clone();
        // Either the caller goes away, which drops this, or the till stops.
        let _ = stop.wait_for(|stop| *stop).await;
    }
    respond(answer, &id, version, key)
}

/// Checks what can be checked without the till's memory.
async fn call(api: &Api, request: Request, id: String) -> Result<Call, ApiError> {
    let (parts, body) = request.into_parts();
    check_api_key(&parts.headers)?;
    let body = to_bytes(body, LARGEST_BODY)
        .await
        .map_err(|_| ApiError::invalid("", "The request body is too large or broke off."))?;
    let query = parts.uri.query().unwrap_or_default();
    let encoded = if body.is_empty() {
        query.to_owned()
    } else {
        check_content_type(&parts.headers)?;
        let body = std::str::from_utf8(&body)
            .map_err(|_| ApiError::invalid("", "The request body is not UTF-8."))?;
        format!("{query}{}{body}", if query.is_empty() { "" } else { "&" })
    };
    Ok(Call {
        id,
        params: Params::parse(&encoded)?,
        key: idempotency::key(&parts.method, &parts.headers)?,
        path: parts.uri.path().to_owned(),
        method: parts.method,
        origin: api.origin.clone(),
    })
}

fn check_api_key(headers: &HeaderMap) -> Result<(), ApiError> {
    let given = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '));
    let key = match given {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case("bearer") => key.trim().to_owned(),
        Some((scheme, pair)) if scheme.eq_ignore_ascii_case("basic") => STANDARD
            .decode(pair.trim())
            .ok()
            .and_then(|pair| String::from_utf8(pair).ok())
            .map(|pair| pair.split(':').next().unwrap_or_default().to_owned())
            .unwrap_or_default(),
        _ => String::new(),
    };
    if key.is_empty() {
        return Err(ApiError::unauthorized(
            "You did not provide an API key. You need to provide your API key in the Authorization \
             header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
        ));
    }
    if key.starts_with("sk_test_") || key.starts_with("rk_test_") {
        return Ok(());
    }
    Err(ApiError::unauthorized(
        "Invalid API Key provided. (This is the test till: its keys start with sk_test_.)",
    ))
}

fn check_content_type(headers: &HeaderMap) -> Result<(), ApiError> {
    let form = headers.get(header::CONTENT_TYPE).is_some_and(|kind| {
        kind.as_bytes()
            .starts_with(b"application/x-www-form-urlencoded")
    });
    if form {
        Ok(())
    } else {
        Err(ApiError::invalid(
            "",
            "Invalid request: the body must be application/x-www-form-urlencoded.",
        ))
    }
}

/// Answers a call in one transaction: two calls with one key meet each other's answer, never half of it.
fn answer(tx: &Tx<'_>, call: Call) -> Answer {
    let outage = match outages::meet(tx, &call.method, &call.path) {
        Ok(outage) => outage,
        Err(error) => return Answer::from(&ApiError::from(error)),
    };
    let answered = match outage {
        Some(Outage::Limited | Outage::Broken | Outage::Silent | Outage::Garbage) => {
            let status = outage.and_then(outages::status);
            Err(ApiError::fault(
                status.unwrap_or(StatusCode::GATEWAY_TIMEOUT),
            ))
        }
        Some(Outage::Cut | Outage::Lost) | None => try_answer(tx, call),
    };
    let answer = answered.unwrap_or_else(|error| Answer::from(&error));
    Answer { outage, ..answer }
}

fn try_answer(tx: &Tx<'_>, call: Call) -> Result<Answer, ApiError> {
    if let Some(status) = faults::plan(tx)?.api_status {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        return Err(ApiError::fault(status));
    }
    let fingerprint = call.params.fingerprint();
    if let Some(key) = &call.key
        && let Some(kept) = idempotency::replay(tx, key, &call.path, &fingerprint)?
    {
        return Ok(Answer {
            status: StatusCode::from_u16(kept.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            body: kept.body,
            original: Some(kept.request),
            outage: None,
        });
    }
    // What is due happens by itself: no request is told as its cause, and a refusal does not undo it.
    agenda::run_due(tx)?;
    tx.done_for(call.id.clone(), call.key.clone());
    let result =
        tx.attempt(|| endpoints::answer(tx, &call.method, &call.path, call.params, &call.origin));
    let (answer, keep) = match result {
        Ok(object) => (
            Answer {
                status: StatusCode::OK,
                body: serde_json::to_string_pretty(&object).map_err(StoreError::from)?,
                original: None,
                outage: None,
            },
            true,
        ),
        Err(error) => (Answer::from(&error), error.executed),
    };
    if let Some(key) = &call.key
        && keep
    {
        let kept = Kept {
            request: call.id,
            status: answer.status.as_u16(),
            body: answer.body.clone(),
        };
        idempotency::keep(tx, key, &call.path, &fingerprint, &kept)?;
    }
    Ok(answer)
}

impl From<&ApiError> for Answer {
    fn from(error: &ApiError) -> Self {
        Self {
            status: error.status,
            body: format!("{:#}\n", error.body()),
            original: None,
            outage: None,
        }
    }
}

fn respond(answer: Answer, id: &str, version: HeaderValue, key: Option<HeaderValue>) -> Response {
    let whole = match answer.outage {
        Some(Outage::Cut) => answer.body.clone(),
        _ => String::new(),
    };
    let mut response = (answer.status, Body::from(answer.body)).into_response();
    let headers = response.headers_mut();
    let mut put = |name: &'static str, value: HeaderValue| {
        headers.insert(HeaderName::from_static(name), value);
    };
    put("content-type", HeaderValue::from_static("application/json"));
    put(
        "cache-control",
        HeaderValue::from_static("no-cache, no-store"),
    );
    put("stripe-version", version);
    if let Ok(id) = HeaderValue::from_str(id) {
        put("request-id", id);
    }
    if let Some(key) = key {
        put("idempotency-key", key);
    }
    if let Some(original) = answer.original {
        put("idempotent-replayed", HeaderValue::from_static("true"));
        if let Ok(original) = HeaderValue::from_str(&original) {
            put("original-request", original);
        }
    }
    if answer.status == StatusCode::TOO_MANY_REQUESTS {
        put(
            "retry-after",
            HeaderValue::from_static(outages::RETRY_AFTER_S),
        );
    }
    match answer.outage {
        Some(outage) => outages::spoil(response, whole, outage),
        None => response,
    }
}

#[cfg(test)]
mod tests;
