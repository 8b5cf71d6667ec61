//! Keeps a sample from writing anywhere but below its own folder, where the system can.
//!
//! Reading, running and the network stay open: the code is the author's own, and this guards against mistakes in it.

use std::path::Path;

/// Devices that keep nothing, terminals, and shared memory, where locks between processes are files.
#[cfg(target_os = "linux")]
const DEVICES: [&str; 9] = [
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/dev/tty",
    "/dev/ptmx",
    "/dev/pts",
    "/dev/shm",
];

/// Restricts this thread, and every program it starts from now on, to write below `folder` only, and to harmless devices. There is
/// no way back: use a thread that ends. False where the system can't.
#[cfg(target_os = "linux")]
pub(super) fn this_thread(folder: &Path) -> bool {
    use landlock::{
        ABI, AccessFs, Ruleset, RulesetAttr as _, RulesetCreatedAttr as _, RulesetStatus,
        path_beneath_rules,
    };

    // The third version of the interface has all kinds of writing; a kernel with less enforces what it knows.
    let write = AccessFs::from_write(ABI::V3);
    let restrict = || {
        Ruleset::default()
            .handle_access(write)?
            .create()?
            .add_rules(path_beneath_rules([folder], write))?
            .add_rules(path_beneath_rules(DEVICES, write))?
            .restrict_self()
    };
    restrict().is_ok_and(|status: landlock::RestrictionStatus| {
        status.ruleset != RulesetStatus::NotEnforced
    })
}

/// No other system lets a thread do this without a privilege.
#[cfg(not(target_os = "linux"))]
pub(super) fn this_thread(_folder: &Path) -> bool {
    false
}
