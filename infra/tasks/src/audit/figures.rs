//! `cargo task audit report [MILLIONS]`: ten million made-up records, unless told otherwise, read by `tuition report` and by DuckDB, which must come to
//! the same figures. Writes `functions/domain/src/metrics/AUDIT.md`.

mod records;

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::report::{self, Report};
use crate::tools;
use crate::workspace::Workspace;

const TABLE: &str = "functions/domain/src/metrics/AUDIT.md";
/// DuckDB, hashed.
const PINS: &str = "infra/tests/report/requirements.txt";
const COMPARE: &str = "infra/tests/report/compare.py";
const MILLION: u64 = 1_000_000;
/// Millions of records, unless told otherwise; only of so many is the table written.
const MILLIONS: u64 = 10;
/// Most time of the processor, in DuckDB's.
const MOST_TIME: f64 = 3.0;
/// Most memory, in MB.
const MOST_MEMORY: f64 = 1024.0;
const FIGURES: [(&str, &str); 5] = [
    ("net", "money of a month, less refunds (minor units)"),
    ("visitors", "different visitors of a month"),
    ("mau", "learners of 28 days"),
    ("finished", "lessons finished, all buyers together"),
    ("csat", "share of scores 4–5"),
];

/// Makes the records, compares, and writes the table.
pub(crate) fn audit(workspace: &Workspace, millions: Option<u64>, report: &mut Report) {
    let count = millions.unwrap_or(MILLIONS) * MILLION;
    let file = workspace.target.join("report-audit.jsonl.gz");
    let built = report.command(
        "build the tool",
        &mut workspace.cargo(["build", "--release", "--locked", "-p", "tuition"]),
    );
    let made = built && report.step("make up the records", || records::write(&file, count));
    if !made {
        report.skip(TABLE, "there is nothing to compare");
        return;
    }
    report.step(TABLE, || {
        let found = compare(workspace, &file)?;
        let text = table(
            &found,
            count,
            fs::metadata(&file)
                .map_err(|error| error.to_string())?
                .len(),
            &super::machine()?,
        )?;
        report::say(&text);
        if count == MILLIONS * MILLION {
            fs::write(workspace.path(TABLE), text).map_err(|error| error.to_string())?;
        }
        judge(&found)
    });
    // Hundreds of megabytes that can be made again. What is not there needs no removing.
    let _ = fs::remove_file(file);
}

fn compare(workspace: &Workspace, file: &Path) -> Result<Value, String> {
    let python = tools::python(workspace, PINS)?.join("python");
    let tuition = workspace.target.join("release/tuition");
    let said = report::output(
        workspace
            .command(python)
            .arg(COMPARE)
            .arg(file)
            .arg(tuition),
    )?;
    serde_json::from_slice(&said).map_err(|error| error.to_string())
}

/// Whether figures and bounds hold.
fn judge(found: &Value) -> Result<(), String> {
    for (name, what) in FIGURES {
        let of = |who: &str| {
            found
                .get(who)
                .and_then(|one| one.get("figures")?.get(name)?.as_f64())
        };
        match (of("duckdb"), of("tuition")) {
            (Some(theirs), Some(ours)) if (theirs - ours).abs() <= 1e-9 => {}
            (theirs, ours) => return Err(format!("{what}: {ours:?} here, {theirs:?} by DuckDB")),
        }
    }
    let ratio = number(found, "tuition", "cpu")? / number(found, "duckdb", "cpu")?;
    let memory = number(found, "tuition", "megabytes")?;
    if ratio > MOST_TIME || memory > MOST_MEMORY {
        return Err(format!("{ratio:.2} times DuckDB's time, {memory:.0} MB"));
    }
    Ok(())
}

fn number(found: &Value, who: &str, what: &str) -> Result<f64, String> {
    let number = found.get(who).and_then(|one| one.get(what)?.as_f64());
    number.ok_or_else(|| format!("{who} has no {what}"))
}

fn table(found: &Value, count: u64, bytes: u64, machine: &str) -> Result<String, String> {
    let of = |who: &str, what: &str| number(found, who, what);
    let line = |name: &str, who: &str| -> Result<String, String> {
        Ok(format!(
            "| {name} | {:.1} s | {:.1} s | {:.0} MB |\n",
            of(who, "seconds")?,
            of(who, "cpu")?,
            of(who, "megabytes")?
        ))
    };
    let mut figures = String::new();
    for (name, what) in FIGURES {
        let of = |who: &str| {
            let figure = found.get(who).and_then(|one| one.get("figures")?.get(name));
            figure.map_or_else(|| "–".to_owned(), Value::to_string)
        };
        figures.push_str(&format!(
            "| {what} | {} | {} |\n",
            of("tuition"),
            of("duckdb")
        ));
    }
    Ok(format!(
        "# Audit of the report\n\nWritten by `cargo task audit report`. {count} made-up records of 400 days and 1,000 lessons, one in fifty \
         there twice, in {:.0} MB of packed lines. `tuition report` computes all of its figures and prints them; DuckDB computes five. {machine}.\n\n\
         | | time | time of the processor | most memory |\n|---|---|---|---|\n{}{}\n\
         Ratio of the processor's time: {:.2}; at most {MOST_TIME:.0}, and at most {MOST_MEMORY:.0} MB.\n\n\
         | figure | `tuition report` | DuckDB |\n|---|---|---|\n{figures}",
        bytes as f64 / 1e6,
        line("`tuition report`", "tuition")?,
        line("DuckDB", "duckdb")?,
        of("tuition", "cpu")? / of("duckdb", "cpu")?,
    ))
}
