//! A clock that runs with the machine's and can be moved forward, never back.
//!
//! The only file of this crate that asks the machine for the time.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokio::sync::watch;

use crate::durable::replace_file;

/// The time of a development stage: the machine's time plus an offset that only grows.
///
/// Clones share one clock. The offset is on disk before [`advance`](Self::advance) returns, so a
/// process that is killed and started again goes on at the same or a later time.
#[derive(Clone, Debug)]
pub struct SteppableClock {
    shared: Arc<Shared>,
}

/// Why the clock could not be opened or moved.
#[derive(Debug, Error)]
pub enum ClockError {
    /// `clock.json` could not be read or written.
    #[error("the clock's file {path} cannot be used")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// `clock.json` is not what this program writes.
    #[error("the clock's file {path} is damaged")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
    /// Time only goes forward.
    #[error("the clock cannot go back by {0} s")]
    Backwards(i64),
    /// The step leads past the last representable time (the year 9999).
    #[error("the clock cannot go forward by {0} s: the calendar ends before that")]
    TooFar(i64),
}

impl SteppableClock {
    /// Opens the clock kept in `<state_dir>/clock.json`.
    ///
    /// With `start` the clock shows that time now, unless it has already been later: then it goes on
    /// from there. Without `start`, and without a file, it shows the machine's time.
    ///
    /// # Errors
    /// [`ClockError::File`] and [`ClockError::Damaged`].
    pub fn open(state_dir: &Path, start: Option<Timestamp>) -> Result<Self, ClockError> {
        let path = state_dir.join("clock.json");
        let kept = read(&path)?;
        let machine = machine_time();
        let mut state = State {
            offset: kept.map_or(SignedDuration::ZERO, |kept| {
                SignedDuration::from_millis(kept.offset_ms)
            }),
            latest: kept.map_or(Timestamp::MIN, |kept| kept.latest),
        };
        if let Some(start) = start {
            let shown = shown(machine, state.offset).max(state.latest);
            if kept.is_none() || start > shown {
                state.offset = start.duration_since(machine);
                state.latest = start;
            } else if start < shown {
                tracing::warn!(%start, %shown, "the stage's clock is later than asked for and stays so");
            }
        }
        // The machine's clock may have been set back while nothing ran.
        if shown(machine, state.offset) < state.latest {
            state.offset = state.latest.duration_since(machine);
        }
        write(&path, state)?;
        let (steps, _) = watch::channel(0);
        Ok(Self {
            shared: Arc::new(Shared {
                path,
                state: Mutex::new(state),
                steps,
            }),
        })
    }

    /// The clock of a stage that another process runs, as its file shows it now. Writes nothing:
    /// the clock stays the other process's to move.
    ///
    /// # Errors
    /// [`ClockError::File`] and [`ClockError::Damaged`].
    pub fn of_running(state_dir: &Path) -> Result<Self, ClockError> {
        let path = state_dir.join("clock.json");
        let kept = read(&path)?;
        let offset = kept.map_or(SignedDuration::ZERO, |kept| {
            SignedDuration::from_millis(kept.offset_ms)
        });
        let latest = kept.map_or(Timestamp::MIN, |kept| kept.latest);
        let (steps, _) = watch::channel(0);
        Ok(Self {
            shared: Arc::new(Shared {
                path,
                state: Mutex::new(State { offset, latest }),
                steps,
            }),
        })
    }

    /// The time of the stage, in UTC. Never earlier than what any clone has answered before.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let mut state = self.state();
        state.latest = shown(machine_time(), state.offset).max(state.latest);
        state.latest
    }

    /// Moves the clock forward by `seconds` (0 or more), durably, and answers the new time.
    ///
    /// # Errors
    /// [`ClockError::Backwards`], [`ClockError::TooFar`], [`ClockError::File`]; the clock is then
    /// where it was.
    pub fn advance(&self, seconds: i64) -> Result<Timestamp, ClockError> {
        if seconds < 0 {
            return Err(ClockError::Backwards(seconds.saturating_neg()));
        }
        let mut state = self.state();
        let too_far = || ClockError::TooFar(seconds);
        let step = SignedDuration::from_secs(seconds);
        let now = shown(machine_time(), state.offset).max(state.latest);
        let next = State {
            offset: state.offset.checked_add(step).ok_or_else(too_far)?,
            latest: now.checked_add(step).map_err(|_| too_far())?,
        };
        write(&self.shared.path, next)?;
        *state = next;
        drop(state);
        self.shared.steps.send_modify(|steps| *steps += 1);
        Ok(next.latest)
    }

    /// Tells when the clock is moved, for those who sleep until a time it shows.
    pub(crate) fn steps(&self) -> watch::Receiver<u64> {
        self.shared.steps.subscribe()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The state is two numbers that are replaced whole: a panic elsewhere leaves them right.
        self.shared
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    state: Mutex<State>,
    steps: watch::Sender<u64>,
}

#[derive(Clone, Copy, Debug)]
struct State {
    offset: SignedDuration,
    /// The latest time answered.
    latest: Timestamp,
}

/// The file's content.
#[derive(Clone, Copy, Deserialize, Serialize)]
struct Kept {
    offset_ms: i64,
    latest: Timestamp,
}

fn shown(machine: Timestamp, offset: SignedDuration) -> Timestamp {
    machine.checked_add(offset).unwrap_or(Timestamp::MAX)
}

#[expect(clippy::disallowed_methods, reason = "here the time enters the crate")]
fn machine_time() -> Timestamp {
    Timestamp::now()
}

fn read(path: &Path) -> Result<Option<Kept>, ClockError> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => {
            return Err(ClockError::File {
                path: path.to_owned(),
                source,
            });
        }
    };
    let kept = serde_json::from_slice(&text).map_err(|source| ClockError::Damaged {
        path: path.to_owned(),
        source,
    })?;
    Ok(Some(kept))
}

fn write(path: &Path, state: State) -> Result<(), ClockError> {
    let kept = Kept {
        offset_ms: i64::try_from(state.offset.as_millis()).unwrap_or(i64::MAX),
        latest: state.latest,
    };
    let failed = |source| ClockError::File {
        path: path.to_owned(),
        source,
    };
    let text = serde_json::to_vec(&kept).map_err(|error| failed(error.into()))?;
    replace_file(path, &text).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_outlives_the_process() {
        let folder = tempfile::tempdir().unwrap();
        let stepped = SteppableClock::open(folder.path(), None)
            .unwrap()
            .advance(86_400)
            .unwrap();
        let reopened = SteppableClock::open(folder.path(), None).unwrap();
        assert!(reopened.now() >= stepped);
        assert!(reopened.now().duration_since(stepped) < SignedDuration::from_secs(60));
    }

    #[test]
    fn a_given_start_is_shown_and_then_runs_on() {
        let folder = tempfile::tempdir().unwrap();
        let start: Timestamp = "2031-02-03T04:05:06Z".parse().unwrap();
        let clock = SteppableClock::open(folder.path(), Some(start)).unwrap();
        let shown = clock.now();
        assert!(shown >= start && shown.duration_since(start) < SignedDuration::from_secs(60));
        assert!(clock.advance(10).unwrap().duration_since(start) >= SignedDuration::from_secs(10));
    }

    #[test]
    fn the_same_start_given_again_does_not_turn_back_time() {
        let folder = tempfile::tempdir().unwrap();
        let start: Timestamp = "2031-02-03T04:05:06Z".parse().unwrap();
        let stepped = SteppableClock::open(folder.path(), Some(start))
            .unwrap()
            .advance(3600)
            .unwrap();
        let reopened = SteppableClock::open(folder.path(), Some(start)).unwrap();
        assert!(reopened.now() >= stepped);
    }

    #[test]
    fn it_refuses_to_go_back_or_out_of_the_calendar() {
        let folder = tempfile::tempdir().unwrap();
        let clock = SteppableClock::open(folder.path(), None).unwrap();
        let before = clock.now();
        assert!(matches!(clock.advance(-1), Err(ClockError::Backwards(1))));
        assert!(matches!(
            clock.advance(i64::MAX),
            Err(ClockError::TooFar(_))
        ));
        assert!(clock.now().duration_since(before) < SignedDuration::from_secs(60));
    }

    #[test]
    fn a_damaged_file_is_reported_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("clock.json"), "{").unwrap();
        let opened = SteppableClock::open(folder.path(), None);
        assert!(matches!(opened, Err(ClockError::Damaged { .. })));
        assert_eq!(fs::read(folder.path().join("clock.json")).unwrap(), b"{");
    }
}
