//! Starts cargo once for many samples and tells apart what it says about each.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    io::{self, BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
};

use serde::Deserialize;

/// What came of one target.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Built {
    /// Whether there is something to show for it.
    pub(super) is_built: bool,
    /// What to run.
    pub(super) executable: Option<PathBuf>,
    /// Errors in the compiler's words.
    pub(super) errors: Vec<CompilerError>,
}

/// One error of the compiler.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct CompilerError {
    /// `E0382`; not all have one.
    pub(super) code: Option<String>,
    /// As a terminal shows it, without colours.
    pub(super) rendered: String,
    /// Whether the compiler itself broke down.
    pub(super) is_crash: bool,
}

/// What came of a whole run.
#[derive(Debug, Default)]
pub(super) struct Run {
    /// By name of the target.
    pub(super) targets: BTreeMap<String, Built>,
    /// Errors in crates that samples use.
    pub(super) elsewhere: Vec<String>,
    /// What cargo said for people.
    pub(super) said: String,
}

/// Variables that would make cargo build something else than a learner would, or elsewhere.
const REMOVED: [&str; 8] = [
    "RUSTFLAGS",
    "RUSTDOCFLAGS",
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_BUILD_TARGET_DIR",
    "CARGO_TARGET_DIR",
    "RUSTC_WORKSPACE_WRAPPER",
    "CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER",
];

/// Builds all targets of the workspace in `folder` into `target`; `finished` is called for each sample that compiles.
///
/// # Errors
/// When cargo can't be started or its words can't be read. That samples don't compile is no error.
pub(super) fn build(
    folder: &Path,
    target: &Path,
    jobs: usize,
    is_sample: &dyn Fn(&str) -> bool,
    finished: &dyn Fn(),
) -> io::Result<Run> {
    let mut command = Command::new("cargo");
    command
        .args([
            "build",
            "--workspace",
            "--bins",
            "--examples",
            "--tests",
            "--keep-going",
            "--message-format=json",
        ])
        .args([OsStr::new("--target-dir"), target.as_os_str()])
        .args(["--jobs", &jobs.to_string()])
        .current_dir(folder)
        // Set and empty: flags of a configuration above the folder don't count either.
        .env("CARGO_ENCODED_RUSTFLAGS", "")
        .env("CARGO_INCREMENTAL", "0")
        .env("CARGO_TERM_COLOR", "never")
        .env("CARGO_TERM_PROGRESS_WHEN", "never")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    for name in REMOVED {
        command.env_remove(name);
    }
    let mut child = command.spawn()?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let said = thread::spawn(move || {
        let mut said = Vec::new();
        if let Some(mut stderr) = stderr {
            let _ = stderr.read_to_end(&mut said);
        }
        String::from_utf8_lossy(&said).into_owned()
    });
    let mut run = Run::default();
    for line in stdout
        .into_iter()
        .flat_map(|stdout| BufReader::new(stdout).lines())
    {
        run.take(&line?, is_sample, finished);
    }
    child.wait()?;
    // A thread that panicked has said why.
    run.said = said.join().unwrap_or_default();
    Ok(run)
}

impl Run {
    fn take(&mut self, line: &str, is_sample: &dyn Fn(&str) -> bool, finished: &dyn Fn()) {
        // Build scripts may print what they like among cargo's messages.
        let Ok(message) = serde_json::from_str::<Message>(line) else {
            return;
        };
        let Some(target) = message.target else {
            return;
        };
        let is_sample = is_sample(&target.name);
        match message.reason.as_str() {
            "compiler-artifact" if is_sample => {
                let built = self.targets.entry(target.name).or_default();
                built.is_built = true;
                built.executable = message.executable;
                finished();
            }
            "compiler-message" => {
                let Some(said) = message
                    .message
                    .filter(|said| said.level.starts_with("error"))
                else {
                    return;
                };
                let rendered = said.rendered.unwrap_or(said.message);
                if !is_sample {
                    self.elsewhere.push(rendered);
                    return;
                }
                // The last one only counts those before it.
                if !rendered.starts_with("error: aborting due to") {
                    let errors = &mut self.targets.entry(target.name).or_default().errors;
                    errors.push(CompilerError {
                        code: said.code.map(|code| code.code),
                        rendered,
                        is_crash: said.level != "error",
                    });
                }
            }
            _ => {}
        }
    }
}

#[derive(Deserialize)]
struct Message {
    reason: String,
    target: Option<Target>,
    message: Option<Said>,
    executable: Option<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}

#[derive(Deserialize)]
struct Said {
    level: String,
    message: String,
    rendered: Option<String>,
    code: Option<Code>,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}
