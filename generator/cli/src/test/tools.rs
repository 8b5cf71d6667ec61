//! The interpreters and compilers of this machine, and how each is started on a sample.

use std::{collections::BTreeMap, io, path::Path, process::Command};

use tuition_site::{Must, Program};

/// Versions of what runs samples; each tool is asked once.
#[derive(Debug, Default)]
pub(super) struct Tools {
    versions: BTreeMap<&'static str, Option<String>>,
}

/// What runs a program, by name; nothing for a command, which may be anything.
fn name(program: &Program) -> Option<&'static str> {
    match program {
        Program::Rust { .. } => Some("rustc"),
        Program::Python => Some("python3"),
        Program::Bash => Some("bash"),
        Program::JavaScript => Some("node"),
        Program::Command(_) => None,
    }
}

impl Tools {
    /// Version of what runs a program, empty for a command.
    ///
    /// # Errors
    /// The name of a tool that this machine doesn't have.
    pub(super) fn version(
        &mut self,
        program: &Program,
        site: &Path,
    ) -> Result<String, &'static str> {
        let Some(name) = name(program) else {
            return Ok(String::new());
        };
        let version = self
            .versions
            .entry(name)
            .or_insert_with(|| ask(name, site).ok());
        version.clone().ok_or(name)
    }
}

/// The first line of what a tool says of its version. Asked in the site's folder, which may want a version of its own.
fn ask(name: &str, site: &Path) -> io::Result<String> {
    let output = Command::new(name)
        .arg("--version")
        .current_dir(site)
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    match text.lines().next().filter(|_| output.status.success()) {
        Some(line) => Ok(format!("{name} {}", line.trim_start_matches(name).trim())),
        None => Err(io::Error::other("it tells no version")),
    }
}

/// The command that runs, or only checks, a sample in a file; a program of Rust is run from `executable`.
pub(super) fn command(
    program: &Program,
    must: &Must,
    file: &Path,
    executable: Option<&Path>,
) -> Command {
    let checks = matches!(must, Must::Compile | Must::NotCompile(_));
    let mut command;
    match program {
        Program::Rust { .. } => return Command::new(executable.unwrap_or(file)),
        Program::Python => {
            command = Command::new("python3");
            if checks {
                let check =
                    "import sys; compile(open(sys.argv[1], 'rb').read(), sys.argv[1], 'exec')";
                command.args(["-c", check]);
            }
        }
        Program::Bash => {
            command = Command::new("bash");
            match checks {
                true => command.arg("-n"),
                false => command.args(["-eo", "pipefail"]),
            };
        }
        Program::JavaScript => {
            command = Command::new("node");
            if checks {
                command.arg("--check");
            }
        }
        Program::Command(text) => {
            command = Command::new("sh");
            command.args(["-c", text]);
            return command;
        }
    }
    command.arg(file);
    command
}
