//! What the tests need beside cargo: Node, Chromium, a font for Chinese, playwright-core, schemathesis, the linters
//! of what is deployed. Installs what is missing on Debian as root; elsewhere it says what to install.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::report;
use crate::workspace::Workspace;

/// The first version that playwright-core and `node --test --test-timeout` run on.
const NODE_MAJOR: u32 = 20;

/// Without it every Chinese page is boxes on the screenshots.
const CJK_FONTS: &str = "/usr/share/fonts/opentype/noto";

/// Node of the version that the tests want.
pub(crate) fn node() -> Result<(), String> {
    if version_of_node().is_none() {
        install(&["nodejs", "npm"])?;
    }
    match version_of_node() {
        Some(major) if major >= NODE_MAJOR => Ok(()),
        Some(major) => Err(format!(
            "Node {major} is too old: install Node {NODE_MAJOR} or newer"
        )),
        None => Err("node is not in the path".to_owned()),
    }
}

/// Chromium with fonts; `CHROMIUM` names another one than the system's.
pub(crate) fn chromium() -> Result<PathBuf, String> {
    if let Some(path) = std::env::var_os("CHROMIUM") {
        return Ok(PathBuf::from(path));
    }
    let path = Path::new("/usr/bin/chromium");
    let missing: Vec<&str> = [(path, "chromium"), (Path::new(CJK_FONTS), "fonts-noto-cjk")]
        .into_iter()
        .filter(|(path, _)| !path.exists())
        .map(|(_, package)| package)
        .collect();
    if !missing.is_empty() {
        install(&missing)?;
    }
    Ok(path.to_owned())
}

/// qemu for arm64 programs, and the libraries that they expect.
pub(crate) fn qemu_arm() -> Result<(), String> {
    let there = [
        ("/usr/bin/qemu-aarch64", "qemu-user"),
        ("/usr/aarch64-linux-gnu/lib/libc.so.6", "libc6-arm64-cross"),
    ];
    let missing: Vec<&str> = there
        .into_iter()
        .filter(|(path, _)| !Path::new(path).exists())
        .map(|(_, package)| package)
        .collect();
    if missing.is_empty() {
        Ok(())
    } else {
        install(&missing)
    }
}

/// `npm ci` in `infra/tests`, unless what the lock file names is there already.
pub(crate) fn node_modules(workspace: &Workspace) -> Result<(), String> {
    let folder = workspace.path("infra/tests");
    let read = |path: PathBuf| std::fs::read(path).ok();
    let lock = read(folder.join("package-lock.json"));
    let stamp = folder.join("node_modules/.installed-from");
    if lock.is_some() && read(stamp.clone()) == lock {
        return Ok(());
    }
    report::run(
        workspace
            .command("npm")
            .current_dir(&folder)
            .args(["ci", "--no-audit", "--no-fund"])
            .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"),
    )?;
    std::fs::write(stamp, lock.unwrap_or_default()).map_err(|error| error.to_string())
}

/// schemathesis of the pinned version.
pub(crate) fn schemathesis(workspace: &Workspace) -> Result<PathBuf, String> {
    let programs = python(workspace, "infra/tests/description/requirements.txt")?;
    Ok(programs.join("schemathesis"))
}

/// The programs of the pinned Python packages that a list names, in a virtual environment of their own below the build
/// folder.
pub(crate) fn python(workspace: &Workspace, list: &str) -> Result<PathBuf, String> {
    let read = |path: &Path| std::fs::read(path).ok();
    let pins = workspace.path(list);
    let name = list.trim_end_matches(".txt").replace('/', "-");
    let folder = workspace.target.join("python").join(name);
    let stamp = folder.join(".installed-from");
    let programs = folder.join("bin");
    if read(&pins).is_some() && read(&stamp) == read(&pins) {
        return Ok(programs);
    }
    let make = || {
        let mut python = workspace.command("python3");
        python.args(["-m", "venv", "--clear"]).arg(&folder);
        python
    };
    if report::run_quietly(&mut make()).is_err() {
        install(&["python3", "python3-venv"])?;
        report::run(&mut make())?;
    }
    report::run(
        workspace
            .command(programs.join("pip"))
            .args(["install", "--quiet", "--disable-pip-version-check"])
            // A list names everything that is needed: nothing is left to be resolved, least of all otherwise.
            .args(["--no-deps", "--require-hashes", "--requirement"])
            .arg(&pins),
    )?;
    std::fs::copy(pins, stamp).map_err(|error| error.to_string())?;
    Ok(programs)
}

/// True if `cargo nextest` is there.
pub(crate) fn has_nextest(workspace: &Workspace) -> bool {
    report::run_quietly(&mut workspace.cargo(["nextest", "--version"])).is_ok()
}

fn version_of_node() -> Option<u32> {
    let text = report::output(Command::new("node").arg("--version")).ok()?;
    let text = String::from_utf8(text).ok()?;
    text.trim()
        .strip_prefix('v')?
        .split('.')
        .next()?
        .parse()
        .ok()
}

fn install(packages: &[&str]) -> Result<(), String> {
    let hint = format!("install {} and try again", packages.join(", "));
    let apt = |arguments: &[&str]| {
        report::run(
            Command::new("apt-get")
                .args(arguments)
                .env("DEBIAN_FRONTEND", "noninteractive"),
        )
        .map_err(|reason| format!("{reason}\nhint: {hint}"))
    };
    apt(&["update", "-qq"])?;
    let mut arguments = vec!["install", "-y", "-qq", "--no-install-recommends"];
    arguments.extend(packages);
    apt(&arguments)
}
