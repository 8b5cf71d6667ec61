//! `cargo task golden`: writes the expected output of tests anew and shows what changed. Reading the
//! diff is the review.

use crate::report::Report;
use crate::test::rust_tests;
use crate::workspace::Workspace;

/// Refreshes every golden file and snapshot.
pub(crate) fn golden(workspace: &Workspace, report: &mut Report) {
    report.command(
        "refresh golden files and snapshots",
        rust_tests(workspace)
            .arg("--no-fail-fast")
            .env("UPDATE_GOLDEN", "1")
            .env("INSTA_UPDATE", "always"),
    );
    report.command(
        "what changed",
        workspace
            .command("git")
            .args(["--no-pager", "diff", "--stat"]),
    );
    report.command(
        "what is new",
        workspace
            .command("git")
            .args(["ls-files", "--others", "--exclude-standard"]),
    );
}
