//! `cargo task audit comments`: how many pages of a thread and how many new comments a second, beside the floor of a bare handler that
//! makes the same calls; what a hostile text costs. Writes `functions/handlers/src/comments/AUDIT.md`.
//!
//! `TUITION_BINARY` names a release build of the tool that is there already; without it one is made.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use crate::report::{self, Report};
use crate::tools;
use crate::workspace::Workspace;

const TABLE: &str = "functions/handlers/src/comments/AUDIT.md";
/// The load generator, exactly.
const OHA: &str = "=1.16.0";
/// Of the floor's requests in a second, ours must be at least this share.
const LEAST: f64 = 0.6;
/// Begins the last line of what is measured.
const RATIO: &str = "lowest ratio: ";

/// Installs, builds, measures, and writes the table.
pub(crate) fn audit(workspace: &Workspace, report: &mut Report) {
    let mut oha = None;
    report.step("oha", || {
        tools::node()?;
        oha = Some(installed(workspace)?);
        Ok(())
    });
    let mut binary = std::env::var_os("TUITION_BINARY");
    let is_built = report.step("the tool and the floor", || {
        // Together, so that both have the same SDK, built once.
        let mut cargo = workspace.cargo(["build", "--release", "--locked"]);
        cargo.args(["-p", "tuition", "-p", "tuition-adapters"]);
        cargo.args(["--example", "floor"]);
        if binary.is_none() {
            cargo.args(["--bin", "tuition"]);
            binary = Some(workspace.target.join("release/tuition").into_os_string());
        }
        report::run(&mut cargo)
    });
    let (Some(oha), Some(binary), true) = (oha, binary, is_built) else {
        report.skip(TABLE, "a tool is missing");
        return;
    };
    let mut lowest = None;
    report.step(TABLE, || {
        let busy = super::load()?;
        let said = measure(workspace, oha, binary)?;
        let (figures, ratio) = said.rsplit_once(RATIO).ok_or("there is no ratio")?;
        lowest = Some(
            ratio
                .trim()
                .parse::<f64>()
                .map_err(|error| error.to_string())?,
        );
        let text = table(figures, &busy, &super::load()?, &super::machine()?);
        report::say(&text);
        fs::write(workspace.path(TABLE), text).map_err(|error| error.to_string())
    });
    report.step(
        "each route has at least 60 % of the floor",
        || match lowest {
            Some(ratio) if ratio >= LEAST => Ok(()),
            Some(ratio) => Err(format!("{:.0} %", 100.0 * ratio)),
            None => Err("nothing was measured".to_owned()),
        },
    );
}

/// The program, below the build folder; made unless it is there in this version.
fn installed(workspace: &Workspace) -> Result<PathBuf, String> {
    let root = workspace.target.join("oha");
    report::run(
        workspace
            .cargo(["install", "oha", "--locked", "--quiet"])
            .args(["--version", OHA])
            .arg("--root")
            .arg(&root)
            .arg("--target-dir")
            .arg(root.join("build")),
    )?;
    Ok(root.join("bin/oha"))
}

fn measure(workspace: &Workspace, oha: PathBuf, binary: OsString) -> Result<String, String> {
    let floor = workspace.target.join("release/examples/floor");
    let output = report::output(
        workspace
            .command("node")
            .arg("infra/tests/bench/comments.mjs")
            .args([oha, floor])
            .env("TUITION_BINARY", binary),
    )?;
    String::from_utf8(output).map_err(|error| error.to_string())
}

fn table(figures: &str, before: &str, after: &str, machine: &str) -> String {
    format!(
        "# Audit of comments\n\nWritten by `cargo task audit comments`, on {machine}.\n\n\
         ## Load\n\nBudget: each route has at least 60 % of the floor; p99 below 50 ms. Over HTTP against `tuition serve`, a learner who is signed in. The\n\
         floor is `functions/adapters/examples/floor`: a bare axum handler in a process of its own that makes the same calls to the same\n\
         table through the same SDK, which a test holds it to, and answers documents as they lie there. Generator, server and the engine of the\n\
         table share the machine. *Most*: 16 connections without a rate, the median of runs that take turns. *At a rate*: half of our\n\
         most, sent whether or not an answer came (open loop); a request that had to wait counts from when it was due, so that no wait is left\n\
         out. A page has 50 comments at most: a thread of a hundred is two. Every answer to a post is given once the comment is durable.\n\n\
         Load of the machine: {before} when it began, {after} when it ended. The ratios hold on a busy machine, the times do not.\n\n{}\n",
        figures
            .trim()
            .replacen("\n\n| a text", "\n\n## Hostile texts\n\nBudget: 50 ms of the processor to refuse one; what is above it fails the audit.\n\n| a text", 1)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_both_parts_and_the_load_of_the_machine() {
        let figures = "| list | 1 |\n\nEvery one.\n\n| a text | 422 |\n\n";
        let text = table(figures, "0.12", "3.40", "2 cores");
        assert!(text.contains("0.12 when it began, 3.40 when"), "{text}");
        assert!(
            text.contains("Every one.\n\n## Hostile texts\n\n"),
            "{text}"
        );
        assert!(text.ends_with("| a text | 422 |\n"), "{text}");
    }
}
