//! `tuition check`: everything `build` would say, and nothing written.

use tuition_site::Diagnostic;

use crate::{
    Outcome,
    arguments::{CheckCommand, Common},
    git::Git,
    project, report,
};

/// Runs the command.
pub(crate) fn run(common: &Common, command: &CheckCommand) -> Outcome {
    match project::load_and_build(&common.site, &Git::default(), &command.moment.options(None)) {
        Err(error) => Outcome::Environment(error.into()),
        Ok((_, diagnostics)) => {
            report::diagnostics(&diagnostics, common.json);
            match diagnostics.iter().any(Diagnostic::is_error) {
                true => Outcome::Diagnostics,
                false => Outcome::Done,
            }
        }
    }
}
