//! The mail double: takes mails by the SES v2 protocol and keeps them in a folder instead of sending.
//!
//! One JSON file per mail in `<state>/outbox/`, on the disk before the sender gets its message id.

pub(crate) mod api;
mod feedback;
pub(crate) mod pages;
pub(crate) mod publisher;
mod raw;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::clock::SteppableClock;
use crate::durable::replace_file;

/// The domain of the mailbox simulator (Amazon SES developer guide, "Using the mailbox simulator").
const SIMULATOR: &str = "@simulator.amazonses.com";

/// The folder of sent mails. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Outbox {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    folder: PathBuf,
    clock: SteppableClock,
    /// The number of the next mail. Held while a mail is written, so that numbers follow time.
    next: Mutex<u64>,
    /// The status to answer instead of taking a mail; gone after a restart.
    fault: Mutex<Option<u16>>,
}

/// A mail as it was handed over, without what only the transport needs.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Mail {
    /// SES's message id.
    pub(crate) id: String,
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) cc: Vec<String>,
    pub(crate) bcc: Vec<String>,
    pub(crate) reply_to: Vec<String>,
    pub(crate) subject: String,
    /// Empty if there is none; so is `html`.
    pub(crate) text: String,
    pub(crate) html: String,
    /// The sender's own headers, by name; values of one name are joined by a comma and a space.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) sent_at: Timestamp,
}

/// What the sender hands over: a [`Mail`] without the id and the time, which the outbox adds.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Letter {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
    pub(crate) cc: Vec<String>,
    pub(crate) bcc: Vec<String>,
    pub(crate) reply_to: Vec<String>,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
    pub(crate) headers: BTreeMap<String, String>,
}

/// Why the outbox could not be opened, written or read.
#[derive(Debug, Error)]
pub enum OutboxError {
    /// The file system refused.
    #[error("the outbox {path} cannot be used")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A mail's file is not what this program writes.
    #[error("the mail {path} is damaged")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// The machine gave no random bytes for a message id.
    #[error("no random bytes")]
    Random(#[source] getrandom::Error),
}

impl Outbox {
    /// Opens `<state_dir>/outbox/`, made if it isn't there.
    pub(crate) fn open(state_dir: &Path, clock: SteppableClock) -> Result<Self, OutboxError> {
        let folder = state_dir.join("outbox");
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
                clock,
                next: Mutex::new(next),
                fault: Mutex::new(None),
            }),
        })
    }

    /// Takes a mail; when this returns it is on the disk. Blocks for the disk.
    pub(crate) fn take(&self, letter: Letter) -> Result<Mail, OutboxError> {
        let id = message_id().map_err(OutboxError::Random)?;
        let mut next = self
            .shared
            .next
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mail = Mail {
            id,
            from: letter.from,
            to: letter.to,
            cc: letter.cc,
            bcc: letter.bcc,
            reply_to: letter.reply_to,
            subject: letter.subject,
            text: letter.text,
            html: letter.html,
            headers: letter.headers,
            sent_at: self.shared.clock.now(),
        };
        // SES delivers what goes to its simulator to nobody, and takes as long for it.
        let simulated = mail.to.iter().all(|to| to.ends_with(SIMULATOR)) && !mail.to.is_empty();
        let name = if simulated {
            "simulated".to_owned()
        } else {
            format!("{:010}.json", *next)
        };
        let path = self.shared.folder.join(name);
        let failed = |source| OutboxError::File {
            path: path.clone(),
            source,
        };
        let bytes = serde_json::to_vec_pretty(&mail).map_err(|error| failed(error.into()))?;
        replace_file(&path, &bytes).map_err(failed)?;
        if !simulated {
            *next += 1;
        }
        Ok(mail)
    }

    /// All mails, newest first. Blocks for the disk.
    pub(crate) fn mails(&self) -> Result<Vec<Mail>, OutboxError> {
        files(&self.shared.folder)?
            .into_iter()
            .rev()
            .map(|path| {
                let bytes = fs::read(&path).map_err(|source| OutboxError::File {
                    path: path.clone(),
                    source,
                })?;
                serde_json::from_slice(&bytes)
                    .map_err(|source| OutboxError::Damaged { path, source })
            })
            .collect()
    }

    /// The time of the stage.
    pub(crate) fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// The status that mails are refused with now, if any.
    pub(crate) fn fault(&self) -> Option<u16> {
        *self
            .shared
            .fault
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on refuses mails with `status`; `None` takes them again.
    pub(crate) fn set_fault(&self, status: Option<u16>) {
        *self
            .shared
            .fault
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = status;
    }
}

/// The mails' files, oldest first. A `.json.new` is a mail that nobody was told is taken.
fn files(folder: &Path) -> Result<Vec<PathBuf>, OutboxError> {
    let failed = |source| OutboxError::File {
        path: folder.to_owned(),
        source,
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            paths.push(path);
        }
    }
    paths.sort_by_key(|path| number(path));
    Ok(paths)
}

fn number(path: &Path) -> Option<u64> {
    path.file_stem()?.to_str()?.parse().ok()
}

/// An id in the shape that SES gives: hexadecimal groups, the last one zero.
fn message_id() -> Result<String, getrandom::Error> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes)?;
    let hex = hex::encode(bytes);
    let group = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    Ok(format!(
        "0100019{}-{}-{}-{}-{}-000000",
        group(0, 9),
        group(9, 17),
        group(17, 21),
        group(21, 25),
        group(25, 32),
    ))
}
