//! `tuition build`: the site to a folder, all of it or nothing.

use std::time::Instant;

use tuition_site::Options;

use crate::{
    Outcome,
    arguments::{BuildCommand, Common},
    git::Git,
    output, project, report, search,
};

/// Runs the command.
pub(crate) fn run(common: &Common, command: &BuildCommand) -> Outcome {
    let start = Instant::now();
    let out = command
        .out
        .clone()
        .unwrap_or_else(|| common.site.join("dist"));
    let (built, diagnostics) = match project::load_and_build(
        &common.site,
        &Git::default(),
        &Options {
            require_tested: command.require_tested,
            ..command.moment.options(command.base_url.clone())
        },
    ) {
        Ok(built) => built,
        Err(error) => return Outcome::Environment(error.into()),
    };
    report::diagnostics(&diagnostics, common.json);
    let Some(mut built) = built else {
        if out.exists() {
            report::note(&format!("{} is left as it was", out.display()));
        }
        return Outcome::Diagnostics;
    };
    match search::indexes(&built.files) {
        Ok(indexes) => built.files.extend(indexes),
        Err(error) => return Outcome::Environment(error.into()),
    }
    if let Err(error) = output::write(&out, &built.files) {
        return Outcome::Environment(error.into());
    }
    let pages = report::plural(built.catalog.paths.len(), "page");
    report::note(&format!(
        "{pages} in {:.2} s, written to {}",
        start.elapsed().as_secs_f64(),
        out.display()
    ));
    Outcome::Done
}
