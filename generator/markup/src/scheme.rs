//! Which URL scheme a destination has, as a browser would see it.

/// The scheme in lower case, after dropping what browsers drop (WHATWG URL: leading C0 controls and spaces, and
/// tabs and newlines anywhere); `None` for a relative destination.
pub(crate) fn scheme(destination: &str) -> Option<String> {
    let mut scheme = String::new();
    let seen = destination.trim_start_matches(|ch: char| ch <= ' ').chars();
    for ch in seen.filter(|ch| !matches!(ch, '\t' | '\n' | '\r')) {
        match ch {
            ':' if !scheme.is_empty() => return Some(scheme),
            'a'..='z' | 'A'..='Z' => scheme.push(ch.to_ascii_lowercase()),
            '0'..='9' | '+' | '-' | '.' if !scheme.is_empty() => scheme.push(ch),
            _ => return None,
        }
    }
    None
}

/// Whether following the destination would run code or show a document made up by the link.
pub(crate) fn is_dangerous(destination: &str) -> bool {
    matches!(
        scheme(destination).as_deref(),
        Some("javascript" | "vbscript" | "data")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_are_seen_as_a_browser_sees_them() {
        for danger in [
            "javascript:alert(1)",
            " JaVaScRiPt:x",
            "java\tscript:x",
            "\u{1}vbscript:x",
            "data:text/html,x",
            "java\nscript:x",
        ] {
            assert!(is_dangerous(danger), "{danger:?}");
        }
        for fine in [
            "https://example.com",
            "mailto:a@b.example",
            "a/javascript:x",
            "javascript.md",
            "#data:x",
            "?javascript:",
            "",
            ":",
        ] {
            assert!(!is_dangerous(fine), "{fine:?}");
        }
        assert_eq!(scheme("HTTPS://x").as_deref(), Some("https"));
    }
}
