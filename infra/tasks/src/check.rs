//! `cargo task check`: what a compiler and a reader of `Cargo.toml` can tell without running anything.

mod edges;
mod standard;

use std::fs;

use crate::files;
use crate::report::{Report, say};
use crate::workspace::Workspace;

/// From this length on a file should be split or justified.
const LONG: usize = 500;

/// Kinds of files that somebody writes by hand.
const WRITTEN: [&str; 7] = ["rs", "js", "mjs", "css", "html", "toml", "yaml"];

/// All checks; each runs whatever became of the others.
pub(crate) fn check(workspace: &Workspace, report: &mut Report) {
    report.command("format", &mut workspace.cargo(["fmt", "--all", "--check"]));
    // Workspaces of their own.
    report.command(
        "format of the fuzz targets",
        &mut workspace.cargo(["fmt", "--check", "--manifest-path=infra/fuzz/Cargo.toml"]),
    );
    report.command(
        "format of the functions' peer",
        &mut workspace.cargo(["fmt", "--check", "--manifest-path=infra/peer/Cargo.toml"]),
    );
    report.step("dependency edges", || {
        let wrong = edges::wrong(&workspace.crates);
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(format!(
                "edges that ARCHITECTURE.md doesn't allow\n{}",
                wrong.join("\n")
            ))
        }
    });
    report.step("security requirements", || {
        let wrong = standard::wrong(&workspace.root)?;
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(format!(
                "the table in functions/README.md is out of date\n{}",
                wrong.join("\n")
            ))
        }
    });
    report.step("file sizes", || tell_long_files(workspace));
    report.command(
        "lints",
        workspace
            .cargo([
                "clippy",
                "--workspace",
                "--all-targets",
                "--keep-going",
                "--locked",
            ])
            .args(["--", "-D", "warnings"]),
    );
    report.command(
        "docs",
        workspace
            .cargo([
                "doc",
                "--workspace",
                "--no-deps",
                "--keep-going",
                "--locked",
            ])
            .env("RUSTDOCFLAGS", "-D warnings"),
    );
}

/// Names long files. Length alone is no failure: some things belong together.
fn tell_long_files(workspace: &Workspace) -> Result<(), String> {
    let all = files::below(&workspace.root).map_err(|error| error.to_string())?;
    for file in all {
        let kind = file.extension().and_then(|kind| kind.to_str());
        if !kind.is_some_and(|kind| WRITTEN.contains(&kind)) {
            continue;
        }
        let shown = files::shown(&workspace.root, &file);
        let text = fs::read_to_string(&file).map_err(|error| format!("{shown}: {error}"))?;
        let lines = text.lines().count();
        if lines > LONG {
            say(&format!(
                "    note: {shown} has {lines} lines: split it, or say in its header why not"
            ));
        }
    }
    Ok(())
}
