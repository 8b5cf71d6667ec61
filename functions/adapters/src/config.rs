//! What a deployed function is told by its environment, parsed once at start; everything that is
//! wrong is said in one message, and no message holds a secret.
//!
//! Each function asks for what it needs and nothing else: a comment function that was given the
//! payment key would start all the same, but it never sees it.
//!
//! | variable | functions | what |
//! |---|---|---|
//! | `TUITION_STAGE` | all | `local`, `live`, or a preview's name |
//! | `TUITION_ORIGIN` | all | `https://courses.example.com`; plain http on loopback at `local` |
//! | `TUITION_TABLE`, `TUITION_EPHEMERAL_TABLE` | all | names of the two tables |
//! | `TUITION_CATALOG` | all | path of `catalog.json` |
//! | `TUITION_SECRETS` | all | where in SSM the four secrets lie, e.g. `/tuition/live`; without it they are variables |
//! | `TUITION_EDGE_SECRET` | all | what the CDN sends along, at least 32 characters |
//! | `TUITION_ACCESS_KEYS` | checkout, access, metrics | keys of access tokens: `{"signing": …, "keys": {…}}` |
//! | `TUITION_MAIL_FROM` | checkout, access | `Name <address>` |
//! | `TUITION_STRIPE_KEY` | checkout | secret key; `live` takes live keys only, other stages test keys only |
//! | `TUITION_WEBHOOK_SECRETS` | checkout | endpoint secrets, commas between them |
//! | `TUITION_DYNAMODB_URL`, `TUITION_SES_URL`, `TUITION_STRIPE_URL` | as their services | stand-ins on loopback: required at `local`, refused elsewhere |
//! | `TUITION_SSM_URL` | all | the same, where there are `TUITION_SECRETS` |

mod reader;

use std::fmt;
use std::path::PathBuf;

use tuition_domain::checkout::WebhookSecrets;
use tuition_domain::token::Keys;

use crate::table::TableNames;
use reader::Reader;

/// Which deployed shop this is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// One machine, stand-ins for the outside world.
    Local,
    /// A preview: real services, test money.
    Preview(String),
    /// Real money.
    Live,
}

/// All that is wrong with the environment. Names variables, never their values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the configuration is wrong: {}", .0.join("; "))]
pub struct ConfigError(
    /// One sentence per problem; never empty.
    pub Vec<String>,
);

/// A text that must not be shown. Its `Debug` form hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Hidden(String);

impl Hidden {
    /// The text, for whoever has to use it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hidden(…)")
    }
}

/// What every function is told.
#[derive(Debug, Clone)]
pub struct Base {
    /// The stage.
    pub stage: Stage,
    /// The public origin, without a slash at the end.
    pub origin: String,
    /// The tables.
    pub tables: TableNames,
    /// Where `catalog.json` lies.
    pub catalog: PathBuf,
    /// What the CDN sends along.
    pub edge_secret: Hidden,
    /// The stand-in for DynamoDB; `None`: AWS.
    pub dynamodb_url: Option<String>,
}

/// Who sends mail, and through what.
#[derive(Debug, Clone)]
pub struct MailConfig {
    /// `Name <address>`.
    pub from: String,
    /// The stand-in for SES; `None`: AWS.
    pub ses_url: Option<String>,
}

/// How to reach the payment provider.
#[derive(Debug, Clone)]
pub struct StripeConfig {
    /// The secret key.
    pub key: Hidden,
    /// The stand-in for Stripe; `None`: Stripe.
    pub url: Option<String>,
}

/// What checkout is told.
#[derive(Clone)]
pub struct CheckoutConfig {
    /// As every function.
    pub base: Base,
    /// Keys of access tokens.
    pub keys: Keys,
    /// Mail.
    pub mail: MailConfig,
    /// Payments.
    pub stripe: StripeConfig,
    /// Secrets that sign the provider's events.
    pub webhook: WebhookSecrets,
}

/// What access is told.
#[derive(Debug, Clone)]
pub struct AccessConfig {
    /// As every function.
    pub base: Base,
    /// Keys of access tokens.
    pub keys: Keys,
    /// Mail.
    pub mail: MailConfig,
}

/// What comments are told.
#[derive(Debug, Clone)]
pub struct CommentConfig {
    /// As every function.
    pub base: Base,
}

/// What metrics are told.
#[derive(Debug, Clone)]
pub struct MetricConfig {
    /// As every function.
    pub base: Base,
    /// Keys of access tokens, which say who sends events.
    pub keys: Keys,
}

impl CheckoutConfig {
    /// Parses what `lookup` says of each variable; an empty text counts as absent.
    pub fn parse(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut reader = Reader::new(&lookup);
        let stage = reader.stage();
        let base = reader.base(stage.as_ref());
        let keys = reader.keys();
        let mail = reader.mail(stage.as_ref());
        let stripe = reader.stripe(stage.as_ref());
        let webhook = reader.webhook(stage.as_ref());
        reader.finish((|| {
            Some(Self {
                base: base?,
                keys: keys?,
                mail: mail?,
                stripe: stripe?,
                webhook: webhook?,
            })
        })())
    }
}

impl AccessConfig {
    /// Parses what `lookup` says of each variable; an empty text counts as absent.
    pub fn parse(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut reader = Reader::new(&lookup);
        let stage = reader.stage();
        let base = reader.base(stage.as_ref());
        let keys = reader.keys();
        let mail = reader.mail(stage.as_ref());
        reader.finish((|| {
            Some(Self {
                base: base?,
                keys: keys?,
                mail: mail?,
            })
        })())
    }
}

impl CommentConfig {
    /// Parses what `lookup` says of each variable; an empty text counts as absent.
    pub fn parse(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut reader = Reader::new(&lookup);
        let stage = reader.stage();
        let base = reader.base(stage.as_ref());
        reader.finish(base.map(|base| Self { base }))
    }
}

impl MetricConfig {
    /// Parses what `lookup` says of each variable; an empty text counts as absent.
    pub fn parse(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut reader = Reader::new(&lookup);
        let stage = reader.stage();
        let base = reader.base(stage.as_ref());
        let keys = reader.keys();
        reader.finish((|| {
            Some(Self {
                base: base?,
                keys: keys?,
            })
        })())
    }
}

/// Variables by which AWS's SDKs can be led to another host. Refused at every stage but `local`:
/// what is sent there holds secrets and everybody's data.
pub const ENDPOINTS: [&str; 6] = [
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_CLOUDFRONT_KEYVALUESTORE",
    "AWS_ENDPOINT_URL_DYNAMODB",
    "AWS_ENDPOINT_URL_SESV2",
    "AWS_ENDPOINT_URL_SSM",
    "AWS_ENDPOINT_URL_STS",
];

/// The environment of this process, for `parse`.
pub fn environment(name: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one place that may ask"
    )]
    std::env::var(name).ok()
}

#[cfg(test)]
mod tests;
