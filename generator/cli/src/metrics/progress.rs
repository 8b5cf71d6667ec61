//! How far a long reading is, on one line of a terminal; elsewhere nothing.

use std::io::{IsTerminal as _, Read, Write as _, stderr};

/// The line.
pub(super) struct Bar {
    what: &'static str,
    is_shown: bool,
    percent: u64,
}

impl Bar {
    /// Of something that is done for long.
    pub(super) fn new(what: &'static str) -> Self {
        Self {
            what,
            is_shown: stderr().is_terminal(),
            percent: u64::MAX,
        }
    }

    /// So much of it is done.
    pub(super) fn show(&mut self, percent: u64) {
        let percent = percent.min(100);
        if !self.is_shown || percent == self.percent {
            return;
        }
        self.percent = percent;
        let filled = usize::try_from(percent / 4).unwrap_or(0);
        let bar = "#".repeat(filled) + &"-".repeat(25_usize.saturating_sub(filled));
        // A terminal that went away is no reason to stop.
        let _ = write!(stderr(), "\r\x1b[K{} [{bar}] {percent} %", self.what);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if self.is_shown {
            let _ = write!(stderr(), "\r\x1b[K");
        }
    }
}

/// A reader that shows how much of it was read.
pub(super) struct Progress<R> {
    inner: R,
    bar: Bar,
    total: u64,
    read: u64,
}

impl<R> Progress<R> {
    /// `total` is how many bytes there are.
    pub(super) fn new(inner: R, total: u64) -> Self {
        Self {
            inner,
            bar: Bar::new("reading"),
            total,
            read: 0,
        }
    }
}

impl<R: Read> Read for Progress<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read = self.read.saturating_add(u64::try_from(count).unwrap_or(0));
        self.bar
            .show((self.read * 100).checked_div(self.total).unwrap_or(100));
        Ok(count)
    }
}
