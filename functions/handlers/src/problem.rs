//! Failures as RFC 9457 problem details: the only place that knows their status codes.
//!
//! A problem names what is wrong by a stable `code` and never repeats the request. What went
//! wrong inside goes to the log, once, here.

mod code;

use std::error::Error;

use axum::response::{IntoResponse, Response};
pub use code::Code;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value, json};
use tuition_domain::access::{AddressError, ProfileError, SignInError};
use tuition_domain::checkout::StartError;
use tuition_domain::comments::{
    BodyError, DecisionError, EditError, PostError, ReadError, RemoveError, ReportError,
};
use tuition_domain::limits::TooMany;
use tuition_domain::metrics::{FiguresError, IngestError};
use tuition_domain::ports::Unavailable;

/// One failure, ready to be sent.
#[derive(Debug, Clone)]
pub struct Problem {
    /// Stable, for programs.
    pub code: Code,
    /// One calm sentence, for people.
    pub title: &'static str,
    retry_after: Option<i64>,
    extra: Map<String, Value>,
}

impl Problem {
    /// A problem, told to people by `title`.
    pub fn new(code: Code, title: &'static str) -> Self {
        Self {
            code,
            title,
            retry_after: None,
            extra: Map::new(),
        }
    }

    /// The status of its code.
    pub fn status(&self) -> StatusCode {
        self.code.status()
    }

    /// 401.
    pub fn signed_out() -> Self {
        Self::new(Code::SignedOut, "Sign in first")
    }

    /// 404.
    pub fn not_found() -> Self {
        Self::new(Code::NotFound, "There is nothing here")
    }

    /// 413.
    pub fn too_large() -> Self {
        Self::new(Code::TooLarge, "The request is too large")
    }

    /// 415.
    pub fn media_type() -> Self {
        Self::new(Code::MediaType, "The content type is not accepted here")
    }

    /// 422: no mail could be sent to this text.
    pub fn email() -> Self {
        Self::new(Code::Email, "This is not an e-mail address")
    }

    /// 410: a mailed link or code that does not work.
    pub fn link() -> Self {
        Self::new(Code::Link, "This link or code does not work any more")
    }

    /// `next` is not a path of this site.
    pub fn next() -> Self {
        Self::new(Code::Next, "The way back must be a path of this site")
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
                Self::new(Code::Method, "This method is not offered here")
            }
            StatusCode::PAYLOAD_TOO_LARGE => Self::too_large(),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Self::media_type(),
            status if status.is_client_error() => {
                Self::new(Code::Request, "The request can't be understood")
            }
            _ => Self::new(Code::Internal, "Something went wrong on our side"),
        }
    }

    /// The response. `instance` names this one occurrence, for the log. Headers of `base` that
    /// say more (`Allow`) are kept.
    pub fn render(&self, instance: &str, base: &HeaderMap) -> Response {
        let mut body = json!({
            "type": format!("urn:tuition:problem:{}", self.code.as_str()),
            "title": self.title,
            "status": self.status().as_u16(),
            "code": self.code,
            "instance": instance,
        });
        if let Value::Object(members) = &mut body {
            members.extend(self.extra.clone());
        }
        let mut response = (self.status(), body.to_string()).into_response();
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
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Unavailable> for Problem {
    fn from(error: Unavailable) -> Self {
        tracing::error!(error = %chain(&error), "unavailable");
        Self::new(Code::Unavailable, "Something is down; try again soon").retry_after(5)
    }
}

impl From<TooMany> for Problem {
    fn from(error: TooMany) -> Self {
        Self::new(Code::TooMany, "Too many; wait a little").retry_after(error.retry_after)
    }
}

impl From<StartError> for Problem {
    fn from(error: StartError) -> Self {
        match error {
            StartError::OfferNotFound => Self::new(Code::OfferNotFound, "This is not for sale"),
            StartError::Quantity => Self::new(Code::Quantity, "This many can't be bought"),
            StartError::Currency => Self::new(Code::Currency, "There is no price in this currency"),
            StartError::Coupon => Self::new(Code::Coupon, "This coupon does not apply")
                .with("reason", "not valid for this offer"),
            StartError::Email(_) => Self::email(),
            StartError::AlreadyOwned { path } => {
                Self::new(Code::AlreadyOwned, "You have it already").with("course", path)
            }
            StartError::IdempotencyMismatch => Self::new(
                Code::IdempotencyMismatch,
                "This Idempotency-Key was used with another request",
            ),
            StartError::TooMany(error) => error.into(),
            StartError::Payments(error) => {
                tracing::error!(error = %chain(&error), "the payment provider did not open a session");
                Self::new(
                    Code::PaymentsUnavailable,
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
            SignInError::Email(_) => Self::email(),
            SignInError::TooMany(error) => error.into(),
            SignInError::Gone => Self::link(),
            SignInError::Unavailable(error) => error.into(),
        }
    }
}

impl From<AddressError> for Problem {
    fn from(error: AddressError) -> Self {
        match error {
            AddressError::Email(_) => Self::email(),
            AddressError::Same => Self::new(Code::SameEmail, "The account has this address"),
            AddressError::TooMany(error) => error.into(),
            AddressError::Gone => Self::link(),
            AddressError::Taken => Self::new(
                Code::EmailTaken,
                "The new address has an account of its own",
            ),
            AddressError::Unavailable(error) => error.into(),
        }
    }
}

impl From<ProfileError> for Problem {
    fn from(error: ProfileError) -> Self {
        match error {
            ProfileError::Invalid => Self::new(
                Code::Profile,
                "A text is too long or has characters that it cannot have",
            ),
            ProfileError::Gone => Self::signed_out(),
            ProfileError::Unavailable(error) => error.into(),
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

impl From<BodyError> for Problem {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::TooLong => Self::too_large(),
            BodyError::Empty => Self::new(Code::Empty, "There is nothing to read in it"),
            BodyError::Nesting => Self::new(Code::Nesting, "Quotes and lists nest too deep"),
            BodyError::Marks => Self::new(Code::Marks, "Too many marks on one letter"),
        }
    }
}

fn banned() -> Problem {
    Problem::new(Code::Banned, "You can't write here any more")
}

impl From<PostError> for Problem {
    fn from(error: PostError) -> Self {
        match error {
            PostError::SignedOut => Self::signed_out(),
            PostError::NotFound => Self::not_found(),
            PostError::Full => Self::new(Code::Full, "This discussion is full"),
            PostError::Closed => Self::new(Code::Closed, "This discussion is closed"),
            PostError::Banned => banned(),
            PostError::Elsewhere => Self::new(
                Code::Parent,
                "The comment to answer stands under another lesson",
            ),
            PostError::Body(error) => error.into(),
            PostError::TooMany(error) => error.into(),
            PostError::Unavailable(error) => error.into(),
        }
    }
}

impl From<EditError> for Problem {
    fn from(error: EditError) -> Self {
        match error {
            EditError::SignedOut => Self::signed_out(),
            EditError::NotFound => Self::not_found(),
            EditError::Late => Self::new(Code::Late, "It has stood too long to be changed"),
            EditError::Banned => banned(),
            EditError::Body(error) => error.into(),
            EditError::TooMany(error) => error.into(),
            EditError::Unavailable(error) => error.into(),
        }
    }
}

impl From<ReportError> for Problem {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::SignedOut => Self::signed_out(),
            ReportError::NotFound => Self::not_found(),
            ReportError::TooMany(error) => error.into(),
            ReportError::Unavailable(error) => error.into(),
        }
    }
}

impl From<DecisionError> for Problem {
    fn from(error: DecisionError) -> Self {
        match error {
            DecisionError::SignedOut => Self::signed_out(),
            DecisionError::NotFound => Self::not_found(),
            DecisionError::Changed => {
                Self::new(Code::Changed, "It has changed since; look at it again")
            }
            DecisionError::Unseen => Self::new(
                Code::Unseen,
                "What is approved is named by the revision that was seen",
            ),
            DecisionError::Decision => Self::new(Code::Decision, "This can't be decided about it"),
            DecisionError::Commit => Self::new(Code::Commit, "This is no commit"),
            DecisionError::Unavailable(error) => error.into(),
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

impl From<FiguresError> for Problem {
    fn from(error: FiguresError) -> Self {
        match error {
            FiguresError::Unavailable(away) => away.into(),
            // A site with weights that make no report is not built.
            FiguresError::Params(params) => Unavailable::new(params).into(),
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
