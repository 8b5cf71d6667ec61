//! `tuition check --external`: asks whether the addresses are there that a site links to.
//!
//! What is told about an answer, and how bad it is, is decided in `tuition-site`.

mod ask;
mod known;

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::Path,
    time::Duration,
};

use jiff::Timestamp;
use tuition_site::{Answered, Diagnostic, Options, Source};

use self::known::Known;
use crate::{arguments::ExternalOptions, report, source};

/// Nobody could be asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExternalError {
    /// The site can't be read.
    #[error(transparent)]
    Read(#[from] source::ReadError),
    /// The machine has no means to ask.
    #[error("addresses can't be asked: {0}")]
    Machine(#[source] io::Error),
    /// No name means anything: it is not the links that are wrong.
    #[error("none of {0} hosts can be looked up: is this machine offline?")]
    Offline(usize),
    /// What was learnt can't be remembered.
    #[error("can't write {path}: {error}", path = path.display())]
    Write {
        path: std::path::PathBuf,
        error: io::Error,
    },
}

/// From how many hosts on it is more likely that the network is away than that all links are wrong.
const MANY_HOSTS: usize = 3;

/// Diagnostics about the links of a site that lead elsewhere. Says on standard error how many were asked.
///
/// # Errors
/// [`ExternalError`] when the machine is at fault.
pub(crate) fn check(
    site: &Path,
    options: &Options,
    how: &ExternalOptions,
) -> Result<Vec<Diagnostic>, ExternalError> {
    let source = Source {
        files: source::read(site)?.files,
        ..Source::default()
    };
    let links = tuition_site::outside_links(&source, options);
    let now = Timestamp::now();
    let mut known = Known::read(site);
    let urls = links.urls();
    let mut answers: BTreeMap<String, Answered> = BTreeMap::new();
    if !how.fresh {
        answers.extend(
            urls.iter()
                .filter_map(|url| Some(((*url).to_owned(), known.get(url, now)?))),
        );
    }
    let open: BTreeSet<&str> = urls
        .iter()
        .copied()
        .filter(|url| !answers.contains_key(*url))
        .collect();
    report::note(&format!(
        "addresses to ask: {}, known from the last hours: {}",
        open.len(),
        answers.len()
    ));
    let patience = ask::Patience {
        answer: Duration::from_secs(how.timeout.into()),
        ..ask::Patience::default()
    };
    let asked = ask::all(&open, patience).map_err(ExternalError::Machine)?;
    if asked.hosts >= MANY_HOSTS && asked.lost_hosts == asked.hosts {
        return Err(ExternalError::Offline(asked.hosts));
    }
    for (url, answer) in asked.answers {
        known.note(&url, &answer, now);
        answers.insert(
            url,
            Answered {
                answer,
                since: None,
            },
        );
    }
    known.keep(&urls, now);
    known.write(site)?;
    Ok(links.report(&answers))
}
