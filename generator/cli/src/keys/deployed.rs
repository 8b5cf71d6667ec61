//! The keys of a deployed shop: in Parameter Store, where its functions read them again twice a
//! minute, and in the KeyValueStore of its gate. Changed as whoever runs the command, never with a
//! function's role: none of them may write either.

use std::collections::BTreeSet;

use async_trait::async_trait;
use aws_config::{BehaviorVersion, SdkConfig};
use aws_sdk_cloudfrontkeyvaluestore::operation::delete_key::DeleteKeyError;
use aws_sdk_cloudfrontkeyvaluestore::operation::put_key::PutKeyError;
use aws_sdk_ssm::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use aws_sdk_ssm::operation::get_parameter::GetParameterError;
use aws_sdk_ssm::types::{ParameterTier, ParameterType};
use tuition_adapters::config::{ENDPOINTS, environment};
use tuition_domain::ports::Unavailable;
use tuition_domain::token::KeysFile;
use tuition_domain::token::rotation::KeyStore;

/// Which store is the gate's: the output `KeyValueStore` of the stack.
const GATE_STORE: &str = "TUITION_GATE_STORE";
/// The entry of that store that is no key.
const CONFIG_ENTRY: &str = "config";
/// How often a change is made anew, when somebody else has changed the store meanwhile.
const TRIES: usize = 4;

/// Why the keys of a stage can't be reached.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DeployedError {
    #[error("{GATE_STORE} is not set: it is the output KeyValueStore of the stack")]
    NoGateStore,
    #[error("{0} names another host than AWS, and keys are sent to AWS alone")]
    Endpoint(String),
}

/// A stage on AWS.
pub(super) struct DeployedStage {
    ssm: aws_sdk_ssm::Client,
    gate: aws_sdk_cloudfrontkeyvaluestore::Client,
    /// The name of the parameter.
    pub(super) parameter: String,
    /// ARN of the gate's store.
    store: String,
}

impl DeployedStage {
    /// The stage of this name, reached as AWS's own tools would reach it: variables, profiles, the
    /// machine's role. Makes no call yet.
    pub(super) async fn open(stage: &str) -> Result<Self, DeployedError> {
        let store = environment(GATE_STORE).ok_or(DeployedError::NoGateStore)?;
        if let Some(name) = ENDPOINTS.iter().find(|name| environment(name).is_some()) {
            return Err(DeployedError::Endpoint((*name).to_owned()));
        }
        let sdk = aws_config::load_defaults(BehaviorVersion::latest()).await;
        if let Some(endpoint) = sdk.endpoint_url() {
            return Err(DeployedError::Endpoint(format!(
                "endpoint_url = {endpoint}"
            )));
        }
        Ok(Self::at(stage, store, &sdk))
    }

    fn at(stage: &str, store: String, sdk: &SdkConfig) -> Self {
        Self {
            ssm: aws_sdk_ssm::Client::new(sdk),
            gate: aws_sdk_cloudfrontkeyvaluestore::Client::new(sdk),
            parameter: format!("/tuition/{stage}/access-keys"),
            store,
        }
    }

    /// The keys, if the stage has any yet.
    pub(super) async fn stored(&self) -> Result<Option<KeysFile>, Unavailable> {
        let answer = self
            .ssm
            .get_parameter()
            .name(&self.parameter)
            .with_decryption(true)
            .send()
            .await;
        let answer = match answer {
            Err(SdkError::ServiceError(error))
                if matches!(error.err(), GetParameterError::ParameterNotFound(_)) =>
            {
                return Ok(None);
            }
            answer => answer.map_err(|error| away("Parameter Store", &error))?,
        };
        let value = answer.parameter.and_then(|parameter| parameter.value);
        // The message of a JSON error may quote what it read.
        serde_json::from_str(&value.unwrap_or_default())
            .map(Some)
            .map_err(|_| Unavailable::new(format!("{} holds no keys", self.parameter)))
    }

    /// The tag of what the store holds now: a change names it, so that of two at once one fails.
    async fn tag(&self) -> Result<String, Unavailable> {
        let answer = self
            .gate
            .describe_key_value_store()
            .kvs_arn(&self.store)
            .send()
            .await
            .map_err(|error| away("the gate's store", &error))?;
        Ok(answer.e_tag)
    }
}

#[async_trait]
impl KeyStore for DeployedStage {
    async fn keys(&self) -> Result<KeysFile, Unavailable> {
        self.stored()
            .await?
            .ok_or_else(|| Unavailable::new(format!("there is no {}", self.parameter)))
    }

    async fn save(&self, keys: &KeysFile) -> Result<(), Unavailable> {
        let value = serde_json::to_string(keys).map_err(Unavailable::new)?;
        self.ssm
            .put_parameter()
            .name(&self.parameter)
            .value(value)
            .r#type(ParameterType::SecureString)
            .tier(ParameterTier::Standard)
            .overwrite(true)
            .send()
            .await
            .map_err(|error| away("Parameter Store", &error))?;
        Ok(())
    }

    async fn at_gate(&self) -> Result<BTreeSet<String>, Unavailable> {
        let mut found = BTreeSet::new();
        let request = self.gate.list_keys().kvs_arn(&self.store);
        let mut items = request.into_paginator().items().send();
        while let Some(item) = items.next().await {
            let item = item.map_err(|error| away("the gate's store", &error))?;
            if item.key != CONFIG_ENTRY {
                found.insert(item.key);
            }
        }
        Ok(found)
    }

    async fn give_to_gate(&self, id: &str, secret: &str) -> Result<(), Unavailable> {
        let mut left = TRIES;
        loop {
            let put = self.gate.put_key().kvs_arn(&self.store).key(id);
            let answer = put.value(secret).if_match(self.tag().await?).send().await;
            left -= 1;
            match answer {
                Ok(_) => return Ok(()),
                Err(SdkError::ServiceError(error))
                    if left > 0 && matches!(error.err(), PutKeyError::ConflictException(_)) => {}
                Err(error) => return Err(away("the gate's store", &error)),
            }
        }
    }

    async fn take_from_gate(&self, id: &str) -> Result<(), Unavailable> {
        let mut left = TRIES;
        loop {
            // That there is a store is known with its tag: what is not found then is the key.
            let delete = self.gate.delete_key().kvs_arn(&self.store).key(id);
            let answer = delete.if_match(self.tag().await?).send().await;
            left -= 1;
            match answer {
                Ok(_) => return Ok(()),
                Err(SdkError::ServiceError(error)) => match error.err() {
                    DeleteKeyError::ResourceNotFoundException(_) => return Ok(()),
                    DeleteKeyError::ConflictException(_) if left > 0 => {}
                    other => return Err(refused("the gate's store", other)),
                },
                Err(error) => return Err(away("the gate's store", &error)),
            }
        }
    }
}

/// A message of the service may quote what it was sent, its code does not.
fn refused(what: &str, error: &impl ProvideErrorMetadata) -> Unavailable {
    let code = error.code().unwrap_or("it did not say why");
    Unavailable::new(format!("{what}: {code}"))
}

fn away<E, R>(what: &str, error: &SdkError<E, R>) -> Unavailable
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug,
{
    match error.as_service_error() {
        Some(error) => refused(what, error),
        None => Unavailable::new(format!("{what}: {}", DisplayErrorContext(error))),
    }
}

#[cfg(test)]
mod tests;
