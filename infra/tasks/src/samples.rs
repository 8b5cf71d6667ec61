//! The code of the courses: every crate below `content/` must compile without a warning, keep its
//! format and pass its own tests, offline and with the lock file that learners get.

use std::path::Path;

use crate::files;
use crate::report::{self, Report};
use crate::workspace::Workspace;

/// One step for each crate of course code.
pub(crate) fn test(workspace: &Workspace, report: &mut Report) {
    let manifests = match files::below(&workspace.path("content")) {
        Ok(all) => all.into_iter().filter(|file| file.ends_with("Cargo.toml")),
        Err(error) => {
            report.step("course code", || Err(error.to_string()));
            return;
        }
    };
    for manifest in manifests {
        let folder = manifest.parent().unwrap_or(&manifest);
        let name = format!(
            "course code {}",
            files::shown(&workspace.path("content"), folder)
        );
        report.step(&name, || test_one(workspace, &manifest));
    }
}

fn test_one(workspace: &Workspace, manifest: &Path) -> Result<(), String> {
    report::run_quietly(
        workspace
            .cargo(["fmt", "--check", "--manifest-path"])
            .arg(manifest),
    )?;
    report::run_quietly(
        workspace
            .cargo([
                "test",
                "--offline",
                "--locked",
                "--all-targets",
                "--manifest-path",
            ])
            .arg(manifest)
            // Shared by all course code; apart from the workspace's own, whose flags differ.
            .arg("--target-dir")
            .arg(workspace.target.join("course-code"))
            .env("RUSTFLAGS", "-D warnings")
            // Built once and thrown away: half the time, and a fifteenth of the space.
            .env("CARGO_INCREMENTAL", "0")
            .env("CARGO_PROFILE_DEV_DEBUG", "0"),
    )
}
