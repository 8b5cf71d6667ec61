//! Mail through Amazon SES, API version 2. Knows no template: the domain wrote the mail.

mod feedback;

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::config::retry::RetryConfig;
use aws_sdk_sesv2::config::timeout::TimeoutConfig;
use aws_sdk_sesv2::error::ProvideErrorMetadata as _;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message, MessageHeader};
use tuition_domain::mail::Mail;
use tuition_domain::ports::{Mailer, Unavailable};

use crate::causes::causes;

pub use feedback::feedback;

/// A whole call, its repeats included.
const CALL: Duration = Duration::from_secs(8);
const ATTEMPT: Duration = Duration::from_secs(4);
const CONNECT: Duration = Duration::from_secs(2);

/// Sends mail from one address.
#[derive(Clone)]
pub struct SesMailer {
    client: Client,
    from: String,
}

impl SesMailer {
    /// Mail from `from` (`Name <address>`), reached as `sdk` says, or at `endpoint` in place of
    /// AWS. Makes no call yet.
    pub fn new(sdk: &aws_types::SdkConfig, endpoint: Option<&str>, from: String) -> Self {
        let mut config = aws_sdk_sesv2::config::Builder::from(sdk)
            .retry_config(RetryConfig::standard().with_max_attempts(2))
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(CONNECT)
                    .operation_attempt_timeout(ATTEMPT)
                    .operation_timeout(CALL)
                    .build(),
            );
        config.set_endpoint_url(endpoint.map(str::to_owned));
        Self {
            client: Client::from_conf(config.build()),
            from,
        }
    }
}

/// Where SES takes mail, counts it as delivered, and delivers it to nobody (Amazon SES developer
/// guide, "Using the mailbox simulator").
const NOBODY: &str = "success@simulator.amazonses.com";

#[async_trait]
impl Mailer for SesMailer {
    async fn send(&self, mail: &Mail) -> Result<(), Unavailable> {
        self.send_to(mail.to.as_str(), mail).await
    }

    async fn pretend(&self, mail: &Mail) -> Result<(), Unavailable> {
        let filler = |text: &str| "x".repeat(text.len());
        let empty = Mail {
            subject: filler(&mail.subject),
            text: filler(&mail.text),
            html: filler(&mail.html),
            ..mail.clone()
        };
        self.send_to(NOBODY, &empty).await
    }
}

impl SesMailer {
    async fn send_to(&self, to: &str, mail: &Mail) -> Result<(), Unavailable> {
        let headers = headers(mail)?;
        let message = Message::builder()
            .set_headers(Some(headers).filter(|headers| !headers.is_empty()))
            .subject(utf8(&mail.subject)?)
            .body(
                Body::builder()
                    .text(utf8(&mail.text)?)
                    .html(utf8(&mail.html)?)
                    .build(),
            )
            .build();
        self.client
            .send_email()
            .from_email_address(&self.from)
            .destination(Destination::builder().to_addresses(to).build())
            .content(EmailContent::builder().simple(message).build())
            .send()
            .await
            .map_err(|error| match error.code() {
                // SES quotes addresses in its messages, and a log may not hold any.
                Some(code) => Unavailable::new(format!("ses answered {code}")),
                None => Unavailable::new(causes(&error)),
            })?;
        Ok(())
    }
}

/// What a mail is known by, and by which click no more of its kind come (RFC 8058, section 3.1).
fn headers(mail: &Mail) -> Result<Vec<MessageHeader>, Unavailable> {
    let mut named = Vec::new();
    if let Some(key) = &mail.key {
        named.push(("X-Tuition-Key", key.clone()));
    }
    if let Some(url) = &mail.unsubscribe {
        named.push(("List-Unsubscribe", format!("<{url}>")));
        named.push((
            "List-Unsubscribe-Post",
            "List-Unsubscribe=One-Click".to_owned(),
        ));
    }
    let header = |(name, value)| {
        let header = MessageHeader::builder().name(name).value(value);
        header.build().map_err(Unavailable::new)
    };
    named.into_iter().map(header).collect()
}

fn utf8(text: &str) -> Result<Content, Unavailable> {
    Content::builder()
        .data(text)
        .charset("UTF-8")
        .build()
        .map_err(Unavailable::new)
}
