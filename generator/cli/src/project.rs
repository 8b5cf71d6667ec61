//! A site on disk, built in memory: what `build`, `check` and `serve` share.

use std::{path::Path, thread};

use tuition_site::{Diagnostic, Options, Output, Source};

use crate::{
    git::{Git, Missing},
    source,
    test::{Records, RecordsError},
    theme,
};

/// The machine is at fault.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoadError {
    /// The folder or a file in it can't be read.
    #[error(transparent)]
    Read(#[from] source::ReadError),
    /// What is known of tested samples can't be read.
    #[error(transparent)]
    Records(#[from] RecordsError),
}

/// Reads a site's folder and builds it; writes nothing. `git` remembers, from one build to the next, what it read of
/// the site's history.
///
/// There is an output exactly when no diagnostic is an error.
///
/// # Errors
/// [`LoadError`] when the machine is at fault. An author's mistakes are diagnostics.
pub(crate) fn load_and_build(
    site: &Path,
    git: &Git,
    options: &Options,
) -> Result<(Option<Output>, Vec<Diagnostic>), LoadError> {
    let options = Options {
        tested: Records::read(site)?.tested(),
        ..options.clone()
    };
    let (read, repository) = thread::scope(|scope| {
        let repository = scope.spawn(|| git.open(site, ""));
        let read = source::read(site);
        // A thread that panicked has said why.
        (read, repository.join().unwrap_or(Err(Missing::Repository)))
    });
    let source::Site {
        files,
        refused,
        repositories,
    } = read?;
    let texts = files.keys().filter(|path| path.ends_with(".md"));
    let history = git.history(repository, site, &repositories, texts.cloned().collect());
    let source = Source {
        files,
        theme: theme::built_in(),
        history,
    };
    let (output, mut diagnostics) = tuition_site::build(&source, &options);
    let is_clean = refused.is_empty();
    diagnostics.extend(refused);
    diagnostics.sort();
    Ok((output.filter(|_| is_clean), diagnostics))
}
