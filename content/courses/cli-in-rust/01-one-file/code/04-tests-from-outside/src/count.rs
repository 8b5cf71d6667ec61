//! Counting the lines of one input.

use std::error::Error;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind};
use std::path::{Path, PathBuf};

/// Why a file could not be counted.
#[derive(Debug)]
pub struct CountError {
    path: PathBuf,
    step: Step,
    source: io::Error,
}

#[derive(Debug)]
enum Step {
    Open,
    Read,
}

pub fn count_file(path: &Path) -> Result<u64, CountError> {
    let failed = |step| {
        move |source| CountError {
            path: path.to_owned(),
            step,
            source,
        }
    };
    let file = File::open(path).map_err(failed(Step::Open))?;
    count_lines(BufReader::new(file)).map_err(failed(Step::Read))
}

/// Counts lines as an editor numbers them: text after the last newline is a
/// line too.
fn count_lines(mut input: impl BufRead) -> io::Result<u64> {
    let mut lines = 0;
    while input.skip_until(b'\n')? > 0 {
        lines += 1;
    }
    Ok(lines)
}

impl CountError {
    /// What the user can do about it, where there is something to say.
    pub fn hint(&self) -> Option<&'static str> {
        match self.source.kind() {
            ErrorKind::NotFound if self.path.is_relative() => Some(
                "a relative path starts at the current folder; `pwd` prints it",
            ),
            ErrorKind::IsADirectory => {
                Some("name the files in it: tally counts files")
            }
            ErrorKind::PermissionDenied => {
                Some("`ls -l` shows who may read it")
            }
            _ => None,
        }
    }
}

impl fmt::Display for CountError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match self.step {
            Step::Open => "open",
            Step::Read => "read",
        };
        write!(f, "cannot {verb} {}", self.path.display())
    }
}

impl Error for CountError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &[u8], expected: u64) {
        assert_eq!(count_lines(input).unwrap(), expected, "in {input:?}");
    }

    #[test]
    fn a_line_ends_with_a_newline_or_with_the_file() {
        check(b"", 0);
        check(b"one", 1);
        check(b"one\n", 1);
        check(b"one\ntwo", 2);
        check(b"\n\n", 2);
    }

    #[test]
    fn windows_line_ends_count_once() {
        check(b"one\r\ntwo\r\n", 2);
    }

    #[test]
    fn bytes_that_are_no_utf8_count_too() {
        check(b"caf\xe9\nna\xefve\n", 2);
    }

    #[test]
    fn an_error_says_what_was_tried_and_keeps_the_cause() {
        let error = count_file(Path::new("no/such/file")).unwrap_err();
        assert_eq!(error.to_string(), "cannot open no/such/file");
        let cause =
            error.source().unwrap().downcast_ref::<io::Error>().unwrap();
        assert_eq!(cause.kind(), ErrorKind::NotFound);
    }
}
