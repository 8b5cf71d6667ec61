//! An error with all its causes in one line.

use std::error::Error;

/// The texts of `error` and of what it comes from, colons between them. The SDKs' own texts are
/// one word; their `Debug` forms hold raw answers, which may quote what was sent.
pub(crate) fn causes(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push_str(": ");
        words.push_str(&error.to_string());
        cause = error.source();
    }
    words
}
