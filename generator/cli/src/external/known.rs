//! Good answers of the last hours, in `.tuition/links.json`, so that a second check asks nobody anew. Bad ones are not
//! remembered: whoever mends a page wants to see it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tuition_site::{Answer, Answered};

use super::ExternalError;
use crate::report;

/// How long an answer counts.
const LIFE: SignedDuration = SignedDuration::from_hours(12);

/// Version of the file; another is read as an empty one.
const VERSION: u32 = 1;

/// Answers by address.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Known {
    version: u32,
    links: BTreeMap<String, Good>,
}

/// An address that was there.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Good {
    at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    moved_to: Option<String>,
}

impl Known {
    /// What is remembered of a site; nothing if it can't be read, which is told.
    pub(super) fn read(site: &Path) -> Self {
        let path = path(site);
        let none = Self {
            version: VERSION,
            links: BTreeMap::new(),
        };
        let Ok(bytes) = fs::read(&path) else {
            return none;
        };
        match serde_json::from_slice::<Self>(&bytes) {
            Ok(known) if known.version == VERSION => known,
            _ => {
                report::note(&format!(
                    "{} can't be read: all links are asked anew",
                    path.display()
                ));
                none
            }
        }
    }

    /// The answer about an address, if there is one that still counts.
    pub(super) fn get(&self, url: &str, now: Timestamp) -> Option<Answered> {
        let good = self.links.get(url).filter(|good| good.counts(now))?;
        Some(Answered {
            answer: match &good.moved_to {
                Some(to) => Answer::Moved { to: to.clone() },
                None => Answer::There,
            },
            since: Some(good.at),
        })
    }

    /// Remembers an answer, or forgets the one from before.
    pub(super) fn note(&mut self, url: &str, answer: &Answer, at: Timestamp) {
        let moved_to = match answer {
            Answer::There => None,
            Answer::Moved { to } => Some(to.clone()),
            Answer::Gone { .. } | Answer::Unsure { .. } => {
                self.links.remove(url);
                return;
            }
        };
        self.links.insert(url.to_owned(), Good { at, moved_to });
    }

    /// Forgets what no link leads to any more, and what has become old.
    pub(super) fn keep(&mut self, urls: &BTreeSet<&str>, now: Timestamp) {
        self.links
            .retain(|url, good| urls.contains(url.as_str()) && good.counts(now));
    }

    /// Writes the file, whole or not at all.
    pub(super) fn write(&self, site: &Path) -> Result<(), ExternalError> {
        let path = path(site);
        let failed = |error| ExternalError::Write {
            path: path.clone(),
            error,
        };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let json = serde_json::to_vec_pretty(self).map_err(|error| failed(error.into()))?;
        let fresh = path.with_extension(format!("json.new-{}", std::process::id()));
        fs::write(&fresh, json).map_err(failed)?;
        fs::rename(&fresh, &path).map_err(failed)
    }
}

impl Good {
    fn counts(&self, now: Timestamp) -> bool {
        let age = now.duration_since(self.at);
        !age.is_negative() && age < LIFE
    }
}

fn path(site: &Path) -> PathBuf {
    site.join(".tuition/links.json")
}
