//! What the `/_dev` routes share: reading a body that is JSON or a form, who asks, and the clock.

use axum::extract::{FromRequest, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

use crate::clock::{ClockError, SteppableClock};
use crate::problem::Problem;

/// `POST /_dev/clock`.
pub(crate) fn clock_router(clock: SteppableClock) -> Router {
    Router::new()
        .route("/_dev/clock", post(advance).get(show_clock))
        .with_state(clock)
}

/// Lets a page of another site do nothing here. A browser names the page that sends a request, and
/// only pages of `origin` may change anything; and it names the host it believes to talk to, which
/// must be this machine or the host of `origin`, or a foreign name that leads here could read mails.
pub(crate) fn own_pages_only(router: Router, origin: &str) -> Router {
    let origin: Arc<str> = origin.into();
    router.layer(middleware::from_fn_with_state(origin, check_origin))
}

async fn check_origin(
    State(origin): State<Arc<str>>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let headers = request.headers();
    if !headers
        .get(header::HOST)
        .is_none_or(|host| is_own_host(host.as_bytes(), &origin))
    {
        return Err(Problem::new(
            StatusCode::MISDIRECTED_REQUEST,
            "host",
            "this stage has another address",
        ));
    }
    let foreign = match headers.get(header::ORIGIN) {
        None => false,
        Some(named) if named == "null" => headers
            .get("sec-fetch-site")
            .is_none_or(|site| site != "same-origin"),
        Some(named) => named.as_bytes() != origin.as_bytes(),
    };
    if foreign && !request.method().is_safe() {
        return Err(Problem::bad_request(
            "origin",
            "only pages of this stage may do that",
        ));
    }
    Ok(next.run(request).await)
}

fn is_own_host(host: &[u8], origin: &str) -> bool {
    let Ok(host) = std::str::from_utf8(host) else {
        return false;
    };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    let local = ["127.0.0.1", "[::1]", "localhost"];
    local.contains(&name) || origin.split_once("://").is_some_and(|(_, own)| own == host)
}

/// True if the asker is a browser that shows pages.
pub(crate) fn wants_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

/// A request body: JSON, or a form sent by a page. An empty body is an empty object; an empty form
/// field counts as not filled in.
pub(crate) struct Input<T> {
    pub(crate) value: T,
    /// True for a form: its sender is a browser and wants to be led on.
    pub(crate) form: bool,
}

const LARGEST_BODY: usize = 64 * 1024;

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Input<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let form = request
            .headers()
            .get(header::CONTENT_TYPE)
            .is_some_and(|kind| {
                kind.as_bytes()
                    .starts_with(b"application/x-www-form-urlencoded")
            });
        let body = axum::body::to_bytes(request.into_body(), LARGEST_BODY)
            .await
            .map_err(|_| {
                Problem::new(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "too-large",
                    "the body is over 64 KiB or broke off",
                )
            })?;
        let value = if form {
            from_form(&body)
        } else {
            from_json(&body)
        }?;
        Ok(Self { value, form })
    }
}

fn from_json<T: DeserializeOwned>(body: &Bytes) -> Result<T, Problem> {
    let body: &[u8] = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| {
        Problem::bad_request(
            "body",
            format!("the body is not what this route takes: {error}"),
        )
    })
}

fn from_form<T: DeserializeOwned>(body: &Bytes) -> Result<T, Problem> {
    let unreadable = |error: serde_urlencoded::de::Error| {
        Problem::bad_request(
            "body",
            format!("the form is not what this route takes: {error}"),
        )
    };
    let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(body).map_err(unreadable)?;
    let filled: Vec<_> = pairs
        .into_iter()
        .filter(|(_, value)| !value.trim().is_empty())
        .collect();
    let encoded = serde_urlencoded::to_string(&filled)
        .map_err(|_| Problem::bad_request("body", "the form cannot be read"))?;
    serde_urlencoded::from_str(&encoded).map_err(unreadable)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    /// Seconds, 0 or more.
    advance_s: i64,
}

#[derive(Serialize)]
struct Now {
    now: Timestamp,
}

async fn advance(
    State(clock): State<SteppableClock>,
    Input { value, .. }: Input<Advance>,
) -> Result<Json<Now>, Problem> {
    let stepped = tokio::task::spawn_blocking(move || clock.advance(value.advance_s)).await;
    match stepped {
        Ok(Ok(now)) => Ok(Json(Now { now })),
        Ok(Err(error @ (ClockError::Backwards(_) | ClockError::TooFar(_)))) => {
            Err(Problem::bad_request("advance-s", error.to_string()))
        }
        Ok(Err(error)) => Err(Problem::internal(&error)),
        Err(error) => Err(Problem::internal(&error)),
    }
}

async fn show_clock(State(clock): State<SteppableClock>) -> Response {
    Json(Now { now: clock.now() }).into_response()
}
