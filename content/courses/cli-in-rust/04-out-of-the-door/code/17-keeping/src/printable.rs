//! Makes names and texts that strangers wrote fit for a terminal.

use std::borrow::Cow;
use std::path::Path;

/// A path for a message. What could steer a terminal is written as an escape.
pub fn path(path: &Path) -> String {
    text(&path.to_string_lossy()).into_owned()
}

/// The same for any text.
pub fn text(text: &str) -> Cow<'_, str> {
    if !text.contains(steers) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::new();
    for c in text.chars() {
        if steers(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// A line of a file, in which every character keeps its place.
pub fn line(line: &str) -> String {
    let shown = |c| {
        if steers(c) && c != '\t' {
            '\u{fffd}'
        } else {
            c
        }
    };
    line.chars().map(shown).collect()
}

/// Control characters, and those that turn the direction of writing.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_spelled_out() {
        assert_eq!(text("caf\u{e9} 中"), "caf\u{e9} 中");
        assert_eq!(text("a\u{1b}[2Jb"), r"a\u{1b}[2Jb");
        assert_eq!(text("a\nb\t\u{7f}"), r"a\nb\t\u{7f}");
        assert_eq!(text("\u{202e}sr.exe"), r"\u{202e}sr.exe");
        assert_eq!(text("\u{9b}31m"), r"\u{9b}31m");
    }

    #[test]
    fn in_a_line_every_character_keeps_its_place() {
        assert_eq!(line("a\u{1b}b\tc"), "a\u{fffd}b\tc");
    }
}
