//! Tells a person who waits how far the work is.

use std::io::{self, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// A run that takes less shows nothing.
const PATIENCE: Duration = Duration::from_millis(500);
const TICK: Duration = Duration::from_millis(100);

/// Does the work, and meanwhile writes to `out` how many of `total` files are
/// taken. Nothing of it is left when the work is done.
pub fn during<T>(
    taken: &AtomicUsize,
    total: usize,
    mut out: impl Write + Send,
    work: impl FnOnce() -> T,
) -> T {
    thread::scope(|scope| {
        let (working, done) = mpsc::channel::<()>();
        scope.spawn(move || {
            let mut wait = PATIENCE;
            while done.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                let taken = taken.load(Ordering::Relaxed).min(total);
                // Who can't be told is not told; the work goes on.
                let _ =
                    draw(&format!("counting: {taken} of {total}"), &mut out);
                wait = TICK;
            }
            if wait == TICK {
                let _ = draw("", &mut out);
            }
        });
        let result = work();
        drop(working);
        result
    })
}

/// Over the line before: to its start, the text, and clear what is left.
fn draw(text: &str, out: &mut impl Write) -> io::Result<()> {
    write!(out, "\r{text}\x1b[K")?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quick_work_shows_nothing() {
        let mut out = Vec::new();
        let result = during(&AtomicUsize::new(0), 1, &mut out, || 7);
        assert_eq!((result, out.as_slice()), (7, &b""[..]));
    }

    #[test]
    fn slow_work_shows_how_far_it_is_and_cleans_up() {
        let mut out = Vec::new();
        let taken = AtomicUsize::new(0);
        during(&taken, 9, &mut out, || {
            taken.store(4, Ordering::Relaxed);
            thread::sleep(PATIENCE + 3 * TICK);
        });
        let text = String::from_utf8(out).unwrap();
        assert!(text.starts_with("\rcounting: 4 of 9\x1b[K"), "{text:?}");
        assert!(text.ends_with("\r\x1b[K"), "{text:?}");
    }

    #[test]
    fn panicking_work_ends_the_progress_too() {
        let cause = std::panic::catch_unwind(|| {
            during(&AtomicUsize::new(0), 1, io::sink(), || panic!("no"))
        });
        assert!(cause.is_err());
    }
}
