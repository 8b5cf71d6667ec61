//! One request to Stripe, one answer: what async-stripe's typed requests are sent through.
//!
//! Its own transport is not used: that reads a refusal into a type which holds every object of the API, and a function
//! would carry the readers of them all, six megabytes. Knows no object of Stripe, and repeats nothing.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT};
use http::{Method, Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use miniserde::Deserialize;
use stripe_client_core::{
    AccountId, CustomizedStripeRequest, IdempotencyKey, RequestBuilder, RequestStrategy,
    StripeClient, StripeClientErr, StripeMethod, VERSION,
};

use super::StripeSetupError;
use crate::causes::causes;

const STRIPE: &str = "https://api.stripe.com";
const AGENT: &str = concat!("tuition/", env!("CARGO_PKG_VERSION"));

/// One attempt, from looking up the host to the last byte. Half of a whole call, so that one lost
/// answer leaves time for another.
const ATTEMPT: Duration = Duration::from_millis(4_500);
/// Bytes of the longest answer that is read: the memory of a function ends. A full page of a list
/// is a tenth of it.
const ANSWER: usize = 8 << 20;

const VERSION_HEADER: HeaderName = HeaderName::from_static("stripe-version");
const ACCOUNT: HeaderName = HeaderName::from_static("stripe-account");
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const SHOULD_RETRY: HeaderName = HeaderName::from_static("stripe-should-retry");

/// Stripe under one secret key.
#[derive(Clone)]
pub(super) struct Client {
    http: HttpClient<HttpsConnector<HttpConnector>, Full<Bytes>>,
    /// Scheme and host, without a slash at the end.
    base: String,
    /// Marked as sensitive: no `Debug` form shows it.
    authorization: HeaderValue,
}

impl Client {
    /// Stripe under `key`, at `endpoint` in place of its own address. Makes no call yet.
    pub(super) fn new(key: &str, endpoint: Option<&str>) -> Result<Self, StripeSetupError> {
        let base = endpoint.unwrap_or(STRIPE).trim_end_matches('/');
        let uri: Uri = base
            .parse()
            .map_err(|error| StripeSetupError(format!("its address is none: {error}")))?;
        if uri.scheme().is_none() {
            return Err(StripeSetupError("its address has no scheme".to_owned()));
        }
        let mut authorization = HeaderValue::try_from(format!("Bearer {key}")).map_err(|_| {
            StripeSetupError("the key has characters that no header may have".to_owned())
        })?;
        authorization.set_sensitive(true);
        let https = HttpsConnectorBuilder::new()
            .with_webpki_roots()
            .https_or_http()
            .enable_http1()
            .build();
        Ok(Self {
            // A function sleeps between requests, and a connection that it wakes with may be dead
            // without a word: each request has its own.
            http: HttpClient::builder(TokioExecutor::new())
                .pool_max_idle_per_host(0)
                .build(https),
            base: base.to_owned(),
            authorization,
        })
    }

    fn request(
        &self,
        asked: RequestBuilder,
        key: Option<&IdempotencyKey>,
        account: Option<&AccountId>,
    ) -> Result<Request<Full<Bytes>>, Failure> {
        let mut uri = format!("{}/v1{}", self.base, asked.path);
        if let Some(query) = &asked.query {
            uri.push('?');
            uri.push_str(query);
        }
        let mut request = Request::builder()
            .method(match asked.method {
                StripeMethod::Get => Method::GET,
                StripeMethod::Post => Method::POST,
                StripeMethod::Delete => Method::DELETE,
            })
            .uri(uri)
            .header(AUTHORIZATION, self.authorization.clone())
            .header(USER_AGENT, AGENT)
            .header(VERSION_HEADER, VERSION.as_str());
        if let Some(account) = account {
            request = request.header(ACCOUNT, account.as_str());
        }
        if let Some(key) = key {
            request = request.header(IDEMPOTENCY_KEY, key.as_str());
        }
        if asked.body.is_some() {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let body = Full::new(Bytes::from(asked.body.unwrap_or_default()));
        request
            .body(body)
            .map_err(|error| Failure::Unsendable(error.to_string()))
    }

    async fn ask(&self, request: Request<Full<Bytes>>) -> Result<Bytes, Failure> {
        let answer = self
            .http
            .request(request)
            .await
            .map_err(|error| Failure::Unreachable(causes(&error)))?;
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, ANSWER)
            .collect()
            .await
            .map_err(|error| match error.is::<LengthLimitError>() {
                true => Failure::Unreadable("it is too long".to_owned()),
                false => Failure::Unreachable(causes(error.as_ref())),
            })?
            .to_bytes();
        match head.status.is_success() {
            true => Ok(body),
            false => Err(refused(head.status, &head.headers, &body)),
        }
    }
}

impl StripeClient for Client {
    type Err = Failure;

    /// Sends it once. A strategy that repeats is refused: when to ask again is for the caller.
    async fn execute(&self, asked: CustomizedStripeRequest) -> Result<Bytes, Failure> {
        let (request, changes) = asked.into_pieces();
        let key = key(changes.request_strategy.as_ref())?;
        let request = self.request(request, key, changes.account_id.as_ref())?;
        tokio::time::timeout(changes.timeout.unwrap_or(ATTEMPT), self.ask(request))
            .await
            .unwrap_or(Err(Failure::Late))
    }
}

fn key(strategy: Option<&RequestStrategy>) -> Result<Option<&IdempotencyKey>, Failure> {
    match strategy {
        None | Some(RequestStrategy::Once) => Ok(None),
        Some(RequestStrategy::Idempotent(key)) => Ok(Some(key)),
        Some(RequestStrategy::Retry(_) | RequestStrategy::ExponentialBackoff(_)) => {
            Err(Failure::Unsendable("nothing is repeated here".to_owned()))
        }
    }
}

/// Why a request has no answer. No text of it holds the key, or a value that was sent.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// Stripe says no.
    #[error("stripe answered {status}{refusal}")]
    Refused {
        /// Not one of success.
        status: StatusCode,
        /// Why.
        refusal: Refusal,
        /// What Stripe says about asking again, if anything.
        again: Option<bool>,
    },
    /// An error that is not of Stripe's making: something on the way answered.
    #[error("an error page came in place of stripe's answer: {0}")]
    Page(StatusCode),
    /// No connection, or one that ended before the answer did.
    #[error("stripe can't be reached: {0}")]
    Unreachable(String),
    /// Nothing came in time.
    #[error("stripe did not answer in time")]
    Late,
    /// It was answered, with something else than what was asked for.
    #[error("stripe's answer can't be read: {0}")]
    Unreadable(String),
    /// The request itself is wrong.
    #[error("the request to stripe can't be sent: {0}")]
    Unsendable(String),
}

impl Failure {
    /// Whether there is no such object.
    pub(super) fn is_absence(&self) -> bool {
        matches!(self, Self::Refused { status, .. } if *status == StatusCode::NOT_FOUND)
    }

    /// Whether the same request may fare better later: nothing arrived, something broke at Stripe, too much at once,
    /// or the same key is at work, unless Stripe itself says which (Stripe, "Advanced error handling": status codes and
    /// `Stripe-Should-Retry`). Everything else would be refused again.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Refused { status, again, .. } => {
                again.unwrap_or(matches!(status.as_u16(), 409 | 424 | 429 | 500..))
            }
            Self::Page(_) | Self::Unreachable(_) | Self::Late => true,
            Self::Unreadable(_) | Self::Unsendable(_) => false,
        }
    }
}

impl StripeClientErr for Failure {
    fn deserialize_err(words: impl fmt::Display) -> Self {
        Self::Unreadable(words.to_string())
    }
}

/// What Stripe says of a refusal, but for its message, which quotes what was sent.
#[derive(Debug, Deserialize)]
pub(super) struct Refusal {
    #[serde(rename = "type")]
    kind: String,
    code: Option<String>,
    decline_code: Option<String>,
    param: Option<String>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, " {}", self.kind)?;
        [&self.code, &self.decline_code, &self.param]
            .into_iter()
            .flatten()
            .try_for_each(|word| write!(f, " {word}"))
    }
}

fn refused(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Failure {
    #[derive(Deserialize)]
    struct Body {
        error: Refusal,
    }
    let body = std::str::from_utf8(body).ok();
    match body.and_then(|body| miniserde::json::from_str(body).ok()) {
        None => Failure::Page(status),
        Some(Body { error: refusal }) => Failure::Refused {
            status,
            refusal,
            again: headers
                .get(SHOULD_RETRY)
                .and_then(|value| value.to_str().ok()?.parse().ok()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "sk_test_51Secret";

    fn refusal(status: u16, retry: Option<&'static str>, body: &str) -> Failure {
        let mut headers = HeaderMap::new();
        if let Some(retry) = retry {
            headers.insert(SHOULD_RETRY, HeaderValue::from_static(retry));
        }
        refused(
            StatusCode::from_u16(status).unwrap(),
            &headers,
            body.as_bytes(),
        )
    }

    #[test]
    fn a_refusal_is_told_without_what_it_quotes() {
        let body = r#"{"error": {"type": "invalid_request_error", "code": "email_invalid",
            "param": "customer_email", "message": "Invalid email address: a@x.example",
            "payment_intent": {"id": "pi_1", "brand_new": [1]}, "charge": 7}}"#;
        assert_eq!(
            refusal(400, None, body).to_string(),
            "stripe answered 400 Bad Request invalid_request_error email_invalid customer_email"
        );
        let declined = r#"{"error": {"type": "card_error", "decline_code": "do_not_honor"}}"#;
        assert_eq!(
            refusal(402, None, declined).to_string(),
            "stripe answered 402 Payment Required card_error do_not_honor"
        );
    }

    #[test]
    fn only_what_stripe_itself_says_is_absence() {
        let absent = r#"{"error": {"type": "invalid_request_error", "code": "resource_missing"}}"#;
        assert!(refusal(404, None, absent).is_absence());
        for page in ["<html>", "", "{}", r#"{"error": "not found"}"#, "\u{0}"] {
            let page = refusal(404, None, page);
            assert!(!page.is_absence() && page.may_pass(), "{page}");
        }
        assert!(matches!(
            refused(StatusCode::BAD_GATEWAY, &HeaderMap::new(), &[0xff]),
            Failure::Page(_)
        ));
    }

    #[test]
    fn a_refusal_is_worth_another_try_if_it_may_pass_or_stripe_says_so() {
        let error = r#"{"error": {"type": "api_error"}}"#;
        for (status, retry, passes) in [
            (400, None, false),
            (401, None, false),
            (402, None, false),
            (409, None, true),
            (424, None, true),
            (429, None, true),
            (500, None, true),
            (503, None, true),
            (500, Some("false"), false),
            (400, Some("true"), true),
            (429, Some("perhaps"), true),
        ] {
            let failure = refusal(status, retry, error);
            assert_eq!(failure.may_pass(), passes, "{status} {retry:?}");
        }
    }

    #[test]
    fn a_request_says_who_asks_what_by_which_version() {
        let client = Client::new(KEY, Some("http://127.0.0.1:9/")).unwrap();
        let key = IdempotencyKey::new("attempt-1").unwrap();
        let mut asked = RequestBuilder::new(StripeMethod::Post, "/checkout/sessions");
        asked.query = Some("a=1".to_owned());
        asked.body = Some("mode=payment".to_owned());
        let account = AccountId::from("acct_1");
        let request = client.request(asked, Some(&key), Some(&account)).unwrap();
        assert_eq!(request.method(), Method::POST);
        assert_eq!(request.uri(), "http://127.0.0.1:9/v1/checkout/sessions?a=1");
        for (name, value) in [
            (AUTHORIZATION, "Bearer sk_test_51Secret"),
            (CONTENT_TYPE, "application/x-www-form-urlencoded"),
            (VERSION_HEADER, VERSION.as_str()),
            (ACCOUNT, "acct_1"),
            (IDEMPOTENCY_KEY, "attempt-1"),
            (USER_AGENT, AGENT),
        ] {
            assert_eq!(request.headers()[&name], value, "{name}");
        }
        assert!(!format!("{request:?}").contains(KEY));
    }

    #[test]
    fn a_key_or_an_address_that_is_none_is_refused_without_showing_the_key() {
        for (key, endpoint) in [
            ("sk_test_51Secret\n", None),
            (KEY, Some("127.0.0.1:9")),
            (KEY, Some("http://x y")),
            (KEY, Some("")),
        ] {
            let error = Client::new(key, endpoint).err().unwrap().to_string();
            assert!(!error.contains("51Secret"), "{error}");
        }
        assert!(Client::new(KEY, None).is_ok());
    }
}
