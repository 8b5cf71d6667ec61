//! What a function is told: the variables of its environment, and the secrets that lie in SSM, where its role may read
//! those and no others. Read at start; the access keys alone are read again, by `keys.rs`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_ssm::Client;
use aws_sdk_ssm::config::Builder;
use aws_sdk_ssm::config::retry::RetryConfig;
use aws_sdk_ssm::config::timeout::TimeoutConfig;
use aws_sdk_ssm::error::{DisplayErrorContext, ProvideErrorMetadata as _};
use tuition_adapters::Outside;
use tuition_adapters::aws::{self, IdentityError};
use tuition_adapters::config::environment;
use tuition_domain::token::Keys;

use crate::keys::{CurrentKeys, KeysShelf};

/// Where the secrets lie, e.g. `/tuition/live`. Without it they are variables like the others.
const PATH: &str = "TUITION_SECRETS";
/// A stand-in for SSM, at stage `local` alone.
const STAND_IN: &str = "TUITION_SSM_URL";
/// The secret that changes while a function lives.
const KEYS: &str = "access-keys";

/// The whole call, its repeats included.
const CALL: Duration = Duration::from_secs(5);
const ATTEMPT: Duration = Duration::from_secs(2);

/// Why a function does not know its secrets. Names them, never their values.
#[derive(Debug, thiserror::Error)]
pub enum ToldError {
    /// A deployed function was told of a stand-in.
    #[error("{STAND_IN} names a stand-in, which only stage local may use")]
    StandIn,
    /// Nobody to ask as.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// SSM is away, or refuses.
    #[error("the secrets can't be read: {0}")]
    Away(String),
    /// Nobody has put them there.
    #[error("SSM has no {}", .0.join(", "))]
    Unknown(Vec<String>),
}

/// Variables and secrets.
pub struct Told {
    ssm: Option<Ssm>,
    secrets: BTreeMap<String, String>,
}

impl Told {
    /// Reads the secrets of these names, e.g. `stripe-key`, which is the variable `TUITION_STRIPE_KEY`.
    pub async fn read(names: &[&str]) -> Result<Self, ToldError> {
        let ssm = environment(PATH).map(Ssm::at).transpose()?;
        let secrets = match &ssm {
            Some(ssm) => ssm.secrets(names).await?,
            None => BTreeMap::new(),
        };
        Ok(Self { ssm, secrets })
    }

    /// What is said of a variable.
    pub fn lookup(&self, name: &str) -> Option<String> {
        self.secrets
            .get(name)
            .cloned()
            .or_else(|| environment(name))
    }

    /// The keys of access tokens, which were `keys` at start. Where they are a variable they stay
    /// what they are.
    pub fn current_keys(&self, keys: &Keys, outside: &Outside) -> Arc<CurrentKeys> {
        let shelf = self.ssm.clone().map(|ssm| Box::new(ssm) as Box<_>);
        CurrentKeys::new(keys.clone(), shelf, Arc::clone(&outside.clock))
    }
}

/// Parameter Store, as the role of this function sees it.
#[derive(Clone)]
struct Ssm {
    client: Client,
    path: String,
}

impl Ssm {
    fn at(path: String) -> Result<Self, ToldError> {
        let client = client()?;
        Ok(Self { client, path })
    }

    /// The values by the names of their variables: all of them.
    async fn secrets(&self, names: &[&str]) -> Result<BTreeMap<String, String>, ToldError> {
        let asked = names.iter().map(|name| format!("{}/{name}", self.path));
        let answer = self
            .client
            .get_parameters()
            .set_names(Some(asked.collect()))
            .with_decryption(true)
            .send()
            .await
            // A message of the service may quote what it was asked; its code does not.
            .map_err(|error| match error.code() {
                Some(code) => ToldError::Away(code.to_owned()),
                None => ToldError::Away(DisplayErrorContext(&error).to_string()),
            })?;
        let unknown = answer.invalid_parameters.unwrap_or_default();
        if !unknown.is_empty() {
            return Err(ToldError::Unknown(unknown));
        }
        let found = answer.parameters.unwrap_or_default().into_iter();
        Ok(found
            .filter_map(|one| Some((variable(&one.name?), one.value?)))
            .collect())
    }
}

#[async_trait]
impl KeysShelf for Ssm {
    async fn keys(&self) -> Result<String, ToldError> {
        let mut secrets = self.secrets(&[KEYS]).await?;
        secrets
            .remove(&variable(KEYS))
            .ok_or_else(|| ToldError::Unknown(vec![KEYS.to_owned()]))
    }
}

/// The variable that a parameter stands for.
fn variable(parameter: &str) -> String {
    let name = parameter.rsplit('/').next().unwrap_or_default();
    format!("TUITION_{}", name.to_uppercase().replace('-', "_"))
}

/// A client with the identity that Lambda gives a function.
fn client() -> Result<Client, ToldError> {
    let stand_in = environment(STAND_IN);
    if stand_in.is_some() && environment("TUITION_STAGE").as_deref() != Some("local") {
        return Err(ToldError::StandIn);
    }
    let mut config = Builder::from(&aws::of_function(environment)?)
        .retry_config(RetryConfig::standard().with_max_attempts(3))
        .timeout_config(
            TimeoutConfig::builder()
                .operation_attempt_timeout(ATTEMPT)
                .operation_timeout(CALL)
                .build(),
        );
    config.set_endpoint_url(stand_in);
    Ok(Client::from_conf(config.build()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_stands_for_a_variable() {
        assert_eq!(variable("/tuition/live/stripe-key"), "TUITION_STRIPE_KEY");
        assert_eq!(
            variable("/tuition/live/webhook-secrets"),
            "TUITION_WEBHOOK_SECRETS"
        );
    }
}
