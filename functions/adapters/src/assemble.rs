//! From configuration to the ports of each function: the one place where adapters are chosen.
//!
//! The functions and `serve` both come through here. What differs is handed in as [`Outside`]: a
//! deployed function has the machine's clock and its catalog file, `serve` a clock that can be
//! moved and a catalog that is replaced after each build.

use std::sync::Arc;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use tuition_domain::access::{AccessPorts, ReaderPorts, Tokens};
use tuition_domain::checkout::CheckoutPorts;
use tuition_domain::comments::CommentPorts;
use tuition_domain::metrics::MetricPorts;
use tuition_domain::ports::{CatalogSource, Clock, Entropy};
use tuition_domain::token::Keys;

use crate::config::{
    AccessConfig, Base, CheckoutConfig, CommentConfig, MailConfig, MetricConfig, Stage,
};
use crate::{
    CatalogFileError, FileCatalog, OsEntropy, SesMailer, StripePayments, StripeSetupError,
    SystemClock, Table,
};

/// Time, chance and catalog of a process.
#[derive(Clone)]
pub struct Outside {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// What is for sale.
    pub catalog: Arc<dyn CatalogSource>,
}

impl Outside {
    /// As a deployed function has it. Fails if the catalog can't be read.
    pub fn deployed(base: &Base) -> Result<Self, CatalogFileError> {
        Ok(Self {
            clock: Arc::new(SystemClock),
            entropy: Arc::new(OsEntropy),
            catalog: Arc::new(FileCatalog::load(&base.catalog)?),
        })
    }
}

/// The ports of checkout. Fails if the payment key can't be sent.
pub async fn checkout_ports(
    config: &CheckoutConfig,
    outside: &Outside,
) -> Result<CheckoutPorts, StripeSetupError> {
    let sdk = sdk(&config.base).await;
    let table = table(&sdk, &config.base, outside);
    let stripe = &config.stripe;
    Ok(CheckoutPorts {
        reader: reader_ports(&table, outside),
        entropy: Arc::clone(&outside.entropy),
        payments: Arc::new(StripePayments::new(
            stripe.key.expose(),
            stripe.url.as_deref(),
        )?),
        outbox: table.clone(),
        mailer: mailer(&sdk, &config.mail),
        suppressions: table.clone(),
        ledger: table.clone(),
        reconciliations: table.clone(),
        events: table.clone(),
        daily_secrets: table.clone(),
        counters: table,
        origin: config.base.origin.clone(),
        live: config.base.stage == Stage::Live,
    })
}

/// The ports of access.
pub async fn access_ports(config: &AccessConfig, outside: &Outside) -> AccessPorts {
    let sdk = sdk(&config.base).await;
    let table = table(&sdk, &config.base, outside);
    AccessPorts {
        reader: reader_ports(&table, outside),
        entropy: Arc::clone(&outside.entropy),
        links: table.clone(),
        changes: table.clone(),
        counters: table.clone(),
        mailer: mailer(&sdk, &config.mail),
        suppressions: table.clone(),
        outbox: table.clone(),
        comments: table.clone(),
        progress: table.clone(),
        events: table.clone(),
        ledger: table,
        origin: config.base.origin.clone(),
    }
}

/// The ports of comments.
pub async fn comment_ports(config: &CommentConfig, outside: &Outside) -> CommentPorts {
    let sdk = sdk(&config.base).await;
    let table = table(&sdk, &config.base, outside);
    CommentPorts {
        reader: reader_ports(&table, outside),
        entropy: Arc::clone(&outside.entropy),
        comments: table.clone(),
        counters: table,
    }
}

/// The ports of metrics.
pub async fn metric_ports(config: &MetricConfig, outside: &Outside) -> MetricPorts {
    let sdk = sdk(&config.base).await;
    let table = table(&sdk, &config.base, outside);
    MetricPorts {
        reader: reader_ports(&table, outside),
        entropy: Arc::clone(&outside.entropy),
        events: table.clone(),
        ledger: table.clone(),
        progress: table.clone(),
        daily_secrets: table.clone(),
        counters: table,
    }
}

/// What signs and checks access tokens of a site.
pub fn tokens(keys: &Keys, base: &Base) -> Tokens {
    Tokens {
        keys: keys.clone().fixed(),
        origin: base.origin.clone(),
    }
}

impl Table {
    /// The tables that a configuration names: for `serve`, which makes them with
    /// [`Table::ensure`], and for tools that read them.
    pub async fn of(base: &Base, clock: Arc<dyn Clock>) -> Self {
        let sdk = sdk(base).await;
        Self::new(
            &sdk,
            base.dynamodb_url.as_deref(),
            base.tables.clone(),
            clock,
        )
    }
}

fn reader_ports(table: &Arc<Table>, outside: &Outside) -> ReaderPorts {
    ReaderPorts {
        clock: Arc::clone(&outside.clock),
        catalog: Arc::clone(&outside.catalog),
        sessions: table.clone(),
        learners: table.clone(),
        orders: table.clone(),
    }
}

fn table(sdk: &SdkConfig, base: &Base, outside: &Outside) -> Arc<Table> {
    Arc::new(Table::new(
        sdk,
        base.dynamodb_url.as_deref(),
        base.tables.clone(),
        Arc::clone(&outside.clock),
    ))
}

fn mailer(sdk: &SdkConfig, mail: &MailConfig) -> Arc<SesMailer> {
    Arc::new(SesMailer::new(
        sdk,
        mail.ses_url.as_deref(),
        mail.from.clone(),
    ))
}

/// Region and credentials: those of the function's role; at stage `local` made-up ones, so that
/// nothing that lies about on the machine is ever sent to, or found by, a stand-in.
async fn sdk(base: &Base) -> SdkConfig {
    match base.stage {
        Stage::Local => SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                "local", "local", None, None, "local",
            )))
            .build(),
        Stage::Preview(_) | Stage::Live => {
            aws_config::load_defaults(BehaviorVersion::latest()).await
        }
    }
}
