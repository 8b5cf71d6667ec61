//! How far a long reading is, on one line of a terminal; elsewhere nothing.

use std::io::{IsTerminal as _, Read, Write as _, stderr};

/// A reader that shows how much of it was read.
pub(super) struct Progress<R> {
    inner: R,
    is_shown: bool,
    total: u64,
    read: u64,
    shown: u64,
}

impl<R> Progress<R> {
    /// `total` is how many bytes there are; 0 if that is not known.
    pub(super) fn new(inner: R, total: u64) -> Self {
        Self {
            inner,
            is_shown: stderr().is_terminal(),
            total,
            read: 0,
            shown: u64::MAX,
        }
    }

    fn show(&mut self) {
        let percent = (self.read * 100)
            .checked_div(self.total)
            .unwrap_or(0)
            .min(100);
        if !self.is_shown || percent == self.shown {
            return;
        }
        self.shown = percent;
        let filled = usize::try_from(percent / 4).unwrap_or(0);
        let bar = "#".repeat(filled) + &"-".repeat(25_usize.saturating_sub(filled));
        // A terminal that went away is no reason to stop.
        let _ = write!(stderr(), "\r\x1b[Kreading [{bar}] {percent} %");
    }
}

impl<R: Read> Read for Progress<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.read = self.read.saturating_add(u64::try_from(count).unwrap_or(0));
        self.show();
        Ok(count)
    }
}

impl<R> Drop for Progress<R> {
    fn drop(&mut self) {
        if self.is_shown {
            let _ = write!(stderr(), "\r\x1b[K");
        }
    }
}
