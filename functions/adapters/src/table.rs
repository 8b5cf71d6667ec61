//! All stores on DynamoDB: one table for what lasts, one for what no backup may remember.
//!
//! `keys` says what rows are called, `row` what they look like, `call` how they are read and
//! written; each port then is a file of its own. Knows no rule of the domain beyond the duties
//! that its ports state.

mod addresses;
mod call;
mod comments;
mod ephemeral;
mod erase;
mod events;
mod failure;
mod keys;
mod learners;
mod ledger;
mod links;
mod orders;
mod outbox;
mod progress;
mod reconciliations;
mod row;
mod setup;
mod suppressions;
mod write;

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use tuition_domain::ports::Clock;

/// A whole call, its repeats included: after it the caller gets `Unavailable`.
const CALL: Duration = Duration::from_secs(5);
/// One attempt of a call.
const ATTEMPT: Duration = Duration::from_secs(2);
const CONNECT: Duration = Duration::from_secs(1);
const ATTEMPTS: u32 = 3;

/// The names of the two tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableNames {
    /// What must last, point-in-time recovery included.
    pub lasting: String,
    /// Day secrets and counters: in no backup.
    pub ephemeral: String,
}

/// Every store port on DynamoDB. Clones share one client.
#[derive(Clone)]
pub struct Table {
    client: Client,
    names: Arc<TableNames>,
    clock: Arc<dyn Clock>,
}

/// Which of the two tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Store {
    Lasting,
    Ephemeral,
}

impl Table {
    /// The stores in `names`, reached as `sdk` says, or at `endpoint` in place of AWS. `clock`
    /// decides what is expired. Makes no call yet.
    pub fn new(
        sdk: &aws_types::SdkConfig,
        endpoint: Option<&str>,
        names: TableNames,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let mut config = aws_sdk_dynamodb::config::Builder::from(sdk)
            .retry_config(
                RetryConfig::standard()
                    .with_max_attempts(ATTEMPTS)
                    .with_initial_backoff(Duration::from_millis(50))
                    .with_max_backoff(Duration::from_millis(500)),
            )
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
            names: Arc::new(names),
            clock,
        }
    }

    fn name(&self, store: Store) -> &str {
        match store {
            Store::Lasting => &self.names.lasting,
            Store::Ephemeral => &self.names.ephemeral,
        }
    }
}
