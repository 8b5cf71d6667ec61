//! The delivery of events: signed, sent over HTTP until they are taken.
//!
//! One delivery at a time, in the order of the events unless a fault plan or a refusal changes it.
//! At least once: a process that dies between the answer and its record delivers again.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{Request, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use sha2::Sha256;
use tokio::sync::watch;

use super::error::ApiError;
use super::events::{Answer, Parcel, Task, next_task, record, retry_all_now};
use super::store::Store;
use crate::clock::SteppableClock;
use crate::problem::log_failure;

/// What Stripe signs a delivery with: `t=…,v1=…`, one `v1` per secret, and in test mode a `v0` that
/// means nothing. Source: <https://docs.stripe.com/webhooks#verify-manually>.
pub(crate) fn signature(secrets: &[String], second: i64, body: &[u8]) -> String {
    let mut header = format!("t={second}");
    for secret in secrets {
        header.push_str(",v1=");
        header.push_str(&hmac(secret.as_bytes(), second, body));
    }
    header.push_str(",v0=");
    header.push_str(&hmac(b"test mode", second, body));
    header
}

fn hmac(secret: &[u8], second: i64, body: &[u8]) -> String {
    // HMAC takes a key of any length, so this cannot fail; an empty signature would not verify.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else {
        return String::new();
    };
    mac.update(second.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    hex::encode(mac.finalize().into_bytes())
}

/// Posts signed events. Clones share connections.
#[derive(Clone)]
pub(crate) struct Sender {
    secrets: Arc<[String]>,
    client: Client<HttpConnector, Full<Bytes>>,
}

impl Sender {
    /// Signs with each of `secrets`.
    pub(crate) fn new(secrets: Vec<String>) -> Self {
        Self {
            secrets: secrets.into(),
            client: Client::builder(TokioExecutor::new()).build_http(),
        }
    }

    /// One attempt at `endpoint`, signed for `second`.
    pub(crate) async fn post(&self, endpoint: &str, second: i64, body: Bytes) -> Answer {
        let failed = |error: String| Answer {
            status: None,
            error: Some(error),
        };
        let request = Request::post(endpoint)
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .header(header::USER_AGENT, "Stripe/1.0 (test till)")
            .header("stripe-signature", signature(&self.secrets, second, &body))
            .body(Full::new(body));
        let request = match request {
            Ok(request) => request,
            Err(error) => return failed(error.to_string()),
        };
        let exchange = async {
            let response = self
                .client
                .request(request)
                .await
                .map_err(|error| error.to_string())?;
            let status = response.status().as_u16();
            // Read to the end so that the connection can be used again.
            let _ = Limited::new(response.into_body(), 1024 * 1024)
                .collect()
                .await;
            Ok::<_, String>(status)
        };
        match tokio::time::timeout(PATIENCE, exchange).await {
            Ok(Ok(status)) => Answer {
                status: Some(status),
                error: None,
            },
            Ok(Err(error)) => failed(error),
            Err(_) => failed(format!("no answer in {} s", PATIENCE.as_secs())),
        }
    }
}

/// Delivers events and lets what is due at the till happen, for as long as it runs.
pub(crate) struct Courier {
    store: Store,
    clock: SteppableClock,
    endpoint: String,
    sender: Sender,
}

impl Courier {
    pub(crate) fn new(
        store: Store,
        clock: SteppableClock,
        endpoint: String,
        sender: Sender,
    ) -> Self {
        Self {
            store,
            clock,
            endpoint,
            sender,
        }
    }

    /// Runs until `stop` turns true.
    pub(crate) async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut steps = self.clock.steps();
        let mut first = true;
        while !*stop.borrow() {
            let task = self
                .store
                .transact_quietly(move |tx| {
                    if first {
                        retry_all_now(tx)?;
                    }
                    next_task(tx)
                })
                .await;
            first = false;
            let sleep = match task {
                Ok(Task::Deliver(parcel)) => {
                    self.deliver(parcel).await;
                    continue;
                }
                Ok(Task::Wait(until)) => self.time_until(until),
                // What failed is in the log already.
                Err(ApiError { .. }) => Duration::from_secs(1),
            };
            tokio::select! {
                () = tokio::time::sleep(sleep) => {}
                () = self.store.changed() => {}
                _ = steps.changed() => {}
                stopping = stop.changed() => {
                    if stopping.is_err() {
                        return;
                    }
                }
            }
        }
    }

    /// At most a minute: the machine may sleep, or its clock may be set.
    fn time_until(&self, until: Option<i64>) -> Duration {
        let longest = Duration::from_secs(60);
        let Some(until) = until else { return longest };
        let left = until.saturating_sub(self.clock.now().as_millisecond());
        Duration::from_millis(u64::try_from(left).unwrap_or(0)).min(longest)
    }

    async fn deliver(&self, parcel: Parcel) {
        let second = self.clock.now().as_second();
        let body = parcel.body.clone();
        let answer = self.sender.post(&self.endpoint, second, body).await;
        let recorded = self
            .store
            .transact_quietly(move |tx| record(tx, &parcel, &answer))
            .await;
        if let Err(error) = recorded {
            log_failure("the till cannot record a delivery", &error);
            // Without the record the same event is due again: not in a tight loop.
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
}

/// How long the endpoint may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_the_hmac_of_time_and_body() {
        // Checked with: printf '1700000000.{}' | openssl dgst -sha256 -hmac whsec_local
        let header = signature(&["whsec_local".to_owned()], 1_700_000_000, b"{}");
        let expected = "45d9c5a2fd310ffd803628dbea431926fecc4dd5ea85e5cb7f433f3fedbeb993";
        assert!(
            header.starts_with(&format!("t=1700000000,v1={expected},v0=")),
            "{header}"
        );
    }
}
