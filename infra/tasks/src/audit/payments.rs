//! `cargo task audit payments`: thousands of histories of the money side, and whether its tests notice when the code is
//! wrong. Writes `functions/domain/AUDIT.md`.
//!
//! The mutants are every second one of the checkout domain, always the same. One that no test notices needs a reason in
//! `functions/domain/survivors.txt`.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::report::{self, Report, seconds};
use crate::workspace::Workspace;

const HISTORIES: u32 = 20_000;
/// The share of viable mutants that must be noticed, in hundredths.
const KILLED: usize = 85;
const TABLE: &str = "functions/domain/AUDIT.md";
const REASONS: &str = "functions/domain/survivors.txt";

/// Runs both and writes the table.
pub(crate) fn audit(workspace: &Workspace, report: &mut Report) {
    let mut took = None;
    report.step("histories of the money side", || {
        let start = Instant::now();
        let filter = "binary(it) and test(model::)";
        let mut command = workspace.cargo([
            "nextest",
            "run",
            "--locked",
            "-p",
            "tuition-domain",
            "-E",
            filter,
        ]);
        report::run(command.env("TUITION_MODEL_CASES", HISTORIES.to_string()))?;
        took = Some(start.elapsed());
        Ok(())
    });
    let found = report.step("cargo mutants is there", || {
        report::run_quietly(&mut workspace.cargo(["mutants", "--version"]))
            .map_err(|reason| format!("{reason}\nhint: cargo install cargo-mutants --locked"))
    });
    let mut outcome = None;
    if found {
        report.step("mutants of the checkout domain", || {
            outcome = Some(mutants(workspace)?);
            Ok(())
        });
    }
    let (Some(took), Some(outcome)) = (took, outcome) else {
        report.skip(TABLE, "a measurement is missing");
        return;
    };
    report.step(TABLE, || {
        let text = table(took, &outcome);
        report::say(&text);
        fs::write(workspace.path(TABLE), text).map_err(|error| error.to_string())
    });
    report.step("survivors have their reasons", || outcome.is_good());
}

/// What became of the mutants, by name.
struct Outcome {
    caught: usize,
    timed_out: usize,
    unviable: usize,
    /// Name and reason, if one is known.
    missed: Vec<(String, Option<String>)>,
}

fn mutants(workspace: &Workspace) -> Result<Outcome, String> {
    let out = workspace.target.join("mutants");
    // The tool answers 2 when a mutant survives and 3 when one runs for ever, which is what it is asked for.
    let _ = workspace
        .cargo(["mutants", "-p", "tuition-domain"])
        .args(["-f", "functions/domain/src/checkout/**", "--shard", "0/2"])
        .args(["--sharding", "round-robin", "--no-shuffle", "-j", "2"])
        .args([
            "--test-tool",
            "nextest",
            "--minimum-test-timeout",
            "60",
            "-o",
        ])
        .arg(&out)
        .env_remove("CARGO_TARGET_DIR")
        .status()
        .map_err(|error| error.to_string())?;
    read(&out.join("mutants.out"), &workspace.path(REASONS))
}

/// The tool's lists: one mutant a line.
fn read(out: &Path, reasons: &Path) -> Result<Outcome, String> {
    let list = |name: &str| {
        let path = out.join(name);
        fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
    };
    let reasons = fs::read_to_string(reasons).map_err(|error| error.to_string())?;
    let reason = |name: &str| {
        let line = reasons.lines().find_map(|line| line.strip_prefix(name))?;
        Some(line.trim_start_matches(':').trim().to_owned())
    };
    let missed = list("missed.txt")?;
    let missed = missed.lines().map(|line| {
        let name = without_place(line);
        let known = reason(&name).filter(|reason| !reason.is_empty());
        (name, known)
    });
    Ok(Outcome {
        caught: list("caught.txt")?.lines().count(),
        timed_out: list("timeout.txt")?.lines().count(),
        unviable: list("unviable.txt")?.lines().count(),
        missed: missed.collect(),
    })
}

/// `src/state.rs:70:9: replace …` without the line and column, which move with every edit.
fn without_place(line: &str) -> String {
    let (path, rest) = line.split_once(':').unwrap_or((line, ""));
    let what = rest.splitn(3, ':').nth(2).unwrap_or(rest);
    format!("{path}:{what}")
}

impl Outcome {
    fn killed(&self) -> usize {
        self.caught + self.timed_out
    }

    fn viable(&self) -> usize {
        self.killed() + self.missed.len()
    }

    fn is_good(&self) -> Result<(), String> {
        let silent = self.missed.iter().filter(|(_, reason)| reason.is_none());
        let silent: Vec<&str> = silent.map(|(name, _)| name.as_str()).collect();
        if !silent.is_empty() {
            return Err(format!("no reason in {REASONS}:\n{}", silent.join("\n")));
        }
        match self.killed() * 100 >= self.viable() * KILLED {
            true => Ok(()),
            false => Err(format!(
                "{} of {} are noticed",
                self.killed(),
                self.viable()
            )),
        }
    }
}

fn table(took: Duration, outcome: &Outcome) -> String {
    let Outcome {
        caught,
        timed_out,
        unviable,
        missed,
    } = outcome;
    let share = (outcome.killed() * 100)
        .checked_div(outcome.viable())
        .unwrap_or(0);
    let mut text = format!(
        "# Audit of the money side\n\nWritten by `cargo task audit payments`.\n\n| what | measured | bound |\n|---|---|---|\n\
         | histories of buyers, provider, failing store and crashes | {HISTORIES} in {}, none ends wrong; both planted mistakes found | none |\n\
         | mutants of the checkout domain | {} viable of {}: {caught} caught, {timed_out} ran for ever, {} survived; {share} % noticed | ≥ {KILLED} % |\n\n\
         ## Survivors\n\n| mutant | why no test of this crate notices |\n|---|---|\n",
        seconds(took),
        outcome.viable(),
        outcome.viable() + unviable,
        missed.len(),
    );
    for (name, reason) in missed {
        let name = name.trim_start_matches("functions/domain/src/checkout/");
        let reason = reason.as_deref().unwrap_or("?");
        text.push_str(&format!("| `{}` | {reason} |\n", name.replace('|', "\\|")));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mutant_is_known_whatever_line_it_is_on() {
        let line = "functions/domain/src/checkout/state.rs:70:9: replace status -> OrderStatus with Default::default()";
        let name = without_place(line);
        let expected = "functions/domain/src/checkout/state.rs: replace status -> OrderStatus with Default::default()";
        assert_eq!(name, expected);
    }
}
