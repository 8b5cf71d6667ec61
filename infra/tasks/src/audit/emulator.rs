//! `cargo task audit emulator`: the laws of the stores, and a rotation of keys, on an emulator of AWS.

use crate::emulator::Emulator;
use crate::report::{self, Report};
use crate::test;
use crate::workspace::Workspace;

/// Starts it and runs what needs it.
pub(crate) fn audit(workspace: &Workspace, report: &mut Report) {
    report.step("laws of the stores in an emulator of AWS", || {
        let emulator = Emulator::start(workspace)?;
        let mut tests = test::ignored(workspace, "in_the_emulator");
        report::run(tests.env("TUITION_EMULATOR", emulator.url()))
    });
}
