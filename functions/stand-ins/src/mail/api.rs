//! The wire: `SendEmail` of the SES v2 API, as the AWS SDK speaks it (REST JSON).
//!
//! What a mail may have and this outbox would drop (attachments, templates) is refused.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::Deserialize;
use serde_json::json;

use super::raw::read_raw;
use super::{Letter, Outbox};

/// SES takes messages up to 40 MB; mails of a shop are far below this.
const LARGEST_MESSAGE: usize = 10 * 1024 * 1024;

/// The routes of the mail port.
pub(crate) fn router(outbox: Outbox) -> Router {
    Router::new()
        .route("/v2/email/outbound-emails", post(send_email))
        .layer(DefaultBodyLimit::max(LARGEST_MESSAGE))
        .with_state(outbox)
}

async fn send_email(
    State(outbox): State<Outbox>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    if !is_signed(&headers) {
        return Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        ));
    }
    if let Some(status) = outbox.fault() {
        return Err(Refusal::fault(status));
    }
    let request: SendEmail = serde_json::from_slice(&body)
        .map_err(|error| Refusal::bad_request(format!("the request cannot be read: {error}")))?;
    let letter = request.letter()?;
    let taken = tokio::task::spawn_blocking(move || outbox.take(letter)).await;
    match taken {
        Ok(Ok(mail)) => Ok(Json(json!({ "MessageId": mail.id })).into_response()),
        Ok(Err(error)) => Err(Refusal::internal(&error)),
        Err(error) => Err(Refusal::internal(&error)),
    }
}

/// The signature itself is not checked: there is no account behind it.
fn is_signed(headers: &HeaderMap) -> bool {
    headers
        .get(header::AUTHORIZATION)
        .is_some_and(|value| value.as_bytes().starts_with(b"AWS4-HMAC-SHA256 "))
}

/// An error as the SDK reads it: the kind in a header, the text in the body.
struct Refusal {
    status: StatusCode,
    kind: &'static str,
    message: String,
}

impl Refusal {
    fn new(status: StatusCode, kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            kind,
            message: message.into(),
        }
    }

    fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BadRequestException", message)
    }

    fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error, "the outbox failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "InternalServiceErrorException",
            "the outbox failed; its log says why",
        )
    }

    /// The failure that `POST /_dev/outbox/faults` asked for.
    fn fault(status: u16) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let kind = match status {
            StatusCode::TOO_MANY_REQUESTS => "TooManyRequestsException",
            StatusCode::BAD_REQUEST => "MessageRejected",
            status if status.is_client_error() => "BadRequestException",
            _ => "InternalServiceErrorException",
        };
        Self::new(status, kind, "a fault that was asked for")
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(json!({ "message": self.message }))).into_response();
        response.headers_mut().insert(
            HeaderName::from_static("x-amzn-errortype"),
            HeaderValue::from_static(self.kind),
        );
        response
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct SendEmail {
    from_email_address: Option<String>,
    destination: Option<Destination>,
    #[serde(default)]
    reply_to_addresses: Vec<String>,
    content: Content,
    /// Where bounces would go, and marks for statistics: nothing bounces here.
    #[serde(rename = "FeedbackForwardingEmailAddress")]
    _feedback: Option<String>,
    #[serde(rename = "EmailTags")]
    _tags: Option<serde_json::Value>,
    #[serde(rename = "ConfigurationSetName")]
    _configuration_set: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
struct Destination {
    to_addresses: Vec<String>,
    cc_addresses: Vec<String>,
    bcc_addresses: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Content {
    simple: Option<Simple>,
    raw: Option<Raw>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Simple {
    subject: Text,
    body: Body,
    #[serde(default)]
    headers: Vec<Header>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Body {
    text: Option<Text>,
    html: Option<Text>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Text {
    data: String,
    /// How SES would encode it on its way; JSON is UTF-8 in any case.
    #[serde(rename = "Charset")]
    _charset: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Header {
    name: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Raw {
    data: String,
}

impl SendEmail {
    fn letter(self) -> Result<Letter, Refusal> {
        let destination = self.destination.unwrap_or_default();
        let mut letter = match (self.content.simple, self.content.raw) {
            (Some(simple), None) => simple.letter()?,
            (None, Some(raw)) => raw.letter()?,
            _ => {
                return Err(Refusal::bad_request(
                    "Content needs exactly one of Simple and Raw here",
                ));
            }
        };
        if let Some(from) = self.from_email_address {
            letter.from = from;
        }
        if !self.reply_to_addresses.is_empty() {
            letter.reply_to = self.reply_to_addresses;
        }
        // What the envelope names replaces what a raw message says of itself.
        if !destination.to_addresses.is_empty()
            || !destination.cc_addresses.is_empty()
            || !destination.bcc_addresses.is_empty()
        {
            letter.to = destination.to_addresses;
            letter.cc = destination.cc_addresses;
            letter.bcc = destination.bcc_addresses;
        }
        check_addresses(&letter)?;
        Ok(letter)
    }
}

impl Simple {
    fn letter(self) -> Result<Letter, Refusal> {
        let text = self.body.text.map(|text| text.data).unwrap_or_default();
        let html = self.body.html.map(|html| html.data).unwrap_or_default();
        if text.is_empty() && html.is_empty() {
            return Err(Refusal::bad_request("the body has neither text nor HTML"));
        }
        if self.subject.data.contains(['\r', '\n']) {
            return Err(Refusal::bad_request("the subject has a line break"));
        }
        let mut headers = BTreeMap::<String, String>::new();
        for Header { name, value } in self.headers {
            let plain_name = !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_graphic() && byte != b':');
            if !plain_name || value.contains(['\r', '\n']) {
                return Err(Refusal::bad_request(
                    "a header has characters it cannot have",
                ));
            }
            headers
                .entry(name)
                .and_modify(|all| {
                    all.push_str(", ");
                    all.push_str(&value);
                })
                .or_insert_with(|| value.clone());
        }
        Ok(Letter {
            subject: self.subject.data,
            text,
            html,
            headers,
            ..Letter::default()
        })
    }
}

impl Raw {
    fn letter(self) -> Result<Letter, Refusal> {
        let bytes = STANDARD
            .decode(self.data)
            .map_err(|_| Refusal::bad_request("Raw.Data is not base64"))?;
        read_raw(&bytes).map_err(|error| Refusal::bad_request(error.to_string()))
    }
}

fn check_addresses(letter: &Letter) -> Result<(), Refusal> {
    if letter.to.is_empty() && letter.cc.is_empty() && letter.bcc.is_empty() {
        return Err(Refusal::bad_request("the mail has no recipient"));
    }
    let all = std::iter::once(&letter.from)
        .chain(&letter.to)
        .chain(&letter.cc)
        .chain(&letter.bcc)
        .chain(&letter.reply_to);
    for address in all {
        if !is_address(address) {
            return Err(Refusal::bad_request("Missing final '@domain'"));
        }
    }
    Ok(())
}

/// `name@domain` or `Display Name <name@domain>`, as far as SES looks before it sends.
fn is_address(text: &str) -> bool {
    let bare = match text.rsplit_once('<') {
        Some((_, rest)) => rest.strip_suffix('>').unwrap_or_default(),
        None => text,
    };
    let forbidden = |character: char| character.is_whitespace() || character.is_control();
    !text.contains(['\r', '\n'])
        && !bare.contains(forbidden)
        && bare
            .rsplit_once('@')
            .is_some_and(|(name, domain)| !name.is_empty() && !domain.is_empty())
}
