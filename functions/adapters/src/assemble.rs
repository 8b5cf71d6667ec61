//! From configuration to the ports of each function: the one place where adapters are chosen.
//!
//! The functions and `serve` both come through here. What differs is handed in as [`Outside`]: a
//! deployed function has the machine's clock and its catalog file, `serve` a clock that can be
//! moved and a catalog that is replaced after each build, a command on an operator's machine the
//! operator's own name.

use std::sync::Arc;

use aws_types::SdkConfig;
use tuition_domain::access::{AccessPorts, ReaderPorts, Tokens};
use tuition_domain::checkout::CheckoutPorts;
use tuition_domain::comments::CommentPorts;
use tuition_domain::metrics::MetricPorts;
use tuition_domain::ports::{CatalogSource, Clock, Entropy};
use tuition_domain::token::Keys;

use crate::aws::{self, IdentityError};
use crate::config::{
    AccessConfig, Base, CheckoutConfig, CommentConfig, MailConfig, MetricConfig, Stage, environment,
};
use crate::{
    CatalogFileError, FileCatalog, OsEntropy, SesMailer, StripePayments, StripeSetupError,
    SystemClock, Table,
};

/// Time, chance, catalog and identity of a process.
#[derive(Clone)]
pub struct Outside {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// What is for sale.
    pub catalog: Arc<dyn CatalogSource>,
    /// Who asks AWS, and in which region. Not looked at at stage `local`.
    pub aws: SdkConfig,
}

/// Why a function can't begin.
#[derive(Debug, thiserror::Error)]
pub enum OutsideError {
    /// Nothing is for sale.
    #[error(transparent)]
    Catalog(#[from] CatalogFileError),
    /// Nobody to ask AWS as.
    #[error(transparent)]
    Identity(#[from] IdentityError),
}

impl Outside {
    /// As a deployed function has it. Fails if the catalog can't be read or Lambda doesn't say who
    /// the function is.
    pub fn deployed(base: &Base) -> Result<Self, OutsideError> {
        let aws = match base.stage {
            Stage::Local => aws::made_up(),
            Stage::Preview(_) | Stage::Live => aws::of_function(environment)?,
        };
        Ok(Self::with_catalog(base, aws)?)
    }

    /// The machine's clock and chance, the catalog that `base` names, and `aws` to ask as. Fails
    /// if the catalog can't be read.
    pub fn with_catalog(base: &Base, aws: SdkConfig) -> Result<Self, CatalogFileError> {
        Ok(Self {
            clock: Arc::new(SystemClock),
            entropy: Arc::new(OsEntropy),
            catalog: Arc::new(FileCatalog::load(&base.catalog)?),
            aws,
        })
    }
}

/// The ports of checkout. Fails if the payment key can't be sent.
pub fn checkout_ports(
    config: &CheckoutConfig,
    outside: &Outside,
) -> Result<CheckoutPorts, StripeSetupError> {
    let sdk = sdk(&config.base, &outside.aws);
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
        comments: table.clone(),
        reconciliations: table.clone(),
        events: table.clone(),
        daily_secrets: table.clone(),
        counters: table,
        origin: config.base.origin.clone(),
        live: config.base.stage == Stage::Live,
    })
}

/// The ports of access.
pub fn access_ports(config: &AccessConfig, outside: &Outside) -> AccessPorts {
    let sdk = sdk(&config.base, &outside.aws);
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
pub fn comment_ports(config: &CommentConfig, outside: &Outside) -> CommentPorts {
    let sdk = sdk(&config.base, &outside.aws);
    let table = table(&sdk, &config.base, outside);
    CommentPorts {
        reader: reader_ports(&table, outside),
        entropy: Arc::clone(&outside.entropy),
        comments: table.clone(),
        counters: table,
    }
}

/// The ports of metrics.
pub fn metric_ports(config: &MetricConfig, outside: &Outside) -> MetricPorts {
    let sdk = sdk(&config.base, &outside.aws);
    let table = table(&sdk, &config.base, outside);
    MetricPorts {
        clock: Arc::clone(&outside.clock),
        catalog: Arc::clone(&outside.catalog),
        entropy: Arc::clone(&outside.entropy),
        events: table.clone(),
        ledger: table.clone(),
        erasures: table.clone(),
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
    pub fn of(base: &Base, outside: &Outside) -> Self {
        Self::new(
            &sdk(base, &outside.aws),
            base.dynamodb_url.as_deref(),
            base.tables.clone(),
            Arc::clone(&outside.clock),
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

/// At stage `local` a made-up identity, so that nothing that lies about on the machine is ever
/// sent to, or found by, a stand-in.
fn sdk(base: &Base, aws: &SdkConfig) -> SdkConfig {
    match base.stage {
        Stage::Local => aws::made_up(),
        Stage::Preview(_) | Stage::Live => aws.clone(),
    }
}
