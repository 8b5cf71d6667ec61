//! Failures as RFC 9457 problem details: the only place that knows their status codes.
//!
//! A problem names what is wrong by a stable `code` and never repeats the request. What went
//! wrong inside goes to the log, once, here.

use std::error::Error;

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};
use tuition_domain::access::SignInError;
use tuition_domain::checkout::StartError;
use tuition_domain::comments::{BodyError, PostError, ReadError, RemoveError};
use tuition_domain::limits::TooMany;
use tuition_domain::metrics::IngestError;
use tuition_domain::ports::Unavailable;

/// One failure, ready to be sent.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The status.
    pub status: StatusCode,
    /// Stable, for programs.
    pub code: &'static str,
    /// One calm sentence, for people.
    pub title: &'static str,
    retry_after: Option<i64>,
    extra: Map<String, Value>,
}

impl Problem {
    /// A problem of the caller's making.
    pub fn new(status: StatusCode, code: &'static str, title: &'static str) -> Self {
        Self {
            status,
            code,
            title,
            retry_after: None,
            extra: Map::new(),
        }
    }

    /// 400.
    pub fn bad_request(code: &'static str, title: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, title)
    }

    /// 422.
    pub fn invalid(code: &'static str, title: &'static str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, title)
    }

    /// 401.
    pub fn signed_out() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "signed-out", "Sign in first")
    }

    /// 404.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "There is nothing here")
    }

    /// 413.
    pub fn too_large() -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            "The request is too large",
        )
    }

    /// 415.
    pub fn media_type() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "media-type",
            "The content type is not accepted here",
        )
    }

    /// `next` is not a path of this site.
    pub fn next() -> Self {
        Self::bad_request("next", "The way back must be a path of this site")
    }

    /// With `Retry-After`, in seconds.
    pub fn retry_after(mut self, seconds: i64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// With one more member.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.extra.insert(name.to_owned(), value.into());
        self
    }

    /// The problem for a response that something below the handlers made (a wrong method, an
    /// unknown route).
    pub fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::not_found(),
            StatusCode::METHOD_NOT_ALLOWED => {
                Self::new(status, "method", "This method is not offered here")
            }
            StatusCode::PAYLOAD_TOO_LARGE => Self::too_large(),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::media_type(),
            status if status.is_client_error() => {
                Self::bad_request("request", "The request can't be understood")
            }
            _ => Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "internal",
                "Something went wrong on our side",
            ),
        }
    }

    /// The response. `instance` names this one occurrence, for the log. Headers of `base` that
    /// say more (`Allow`) are kept.
    pub fn render(&self, instance: &str, base: &HeaderMap) -> Response {
        let mut body = json!({
            "type": format!("urn:tuition:problem:{}", self.code),
            "title": self.title,
            "status": self.status.as_u16(),
            "code": self.code,
            "instance": instance,
        });
        if let Value::Object(members) = &mut body {
            members.extend(self.extra.clone());
        }
        let mut response = (self.status, body.to_string()).into_response();
        let headers = response.headers_mut();
        for name in [http::header::ALLOW, http::header::SET_COOKIE] {
            for value in base.get_all(&name) {
                headers.append(name.clone(), value.clone());
            }
        }
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        self.add_retry_after(headers);
        response
    }

    /// Sets `Retry-After` if this problem has one.
    pub fn add_retry_after(&self, headers: &mut HeaderMap) {
        if let Some(seconds) = self.retry_after {
            headers.insert::<HeaderName>(RETRY_AFTER, HeaderValue::from(seconds));
        }
    }
}

/// Handlers return a problem; `front` renders it, where the request is known.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Unavailable> for Problem {
    fn from(error: Unavailable) -> Self {
        tracing::error!(error = %chain(&error), "unavailable");
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "unavailable",
            "Something is down; try again soon",
        )
        .retry_after(5)
    }
}

impl From<TooMany> for Problem {
    fn from(error: TooMany) -> Self {
        Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too-many",
            "Too many; wait a little",
        )
        .retry_after(error.retry_after)
    }
}

impl From<StartError> for Problem {
    fn from(error: StartError) -> Self {
        match error {
            StartError::OfferNotFound => Self::new(
                StatusCode::NOT_FOUND,
                "offer-not-found",
                "This is not for sale",
            ),
            StartError::Quantity => Self::invalid("quantity", "This many can't be bought"),
            StartError::Currency => Self::invalid("currency", "There is no price in this currency"),
            StartError::Coupon => Self::invalid("coupon", "This coupon does not apply")
                .with("reason", "not valid for this offer"),
            StartError::Email(_) => Self::invalid("email", "This is not an e-mail address"),
            StartError::AlreadyOwned { path } => {
                Self::new(StatusCode::CONFLICT, "already-owned", "You have it already")
                    .with("course", path)
            }
            StartError::IdempotencyMismatch => Self::invalid(
                "idempotency-mismatch",
                "This Idempotency-Key was used with another request",
            ),
            StartError::TooMany(error) => error.into(),
            StartError::Payments(error) => {
                tracing::error!(error = %chain(&error), "the payment provider did not open a session");
                Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "payments-unavailable",
                    "Payments are down; nothing was charged",
                )
                .retry_after(10)
            }
            StartError::Store(error) => error.into(),
        }
    }
}

impl From<SignInError> for Problem {
    fn from(error: SignInError) -> Self {
        match error {
            SignInError::Email(_) => Self::invalid("email", "This is not an e-mail address"),
            SignInError::TooMany(error) => error.into(),
            SignInError::Gone => Self::new(
                StatusCode::GONE,
                "link",
                "This link or code does not work any more",
            ),
            SignInError::Unavailable(error) => error.into(),
        }
    }
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::NotFound => Self::not_found(),
            ReadError::SignedOut => Self::signed_out(),
            ReadError::Unavailable(error) => error.into(),
        }
    }
}

impl From<PostError> for Problem {
    fn from(error: PostError) -> Self {
        match error {
            PostError::SignedOut => Self::signed_out(),
            PostError::NotFound => Self::not_found(),
            PostError::Elsewhere => Self::invalid(
                "parent",
                "The comment to answer stands under another lesson",
            ),
            PostError::Body(BodyError::TooLong) => Self::too_large(),
            PostError::Body(BodyError::Empty) => {
                Self::invalid("empty", "There is nothing to read in it")
            }
            PostError::Body(BodyError::Nesting) => {
                Self::invalid("nesting", "Quotes and lists nest too deep")
            }
            PostError::Body(BodyError::Marks) => {
                Self::invalid("marks", "Too many marks on one letter")
            }
            PostError::TooMany(error) => error.into(),
            PostError::Unavailable(error) => error.into(),
        }
    }
}

impl From<RemoveError> for Problem {
    fn from(error: RemoveError) -> Self {
        match error {
            RemoveError::SignedOut => Self::signed_out(),
            RemoveError::NotFound => Self::not_found(),
            RemoveError::Unavailable(error) => error.into(),
        }
    }
}

impl From<IngestError> for Problem {
    fn from(error: IngestError) -> Self {
        match error {
            IngestError::TooMany(error) => error.into(),
            IngestError::Unavailable(error) => error.into(),
        }
    }
}

/// An error with its sources, each said once.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(inner) = source {
        let words = inner.to_string();
        if !text.contains(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        source = inner.source();
    }
    text
}
