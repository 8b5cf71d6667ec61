//! `cargo task audit functions`: how large the four functions are, how long they take to start and to answer, and what
//! memory they keep, beside the least function there can be and the same on Node. Writes `functions/lambdas/AUDIT.md`.
//!
//! Built for the machine it runs on; what is deployed is built for arm64.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::report::{self, Report};
use crate::tools;
use crate::workspace::Workspace;

/// The four functions, by binary.
const FUNCTIONS: [&str; 4] = ["checkout", "access", "comments", "metrics"];
/// The other end of the comparison, a workspace of its own.
const PEER: &str = "infra/peer/Cargo.toml";
const TABLE: &str = "functions/lambdas/AUDIT.md";

/// A zip must not be larger, in bytes.
const ZIP: u64 = 4 << 20;

/// Builds, weighs, measures, and writes the table.
pub(crate) fn audit(workspace: &Workspace, report: &mut Report) {
    let mut weights = Vec::new();
    report.step("functions, profile lambda", || {
        weights = weigh(workspace)?;
        Ok(())
    });
    let (mut costs, mut busy) = (None, String::new());
    report.step("what a function costs", || {
        tools::node()?;
        busy = super::load()?;
        costs = Some(measure(workspace)?);
        Ok(())
    });
    let Some(costs) = costs.filter(|_| !weights.is_empty()) else {
        report.skip(TABLE, "a measurement is missing");
        return;
    };
    report.step(TABLE, || {
        let text = table(&weights, &costs, &busy, &super::machine()?);
        report::say(&text);
        fs::write(workspace.path(TABLE), text).map_err(|error| error.to_string())
    });
    report.step("no function is larger than 4 MiB", || {
        match weights.iter().find(|weight| weight.packed > ZIP) {
            None => Ok(()),
            Some(weight) => Err(format!("{} has {} bytes", weight.name, weight.packed)),
        }
    });
}

/// One binary.
struct Weight {
    name: String,
    bytes: u64,
    /// After deflate at its strongest, as in the zip that is deployed.
    packed: u64,
}

impl Weight {
    fn of(name: &str, binary: &Path) -> Result<Self, String> {
        let bytes = fs::metadata(binary)
            .map_err(|error| format!("{}: {error}", binary.display()))?
            .len();
        let packed = report::output(Command::new("gzip").arg("-9c").arg(binary))?;
        Ok(Self {
            name: name.to_owned(),
            bytes,
            packed: u64::try_from(packed.len()).map_err(|error| error.to_string())?,
        })
    }
}

fn weigh(workspace: &Workspace) -> Result<Vec<Weight>, String> {
    report::run(&mut workspace.cargo([
        "build",
        "--profile=lambda",
        "--package=tuition-lambdas",
        "--bins",
        "--locked",
    ]))?;
    report::run(
        workspace
            .cargo(["build", "--release", "--locked", "--manifest-path", PEER])
            .arg("--target-dir")
            .arg(workspace.target.join("peer")),
    )?;
    let ours = FUNCTIONS.map(|name| (format!("`{name}`"), folder(workspace).join(name)));
    ours.into_iter()
        .chain([("`lambda_http` alone".to_owned(), peer(workspace))])
        .map(|(name, binary)| Weight::of(&name, &binary))
        .collect()
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("lambda")
}

fn peer(workspace: &Workspace) -> PathBuf {
    workspace.target.join("peer/release/tuition-peer")
}

fn measure(workspace: &Workspace) -> Result<String, String> {
    let output = report::output(
        workspace
            .command("node")
            .arg("infra/tests/bench/functions.mjs")
            .args([folder(workspace), peer(workspace)]),
    )?;
    String::from_utf8(output).map_err(|error| error.to_string())
}

fn table(weights: &[Weight], costs: &str, busy: &str, machine: &str) -> String {
    let mib = |bytes: u64| format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20));
    let mut text = format!(
        "# Audit of the functions\n\nWritten by `cargo task audit functions`, on {machine}. What is deployed is built for arm64, which has\n\
         no AVX-512 and so half a megabyte less of cryptography.\n\n\
         ## Size\n\nBudget: 4 MiB packed.\n\n| function | binary | packed |\n| --- | ---: | ---: |\n"
    );
    for weight in weights {
        text.push_str(&format!(
            "| {} | {} | {} |\n",
            weight.name,
            mib(weight.bytes),
            mib(weight.packed)
        ));
    }
    text.push_str(&format!(
        "\n## Cost\n\nBudget: 30 ms to start, 32 MiB resident. Start: from the process to its first question for work. `functions.mjs` plays Lambda, the\n\
         table, which is empty, and SSM, by TLS, all on loopback: on AWS come the ways to them. The function has one core, the far ends the\n\
         other. Node is less than Lambda's own runtime around a handler; `lambda_http` alone knows no store and asks for no secret.\n\n\
         Load of the machine when it began: {busy}. The ratios hold on a busy machine, the times do not.\n\n{costs}"
    ));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_names_each_function_with_its_weights() {
        let weights = FUNCTIONS.map(|name| Weight {
            name: format!("`{name}`"),
            bytes: 7 << 20,
            packed: 3 << 20,
        });
        let text = table(&weights, "| a | 1 |\n", "0.12", "2 cores");
        assert!(text.contains("| `metrics` | 7.0 MiB | 3.0 MiB |"), "{text}");
        assert!(
            text.contains("2 cores") && text.ends_with("| a | 1 |\n"),
            "{text}"
        );
    }
}
