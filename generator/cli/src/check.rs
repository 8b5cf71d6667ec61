//! `tuition check`: everything `build` would say, and nothing written.

use tuition_site::Diagnostic;

use crate::{
    Outcome,
    arguments::{CheckCommand, Common},
    external,
    git::Git,
    project, report,
};

/// Runs the command.
pub(crate) fn run(common: &Common, command: &CheckCommand) -> Outcome {
    let options = command.moment.options(None);
    let mut diagnostics = match project::load_and_build(&common.site, &Git::default(), &options) {
        Ok((_, diagnostics)) => diagnostics,
        Err(error) => return Outcome::Environment(error.into()),
    };
    if command.external {
        match external::check(&common.site, &options, &command.how) {
            Ok(found) => diagnostics.extend(found),
            Err(error) => {
                report::diagnostics(&diagnostics, common.json);
                return Outcome::Environment(error.into());
            }
        }
        diagnostics.sort();
    }
    report::diagnostics(&diagnostics, common.json);
    match diagnostics.iter().any(Diagnostic::is_error) {
        true => Outcome::Diagnostics,
        false => Outcome::Done,
    }
}
