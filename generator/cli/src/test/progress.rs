//! How far a long run is, on one line of a terminal; elsewhere nothing.

use std::{
    io::{IsTerminal as _, Write as _, stderr},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

/// The line of one group of samples.
pub(super) struct Progress {
    name: String,
    is_shown: bool,
    done: AtomicUsize,
    stage: Mutex<(&'static str, usize)>,
}

impl Progress {
    /// For a group of this name.
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            is_shown: stderr().is_terminal(),
            done: AtomicUsize::new(0),
            stage: Mutex::new(("", 0)),
        }
    }

    /// A stage of so many steps begins.
    pub(super) fn begin(&self, what: &'static str, steps: usize) {
        *self.stage.lock().unwrap_or_else(PoisonError::into_inner) = (what, steps);
        self.done.store(0, Ordering::Relaxed);
        self.show();
    }

    /// One more is done.
    pub(super) fn step(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
        self.show();
    }

    /// Takes the line away.
    pub(super) fn end(&self) {
        if self.is_shown {
            let _ = write!(stderr(), "\r\x1b[K");
        }
    }

    fn show(&self) {
        let stage = self.stage.lock().unwrap_or_else(PoisonError::into_inner);
        let (what, steps) = *stage;
        if self.is_shown && steps > 0 {
            let done = self.done.load(Ordering::Relaxed);
            // A terminal that went away is no reason to stop.
            let _ = write!(stderr(), "\r\x1b[K{}: {what} {done} of {steps}", self.name);
        }
    }
}
