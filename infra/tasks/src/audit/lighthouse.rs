//! `cargo task audit lighthouse`: what Lighthouse says of the pages that decide. Keeps the table in `themes/default/README.md`.
//!
//! It needs a newer Node than the tests do: both come from npm into a folder of their own, which no other task touches.

use std::fs;
use std::path::PathBuf;

use crate::report::{self, Report};
use crate::tools;
use crate::workspace::Workspace;

/// What is installed, exactly.
const PACKAGES: &str =
    r#"{"private": true, "dependencies": {"lighthouse": "13.5.0", "node": "22.23.3"}}"#;

/// Installs, builds, measures.
pub(crate) fn audit(workspace: &Workspace, report: &mut Report) {
    let mut folder = None;
    let has_tools = report.step("Lighthouse and its Node", || {
        tools::node()?;
        tools::node_modules(workspace)?;
        folder = Some(installed(workspace)?);
        Ok(())
    });
    let is_built = report.command(
        "the tool",
        &mut workspace.cargo(["build", "--package=tuition", "--locked"]),
    );
    let Some(folder) = folder.filter(|_| has_tools && is_built) else {
        report.skip("Lighthouse", "a tool is missing");
        return;
    };
    report.step("Lighthouse: 100 of 100, six pages, four categories", || {
        let chromium = tools::chromium()?;
        report::run(
            workspace
                .command(folder.join("node_modules/.bin/node"))
                .arg("infra/tests/lighthouse.mjs")
                .env("LIGHTHOUSE", &folder)
                .env("CHROMIUM", chromium)
                .env("TUITION_BINARY", workspace.debug_binary("tuition")),
        )
    });
}

/// `target/lighthouse`, with the packages in it; installs them unless they are those of [`PACKAGES`].
fn installed(workspace: &Workspace) -> Result<PathBuf, String> {
    let folder = workspace.target.join("lighthouse");
    let stamp = folder.join("installed");
    if fs::read_to_string(&stamp).is_ok_and(|text| text == PACKAGES) {
        return Ok(folder);
    }
    let write = |path: PathBuf| fs::write(path, PACKAGES).map_err(|error| error.to_string());
    fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
    write(folder.join("package.json"))?;
    report::run(workspace.command("npm").current_dir(&folder).args([
        "install",
        "--no-audit",
        "--no-fund",
    ]))?;
    write(stamp)?;
    Ok(folder)
}
