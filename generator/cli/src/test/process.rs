//! Runs one program to its end, or to the end of its time, and keeps what it said.
//!
//! Whatever it started goes with it: all of its process group is killed when it ends, so that nothing stays behind and
//! nobody waits for a pipe that a forgotten child holds open.

use std::{
    io::{self, Read},
    process::{Command, ExitStatus, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

/// Bytes of each stream that are kept; the rest is read and forgotten.
const KEPT: usize = 64 * 1024;

/// How long the pipes of a killed group may stay open: only a process that left the group can hold them.
const GRACE: Duration = Duration::from_secs(1);

/// What a program did.
#[derive(Debug)]
pub(super) struct Ran {
    /// `None` when its time was up.
    pub(super) status: Option<ExitStatus>,
    pub(super) stdout: Said,
    pub(super) stderr: Said,
}

/// What a program wrote to one stream.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// The first 64 KiB; what is no UTF-8 is replaced.
    pub(super) text: String,
    /// Whether there was more.
    pub(super) is_cut: bool,
}

/// Runs a command that ends by itself or is killed after `limit`.
///
/// # Errors
/// When it can't be started or waited for.
pub(super) fn run(command: &mut Command, limit: Duration) -> io::Result<Ran> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    group::lead(command);
    let deadline = Instant::now() + limit;
    let mut child = command.spawn()?;
    let streams = (keep(child.stdout.take()), keep(child.stderr.take()));
    let _running = group::Running::of(&child);
    let in_time = group::wait_until(&mut child, deadline);
    // While the leader is not reaped, its number can't have become another's.
    group::kill(&mut child);
    let status = child.wait()?;
    let patience = Instant::now() + GRACE;
    Ok(Ran {
        status: in_time?.then_some(status),
        stdout: said(&streams.0, patience),
        stderr: said(&streams.1, patience),
    })
}

fn keep(stream: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    let Some(mut stream) = stream else {
        return receiver;
    };
    thread::spawn(move || {
        let mut buffer = vec![0; 16 * 1024];
        let mut kept = 0;
        while let Ok(count) = stream.read(&mut buffer) {
            let Some(read) = buffer.get(..count).filter(|read| !read.is_empty()) else {
                return;
            };
            // One byte over the limit tells that there was more.
            let wanted = read.get(..(KEPT + 1).saturating_sub(kept)).unwrap_or(read);
            kept += wanted.len();
            if !wanted.is_empty() && sender.send(wanted.to_vec()).is_err() {
                return;
            }
        }
    });
    receiver
}

fn said(parts: &Receiver<Vec<u8>>, patience: Instant) -> Said {
    let mut bytes = Vec::new();
    while let Ok(part) = parts.recv_timeout(patience.saturating_duration_since(Instant::now())) {
        bytes.extend(part);
    }
    let is_cut = bytes.len() > KEPT;
    bytes.truncate(KEPT);
    Said {
        text: String::from_utf8_lossy(&bytes).into_owned(),
        is_cut,
    }
}

/// Kills every program that still runs, for when this one is told to end.
pub(super) fn kill_all() {
    group::kill_all();
}

/// Process groups as Unix has them.
#[cfg(unix)]
mod group {
    use std::{
        collections::BTreeSet,
        io,
        os::unix::process::CommandExt as _,
        process::{Child, Command},
        sync::{Mutex, PoisonError},
        thread,
        time::{Duration, Instant},
    };

    use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

    static RUNNING: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

    /// A group that is to be killed when this program is told to end.
    pub(super) struct Running(i32);

    impl Running {
        pub(super) fn of(child: &Child) -> Self {
            let number = pid(child).map_or(0, Pid::as_raw_pid);
            all().insert(number);
            Self(number)
        }
    }

    impl Drop for Running {
        fn drop(&mut self) {
            all().remove(&self.0);
        }
    }

    fn all() -> std::sync::MutexGuard<'static, BTreeSet<i32>> {
        RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn kill_all() {
        for pid in all().iter().filter_map(|number| Pid::from_raw(*number)) {
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }

    pub(super) fn lead(command: &mut Command) {
        command.process_group(0);
    }

    fn pid(child: &Child) -> Option<Pid> {
        Pid::from_raw(i32::try_from(child.id()).ok()?)
    }

    /// Waits without reaping; false when the time is up first.
    pub(super) fn wait_until(child: &mut Child, deadline: Instant) -> io::Result<bool> {
        let pid = pid(child).ok_or(io::ErrorKind::InvalidInput)?;
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        let mut pause = Duration::from_micros(500);
        loop {
            if waitid(WaitId::Pid(pid), options)?.is_some() {
                return Ok(true);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(false);
            }
            thread::sleep(pause.min(left));
            pause = (pause * 2).min(Duration::from_millis(20));
        }
    }

    pub(super) fn kill(child: &mut Child) {
        if let Some(pid) = pid(child) {
            // None left to kill is what is wanted.
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
}

/// Where there are no process groups, only the program itself is killed.
#[cfg(not(unix))]
mod group {
    use std::{
        io,
        process::{Child, Command},
        thread,
        time::{Duration, Instant},
    };

    pub(super) struct Running;

    impl Running {
        pub(super) fn of(_child: &Child) -> Self {
            Self
        }
    }

    pub(super) fn kill_all() {}

    pub(super) fn lead(_command: &mut Command) {}

    pub(super) fn wait_until(child: &mut Child, deadline: Instant) -> io::Result<bool> {
        loop {
            if child.try_wait()?.is_some() {
                return Ok(true);
            }
            if Instant::now() >= deadline {
                return Ok(false);
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    pub(super) fn kill(child: &mut Child) {
        let _ = child.kill();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn sh(script: &str, limit: Duration) -> Ran {
        run(Command::new("sh").args(["-c", script]), limit).expect("there is a shell")
    }

    #[test]
    fn what_was_said_is_kept_up_to_a_limit() {
        let ran = sh(
            "printf one; printf two >&2; exit 3",
            Duration::from_secs(20),
        );
        assert_eq!(
            (ran.stdout.text.as_str(), ran.stderr.text.as_str()),
            ("one", "two")
        );
        assert_eq!(ran.status.unwrap().code(), Some(3));
        assert!(!ran.stdout.is_cut);
        let ran = sh(
            "head -c 1000000 /dev/zero | tr '\\0' x",
            Duration::from_secs(20),
        );
        assert_eq!((ran.stdout.text.len(), ran.stdout.is_cut), (KEPT, true));
        assert!(
            ran.status.unwrap().success(),
            "the rest is read, so nothing blocks"
        );
    }

    #[test]
    fn a_program_that_does_not_end_is_killed_with_all_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let mark = folder.path().join("alive");
        let script = format!(
            "(sleep 2; touch {}) & echo started; sleep 60",
            mark.display()
        );
        let start = Instant::now();
        let ran = sh(&script, Duration::from_millis(300));
        assert!(ran.status.is_none() && start.elapsed() < Duration::from_secs(20));
        assert_eq!(ran.stdout.text, "started\n");
        thread::sleep(Duration::from_millis(2500));
        assert!(!mark.exists(), "the grandchild lived on");
    }

    #[test]
    fn a_child_left_behind_holds_nobody_up() {
        let start = Instant::now();
        let ran = sh("sleep 60 & echo done", Duration::from_secs(50));
        assert!(ran.status.unwrap().success() && start.elapsed() < Duration::from_secs(40));
        assert_eq!(ran.stdout.text, "done\n");
    }
}
