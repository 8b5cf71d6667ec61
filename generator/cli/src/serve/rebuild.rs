//! Builds the site again whenever it changes, and tells what came of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use tokio::sync::watch::Sender;
use tuition_adapters::SharedCatalog;
use tuition_site::{Drawings, Options, Output};
use tuition_stand_ins::SteppableClock;

use super::ServeError;
use super::site::SiteServer;
use crate::git::Git;
use crate::watch::Watch;
use crate::{project, report};

/// Builds one site over and over.
pub(crate) struct Rebuilder {
    site: PathBuf,
    origin: String,
    clock: SteppableClock,
    drafts: bool,
    ignored: Vec<PathBuf>,
    git: Git,
    /// What earlier builds have drawn.
    drawings: Arc<Drawings>,
}

impl Rebuilder {
    /// For the site in a folder, served at `origin`. Changes below `ignored` are none.
    pub(crate) fn new(
        site: &Path,
        origin: &str,
        clock: SteppableClock,
        drafts: bool,
        ignored: Vec<PathBuf>,
    ) -> Self {
        Self {
            site: site.to_owned(),
            origin: origin.to_owned(),
            clock,
            drafts,
            ignored,
            git: Git::default(),
            drawings: Arc::default(),
        }
    }

    /// Builds, and says how it went; `None` when there is nothing to serve.
    pub(crate) fn build(&self) -> Option<Output> {
        let started = Instant::now();
        let options = Options {
            now: self.clock.now(),
            drafts: self.drafts,
            base_url: Some(self.origin.clone()),
            tested: BTreeMap::new(),
            require_tested: false,
            drawings: Arc::clone(&self.drawings),
        };
        match project::load_and_build(&self.site, &self.git, &options) {
            Ok((output, diagnostics)) => {
                report::diagnostics(&diagnostics, false);
                if let Some(output) = &output {
                    let pages = output.catalog.paths.len();
                    report::note(&format!(
                        "built {} in {} ms",
                        report::plural(pages, "page"),
                        started.elapsed().as_millis()
                    ));
                }
                output
            }
            Err(error) => {
                report::environment(&error);
                None
            }
        }
    }

    /// From now on builds after each change. A site that does not build leaves the last good one
    /// where it is.
    pub(crate) fn watch(
        self,
        pages: Arc<SiteServer>,
        catalog: SharedCatalog,
        built: Sender<u64>,
    ) -> Result<(), ServeError> {
        let failed = |source| ServeError::Machine {
            what: "the site can't be watched",
            source,
        };
        let mut watch =
            Watch::start(&self.site, &self.ignored).map_err(|error| failed(error.into()))?;
        report::note("watching content and themes");
        let work = move || {
            while let Some(changed) = watch.next() {
                report::note(&format!("changed: {}", names(&self.site, &changed)));
                match self.build() {
                    Some(output) => {
                        catalog.replace(output.catalog);
                        pages.publish(output.files);
                        built.send_modify(|count| *count += 1);
                    }
                    None => report::note("the last good site is still served"),
                }
            }
        };
        thread::Builder::new()
            .name("rebuild".to_owned())
            .spawn(work)
            .map_err(|error| failed(error.into()))?;
        Ok(())
    }
}

/// The first few paths, as the author knows them.
fn names(site: &Path, changed: &[PathBuf]) -> String {
    let root = site.canonicalize().unwrap_or_else(|_| site.to_owned());
    let shown = |path: &PathBuf| {
        path.strip_prefix(&root)
            .unwrap_or(path)
            .display()
            .to_string()
    };
    let first: Vec<String> = changed.iter().take(3).map(shown).collect();
    match changed.len().saturating_sub(first.len()) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}
