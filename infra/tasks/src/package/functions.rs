//! The functions as they are deployed: for arm64 by cargo-lambda and zig, one zip each. The same sources give the same
//! bytes: no zip has a time in it, no program a path of this machine.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::report;
use crate::tools;
use crate::workspace::Workspace;

/// The four binaries of `functions/lambdas`.
const NAMES: [&str; 4] = ["checkout", "access", "comments", "metrics"];
/// cargo-lambda and zig, hashed.
const PINS: &str = "infra/tests/package/requirements.txt";
/// The most bytes of a zip: what a cold start has to fetch.
const MOST: u64 = 4 * 1024 * 1024;

/// Builds them and writes `target/package/functions/<name>.zip`.
pub(super) fn package(workspace: &Workspace) -> Result<(), String> {
    let built = build(workspace)?;
    let folder = workspace.target.join("package/functions");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    for name in NAMES {
        let program = built.join(name).join("bootstrap");
        let file = folder.join(format!("{name}.zip"));
        let bytes = zip(&program, &file)
            .map_err(|error| format!("{} → {}: {error}", program.display(), file.display()))?;
        report::say(&format!("    {name}.zip: {bytes} bytes"));
        if bytes > MOST {
            return Err(format!("{name}.zip has {bytes} bytes, {MOST} are the most"));
        }
    }
    Ok(())
}

/// The folder in which each binary has a folder of its own: not that of the profile, whose name is theirs otherwise.
fn build(workspace: &Workspace) -> Result<PathBuf, String> {
    let programs = workspace.target.join("package/programs");
    let tools = tools::python(workspace, PINS)?;
    let mut path = OsString::from(&tools);
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    report::run(
        workspace
            .command(tools.join("cargo-lambda"))
            .args(["lambda", "build", "--arm64", "--locked"])
            .args(["--profile", "lambda", "--package", "tuition-lambdas"])
            .arg("--lambda-dir")
            .arg(&programs)
            .env("PATH", path)
            .env("RUSTFLAGS", remapped(workspace)),
    )?;
    Ok(programs)
}

/// No path of this machine in messages.
fn remapped(workspace: &Workspace) -> String {
    let home = std::env::var("CARGO_HOME").ok().or_else(|| {
        let home = std::env::var("HOME").ok()?;
        Some(format!("{home}/.cargo"))
    });
    let sources = format!(
        "--remap-path-prefix={}=/tuition",
        workspace.path("").display()
    );
    match home {
        Some(home) => format!("{sources} --remap-path-prefix={home}=/cargo"),
        None => sources,
    }
}

/// A zip with the program in it as `bootstrap`; its size.
fn zip(program: &Path, file: &Path) -> Result<u64, Box<dyn std::error::Error>> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9))
        .last_modified_time(DateTime::DEFAULT)
        .unix_permissions(0o755);
    let mut zip = ZipWriter::new(File::create(file)?);
    zip.start_file("bootstrap", options)?;
    zip.write_all(&fs::read(program)?)?;
    zip.finish()?.sync_all()?;
    Ok(fs::metadata(file)?.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_program_is_the_same_zip_whenever_it_was_built() {
        let folder = std::env::temp_dir().join(format!("tuition-zip-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let [program, one, two] = ["program", "one.zip", "two.zip"].map(|name| folder.join(name));
        fs::write(&program, [7; 100_000]).unwrap();
        zip(&program, &one).unwrap();
        let earlier = std::time::SystemTime::UNIX_EPOCH;
        File::options()
            .append(true)
            .open(&program)
            .and_then(|file| file.set_modified(earlier))
            .unwrap();
        zip(&program, &two).unwrap();
        let bytes = fs::read(&one).unwrap();
        assert!(bytes.len() < 1_000 && bytes == fs::read(&two).unwrap());
        fs::remove_dir_all(&folder).unwrap();
    }
}
