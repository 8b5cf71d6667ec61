//! What an import must know about raw HTML: quoted attributes, found by name.

use std::ops::Range;

/// Values of quoted attributes of this name, as ranges of `html`.
pub(super) fn values(html: &str, name: &str) -> Vec<Range<usize>> {
    let lower = html.to_ascii_lowercase();
    let mut ranges = Vec::new();
    let mut from = 0;
    while let Some(at) = lower
        .get(from..)
        .and_then(|rest| rest.find(name))
        .map(|at| from + at)
    {
        from = at + name.len();
        let starts = lower
            .get(..at)
            .is_some_and(|before| before.ends_with(|ch: char| ch.is_ascii_whitespace()));
        let value = lower
            .get(from..)
            .filter(|_| starts)
            .and_then(|rest| rest.trim_start().strip_prefix('='))
            .map(str::trim_start);
        let Some(value) = value else { continue };
        let start = lower.len() - value.len() + 1;
        let Some(quote) = value.chars().next().filter(|ch| matches!(ch, '"' | '\'')) else {
            continue;
        };
        if let Some(length) = lower.get(start..).and_then(|value| value.find(quote)) {
            ranges.push(start..start + length);
            from = start + length;
        }
    }
    ranges
}

/// The first value of an attribute.
pub(super) fn value<'a>(html: &'a str, name: &str) -> Option<&'a str> {
    html.get(values(html, name).into_iter().next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_values_are_found() {
        let html = "<Listing number=\"1-2\" file-name = 'a.rs' data-number=\"no\">";
        assert_eq!(value(html, "number"), Some("1-2"));
        assert_eq!(value(html, "file-name"), Some("a.rs"));
        assert_eq!(values(html, "number").len(), 1);
        assert_eq!(value("<a href=x>", "href"), None);
    }
}
