//! Hands feedback to whoever listens: posts each notification, in order, until it is taken with a 2xx.
//!
//! One JSON file per notification in `<state>/feedback/`, on the disk before it is promised, gone when
//! it was taken. A process that dies between the two posts it again.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio::sync::{Notify, watch};

use super::{OutboxError, feedback, files, number};
use crate::durable::replace_file;
use crate::problem::log_failure;

/// What is still to be handed over. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Publisher {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    folder: PathBuf,
    /// Where to; nobody listens if `None`.
    listener: Option<String>,
    /// The number of the next notification. Held while one is written.
    next: Mutex<u64>,
    added: Notify,
}

impl Publisher {
    /// Opens `<state_dir>/feedback/`, made if it isn't there.
    pub(crate) fn open(state_dir: &Path, listener: Option<String>) -> Result<Self, OutboxError> {
        let folder = state_dir.join("feedback");
        fs::create_dir_all(&folder).map_err(|source| OutboxError::File {
            path: folder.clone(),
            source,
        })?;
        let next = files(&folder)?
            .last()
            .and_then(|path| number(path))
            .map_or(1, |last| last + 1);
        Ok(Self {
            shared: Arc::new(Shared {
                folder,
                listener,
                next: Mutex::new(next),
                added: Notify::new(),
            }),
        })
    }

    /// True if there is someone to hand feedback to.
    pub(crate) fn has_listener(&self) -> bool {
        self.shared.listener.is_some()
    }

    /// Queues a notification; when this returns it is on the disk. Blocks for the disk.
    pub(crate) fn publish(&self, notification: &Value) -> Result<(), OutboxError> {
        let mut next = self
            .shared
            .next
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let path = self.shared.folder.join(format!("{:010}.json", *next));
        let failed = |source| OutboxError::File {
            path: path.clone(),
            source,
        };
        let bytes = serde_json::to_vec(notification).map_err(|error| failed(error.into()))?;
        replace_file(&path, &bytes).map_err(failed)?;
        *next += 1;
        drop(next);
        self.shared.added.notify_one();
        Ok(())
    }

    /// Hands over what is queued, until `stop` turns true.
    pub(crate) async fn run(self, mut stop: watch::Receiver<bool>) {
        let Some(listener) = self.shared.listener.clone() else {
            return;
        };
        let client = Client::builder(TokioExecutor::new()).build_http();
        let mut refused = 0;
        while !*stop.borrow() {
            let wait = match self.hand_over_next(&client, &listener).await {
                Ok(Handed::Taken) => {
                    refused = 0;
                    continue;
                }
                Ok(Handed::Nothing) => None,
                Ok(Handed::Refused) => {
                    let wait = BACK_OFF.get(refused).copied().unwrap_or(LONGEST_BACK_OFF);
                    refused += 1;
                    Some(wait)
                }
                Err(error) => {
                    log_failure("the outbox cannot hand over feedback", &error);
                    Some(LONGEST_BACK_OFF)
                }
            };
            tokio::select! {
                () = self.shared.added.notified() => {}
                () = pause(wait) => {}
                stopping = stop.changed() => {
                    if stopping.is_err() {
                        return;
                    }
                }
            }
        }
    }

    async fn hand_over_next(&self, client: &Poster, listener: &str) -> Result<Handed, OutboxError> {
        let folder = self.shared.folder.clone();
        let blocking = tokio::task::spawn_blocking(move || oldest(&folder)).await;
        let oldest = match blocking {
            Ok(oldest) => oldest?,
            // Only while the process ends.
            Err(_) => return Ok(Handed::Nothing),
        };
        let Some((path, body)) = oldest else {
            return Ok(Handed::Nothing);
        };
        if !post(client, listener, body).await {
            tracing::info!("feedback was not taken and will be sent again");
            return Ok(Handed::Refused);
        }
        match fs::remove_file(&path) {
            Ok(()) => Ok(Handed::Taken),
            Err(source) => Err(OutboxError::File { path, source }),
        }
    }
}

type Poster = Client<HttpConnector, Full<Bytes>>;

enum Handed {
    Nothing,
    Taken,
    Refused,
}

async fn pause(wait: Option<Duration>) {
    match wait {
        Some(wait) => tokio::time::sleep(wait).await,
        None => std::future::pending().await,
    }
}

fn oldest(folder: &Path) -> Result<Option<(PathBuf, Vec<u8>)>, OutboxError> {
    let Some(path) = files(folder)?.into_iter().next() else {
        return Ok(None);
    };
    let failed = |source: io::Error| OutboxError::File {
        path: path.clone(),
        source,
    };
    let bytes = fs::read(&path).map_err(failed)?;
    Ok(Some((path, bytes)))
}

/// True if it was taken.
async fn post(client: &Poster, listener: &str, body: Vec<u8>) -> bool {
    let id = serde_json::from_slice::<Value>(&body)
        .ok()
        .and_then(|notification| notification.get("MessageId")?.as_str().map(str::to_owned))
        .unwrap_or_default();
    let request = Request::post(listener)
        .header(header::CONTENT_TYPE, "text/plain; charset=UTF-8")
        .header(
            header::USER_AGENT,
            "Amazon Simple Notification Service Agent (test outbox)",
        )
        .header("x-amz-sns-message-type", "Notification")
        .header("x-amz-sns-message-id", id)
        .header("x-amz-sns-topic-arn", feedback::TOPIC)
        .body(Full::new(Bytes::from(body)));
    let Ok(request) = request else {
        return false;
    };
    let exchange = async {
        let response = client.request(request).await.ok()?;
        let taken = response.status().is_success();
        // Read to the end so that the connection can be used again.
        let _ = Limited::new(response.into_body(), 1024 * 1024)
            .collect()
            .await;
        Some(taken)
    };
    let answered = tokio::time::timeout(PATIENCE, exchange).await;
    matches!(answered, Ok(Some(true)))
}

/// How long the listener may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Waits between attempts.
const BACK_OFF: [Duration; 3] = [
    Duration::from_millis(200),
    Duration::from_secs(1),
    Duration::from_secs(5),
];
const LONGEST_BACK_OFF: Duration = Duration::from_secs(15);
