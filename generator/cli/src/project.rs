//! A site on disk, built in memory: what `build`, `check` and `serve` share.

use std::path::Path;

use tuition_site::{Diagnostic, Options, Output};

use crate::{source, theme};

/// Reads a site's folder and builds it; writes nothing.
///
/// There is an output exactly when no diagnostic is an error.
///
/// # Errors
/// When the machine is at fault: the folder or a file in it can't be read. An author's mistakes are diagnostics.
pub(crate) fn load_and_build(
    site: &Path,
    options: &Options,
) -> Result<(Option<Output>, Vec<Diagnostic>), source::ReadError> {
    let (files, refused) = source::read(site)?;
    let source = tuition_site::Source {
        files,
        theme: theme::built_in(),
    };
    let (output, mut diagnostics) = tuition_site::build(&source, options);
    let is_clean = refused.is_empty();
    diagnostics.extend(refused);
    diagnostics.sort();
    Ok((output.filter(|_| is_clean), diagnostics))
}
