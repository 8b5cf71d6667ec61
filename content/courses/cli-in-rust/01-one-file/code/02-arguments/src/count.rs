//! Counting the lines of one input.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

pub fn count_file(path: &Path) -> io::Result<u64> {
    count_lines(BufReader::new(File::open(path)?))
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
}
