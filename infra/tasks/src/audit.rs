//! `cargo task audit`: what takes long and what is weighed. Its table is committed as `infra/AUDIT.md`; parts that are
//! run by themselves (`cargo task audit fuzz`) write theirs beside the crate they are about.

pub(crate) mod access;
pub(crate) mod arm;
pub(crate) mod book;
pub(crate) mod comments;
pub(crate) mod emulator;
pub(crate) mod figures;
pub(crate) mod functions;
pub(crate) mod fuzz;
pub(crate) mod gate;
pub(crate) mod lighthouse;
pub(crate) mod payments;

pub(crate) mod size;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::report::{self, Report, seconds};
use crate::test;
use crate::workspace::Workspace;

/// Holds the till to the provider's description, times a cold build of the tool, and writes the table.
pub(crate) fn audit(workspace: &Workspace, report: &mut Report) {
    test::openapi(workspace, report);
    let mut build = None;
    report.step("cold release build of the tool", || {
        build = Some(cold_build(workspace)?);
        Ok(())
    });
    let Some(build) = build else {
        report.skip("infra/AUDIT.md", "a measurement is missing");
        return;
    };
    report.step("infra/AUDIT.md", || {
        let text = table(build, &machine()?);
        report::say(&text);
        fs::write(workspace.path("infra/AUDIT.md"), text).map_err(|error| error.to_string())
    });
}

/// The wall time of `cargo build --release` where nothing has been built yet. Crates are downloaded
/// before the clock starts.
fn cold_build(workspace: &Workspace) -> Result<Duration, String> {
    let target = fresh_folder(&workspace.target.join("audit"))?;
    report::run(&mut workspace.cargo(["fetch", "--locked"]))?;
    let start = Instant::now();
    report::run(
        workspace
            .cargo(["build", "--release", "--locked", "--target-dir"])
            .arg(&target),
    )?;
    let took = start.elapsed();
    fs::remove_dir_all(target).map_err(|error| error.to_string())?;
    Ok(took)
}

fn fresh_folder(folder: &Path) -> Result<PathBuf, String> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|error| error.to_string())?;
    }
    fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    Ok(folder.to_owned())
}

/// What the figures were measured with.
fn machine() -> Result<String, String> {
    let cores = std::thread::available_parallelism().map_err(|error| error.to_string())?;
    let rustc = report::output(Command::new("rustc").arg("--version").stderr(Stdio::null()))?;
    let rustc = String::from_utf8_lossy(&rustc).trim().to_owned();
    Ok(format!(
        "{cores} cores, {rustc}, {}",
        std::env::consts::ARCH
    ))
}

/// How many processes want to run: what else the machine does makes every time longer.
fn load() -> Result<String, String> {
    let text = fs::read_to_string("/proc/loadavg").map_err(|error| error.to_string())?;
    Ok(text.split(' ').next().unwrap_or_default().to_owned())
}

fn table(build: Duration, machine: &str) -> String {
    format!(
        "# Audit\n\nWritten by `cargo task audit`. Measured on {machine}; nothing else ran.\n\n\
         | what | measured | budget |\n|---|---|---|\n\
         | cold `cargo build --release`, crates downloaded before | {} | 10 min |\n",
        seconds(build)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_the_time_of_a_build() {
        let text = table(Duration::from_secs(545), "2 cores");
        assert!(text.contains("| 9 min 05 s | 10 min |"), "{text}");
    }
}
