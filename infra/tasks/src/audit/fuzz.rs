//! `cargo task audit fuzz [SECONDS]`: runs each target of `infra/fuzz` and writes `generator/markup/AUDIT.md`.
//!
//! Seeds are the examples of the specifications, the manual and the sites of the tests. What the fuzzer learns stays in
//! the target folder, so that the next run begins where this one ended.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::files;
use crate::report::{self, Report};
use crate::workspace::Workspace;

/// Seconds that each target runs.
const SECONDS: u64 = 600;

const TABLE: &str = "generator/markup/AUDIT.md";

/// A target, and what holds for whatever it is given.
struct Target {
    name: &'static str,
    promise: &'static str,
    /// What a word of a mistake could be, which the fuzzer would look for in vain.
    words: &'static [&'static str],
}

const TARGETS: [Target; 4] = [
    Target {
        name: "front_matter",
        promise: "front matter of every kind of file in TOML and YAML, `site.toml`, `offers.toml`: mistakes are placed \
                  inside the file, an output exactly when there is none, no paid text in the public tree",
        words: &[
            "title = ",
            "title: ",
            "prices = ",
            "USD",
            "\"49.00\"",
            "publish_at",
            "objectives",
            "[checks]",
            "&a ",
            "*a",
            "!!",
            "\u{202e}",
            "[[offer]]",
            "languages",
            "true",
            "2026-01-01",
            "\"\"\"",
            "'''",
        ],
    },
    Target {
        name: "body",
        promise: "a text with formulas on and off: places lie inside it, two renders are equal with and without what was \
                  drawn before, output ≤ 20 × input and a constant for each formula and diagram, without raw HTML the \
                  output is well-formed and each id is there once",
        words: &[
            "> [!NOTE] ",
            "[^a]",
            "[^a]: ",
            "```mermaid\n",
            "graph TB\n",
            "-->",
            "$$",
            "\\frac{",
            "\\begin{",
            "[[",
            "]]",
            "](",
            "![",
            "\n: ",
            "- [ ] ",
            "|--|",
            "{#a}",
            "<!-- more -->",
            "```console\n$ ",
            "tab=",
            "https://",
            "&#106;",
            "~~~",
        ],
    },
    Target {
        name: "include",
        promise: "what a fence includes and the file it comes from: nothing outside of `content/` is shown, nor paid text",
        words: &[
            "../",
            "..\\\\",
            "%2e%2e/",
            "%00",
            "main.rs",
            "#a",
            "#1-3",
            "#L2-L9",
            "ANCHOR: a",
            "ANCHOR_END: a",
            "02-paid.md",
            "../../../../secret.txt",
            "/",
            "C:",
        ],
    },
    Target {
        name: "fence",
        promise: "attributes of a fence: read twice they are the same, mistakes lie inside the text, the HTML is well-formed",
        words: &[
            "file=\"",
            "title='",
            "lines=",
            "mark=",
            "add=",
            "del=",
            "hide=",
            "collapse",
            "tab=",
            "include=",
            "edition=",
            "cmd=",
            "expect=",
            "{1,3-5}",
            "4294967295",
            "console",
            "rust,",
            "no_run",
            "18446744073709551615-",
        ],
    },
];

/// What came of one target.
struct Run {
    executions: u64,
    /// The input that broke a promise, and what was said.
    crash: Option<String>,
}

/// Builds the targets, runs each for `seconds`, and writes the table. A broken promise fails its step.
pub(crate) fn audit(workspace: &Workspace, seconds: Option<u64>, report: &mut Report) {
    let seconds = seconds.unwrap_or(SECONDS);
    let found = report.step("cargo fuzz is there", || {
        report::run_quietly(&mut workspace.cargo(["fuzz", "--version"]))
            .map_err(|reason| format!("{reason}\nhint: cargo install cargo-fuzz --locked"))
    });
    if !found || !report.command("build of the targets", &mut fuzz(workspace, "build", &[])) {
        report.skip(TABLE, "nothing to run");
        return;
    }
    let mut rows = String::new();
    for target in &TARGETS {
        report.step(&format!("{} for {seconds} s", target.name), || {
            let run = run(workspace, target, seconds)?;
            let Target { name, promise, .. } = target;
            let crashes = usize::from(run.crash.is_some());
            rows.push_str(&format!(
                "| `{name}` | {promise} | {seconds} | {} | {crashes} |\n",
                grouped(run.executions)
            ));
            run.crash.map_or(Ok(()), Err)
        });
    }
    report.step(TABLE, || {
        fs::write(workspace.path(TABLE), table(&rows)).map_err(|error| error.to_string())
    });
}

fn run(workspace: &Workspace, target: &Target, seconds: u64) -> Result<Run, String> {
    let folder = workspace.target.join("fuzz-corpus").join(target.name);
    let artifacts = workspace.target.join("fuzz-artifacts").join(target.name);
    for folder in [&folder, &artifacts] {
        fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    }
    for (number, seed) in seeds(workspace, target.name)?.iter().enumerate() {
        fs::write(folder.join(format!("seed-{number:04}")), seed)
            .map_err(|error| error.to_string())?;
    }
    let words = artifacts.with_extension("dict");
    fs::write(&words, dictionary(target.words)).map_err(|error| error.to_string())?;
    let mut command = fuzz(workspace, "run", &[target.name]);
    command
        .arg(&folder)
        .arg("--")
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-dict={}", words.display()))
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .args([
            "-timeout=10",
            "-rss_limit_mb=1024",
            "-max_len=4096",
            "-print_final_stats=1",
            "-verbosity=0",
        ])
        .stdin(Stdio::null());
    let output = command.output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stderr);
    let executions = executions(&said)
        .ok_or_else(|| format!("the fuzzer said no count of executions:\n{}", tail(&said)))?;
    let crash = (!output.status.success()).then(|| tail(&said));
    Ok(Run { executions, crash })
}

/// `cargo fuzz` with stable Rust: no sanitizer is needed where all code is safe.
fn fuzz(workspace: &Workspace, action: &str, arguments: &[&str]) -> Command {
    let mut command = workspace.cargo([
        "fuzz",
        action,
        "--sanitizer=none",
        "--fuzz-dir=.",
        "--target-dir",
    ]);
    command
        .arg(workspace.target.join("fuzz"))
        .args(arguments)
        .current_dir(workspace.path("infra/fuzz"))
        .env("RUSTC_BOOTSTRAP", "1");
    command
}

/// Inputs to begin with.
fn seeds(workspace: &Workspace, target: &str) -> Result<Vec<Vec<u8>>, String> {
    let read = |path: &Path| {
        fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
    };
    let texts = |below: &str| -> Result<Vec<String>, String> {
        let mut paths: Vec<PathBuf> =
            files::below(&workspace.path(below)).map_err(|error| error.to_string())?;
        paths.retain(|path| {
            path.extension()
                .is_some_and(|kind| kind == "md" || kind == "txt")
        });
        paths.iter().map(|path| read(path)).collect()
    };
    let mut all = texts("generator/markup/tests/it")?;
    all.extend(texts("generator/site/tests/it/cases")?);
    all.extend(texts("content")?);
    let seeds: Vec<Vec<u8>> = match target {
        "body" => all
            .iter()
            .flat_map(|text| pieces(text))
            .map(|piece| [b"1", piece.as_bytes()].concat())
            .collect(),
        "fence" => all
            .iter()
            .flat_map(|text| infos(text))
            .map(|info| info.as_bytes().to_vec())
            .collect(),
        "include" => [
            "main.rs",
            "main.rs#a",
            "main.rs#1-2",
            "02-paid.md",
            "../course.md",
        ]
        .iter()
        .map(|include| {
            format!("{include}\n// ANCHOR: a\nfn a() {{}}\n// ANCHOR_END: a\n").into_bytes()
        })
        .collect(),
        _ => all.iter().flat_map(|text| front_matters(text)).collect(),
    };
    match seeds.is_empty() {
        true => Err(format!("there is no seed for {target}")),
        false => Ok(seeds),
    }
}

/// Examples of a specification, sections of a page: what stands between lines of backticks or headings.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split("\n````````````````````````````````")
        .flat_map(|part| part.split("\n## "))
        .filter(|piece| !piece.trim().is_empty() && piece.len() < 4_000)
}

fn infos(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter_map(|line| line.trim_start().strip_prefix("```"))
        .map(|line| line.trim_start_matches('`'))
        .filter(|info| !info.is_empty())
}

/// Front matters and settings, behind the byte that says which file and notation each is meant for.
fn front_matters(text: &str) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for (mark, notation) in [("+++", 0_u8), ("---", 1)] {
        for part in text.split(&format!("\n{mark}\n")).take(40) {
            let is_data = part.len() < 4_000 && (part.contains(" = ") || part.contains(": "));
            for file in (0..6).filter(|_| is_data) {
                found.push([&[file * 2 + notation], part.as_bytes()].concat());
            }
        }
    }
    found
}

/// Words as libFuzzer reads them: in quotes, other bytes than plain ASCII by number.
fn dictionary(words: &[&str]) -> String {
    let mut out = String::new();
    for word in words {
        out.push('"');
        for byte in word.bytes() {
            match byte {
                b'"' | b'\\' | ..b' ' | 0x7f.. => out.push_str(&format!("\\x{byte:02x}")),
                plain => out.push(char::from(plain)),
            }
        }
        out.push_str("\"\n");
    }
    out
}

fn executions(said: &str) -> Option<u64> {
    let (_, rest) = said.rsplit_once("stat::number_of_executed_units:")?;
    rest.split_whitespace().next()?.parse().ok()
}

/// From the panic on, or the last lines.
fn tail(said: &str) -> String {
    let lines: Vec<&str> = said.lines().collect();
    let last = lines.len().saturating_sub(40);
    let panic = lines.iter().position(|line| line.contains("panicked at"));
    let shown = lines.get(panic.unwrap_or(last)..).unwrap_or_default();
    let written = lines
        .iter()
        .filter(|line| line.contains("Test unit written to"));
    let shown = shown.iter().take(40).chain(written).copied();
    shown.collect::<Vec<_>>().join("\n")
}

/// `1 234 567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

fn table(rows: &str) -> String {
    format!(
        "# Audit\n\nWritten by `cargo task audit fuzz`. Each target of `infra/fuzz` runs by itself; an input that takes 10 seconds or a \
         gigabyte counts as a crash. Crashes become tests.\n\n\
         | target | what must hold | seconds | executions | crashes |\n|---|---|---:|---:|---:|\n{rows}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_of_executions_is_the_last_one_said() {
        let said = "INFO: x\nstat::number_of_executed_units: 12\nstat::number_of_executed_units: 3456\nstat::y: 1\n";
        assert_eq!(executions(said), Some(3456));
        assert_eq!(executions("thread panicked"), None);
        assert_eq!(grouped(1_234_567), "1\u{202f}234\u{202f}567");
    }

    #[test]
    fn every_target_has_seeds() {
        let workspace = Workspace::read().unwrap();
        for target in &TARGETS {
            assert!(
                seeds(&workspace, target.name).unwrap().len() >= 5,
                "{}",
                target.name
            );
        }
    }

    #[test]
    fn words_are_written_as_the_fuzzer_reads_them() {
        assert_eq!(
            dictionary(&["a\"b", "c\n\\"]),
            "\"a\\x22b\"\n\"c\\x0a\\x5c\"\n"
        );
    }
}
