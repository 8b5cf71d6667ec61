//! `cargo task audit arm`: the functions as they are deployed, built for arm64, and each run once under qemu.

use crate::report::{self, Report};
use crate::workspace::Workspace;
use crate::{package, test, tools};

/// Packages the functions and runs them.
pub(crate) fn audit(workspace: &Workspace, report: &mut Report) {
    package::package(workspace, report);
    report.step("functions for arm64, under qemu", || {
        tools::node()?;
        tools::qemu_arm()?;
        let zips = workspace.target.join("package/functions");
        report::run(test::node_tests(workspace, "arm")?.env("TUITION_ZIPS", zips))
    });
}
