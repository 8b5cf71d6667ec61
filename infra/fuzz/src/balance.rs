//! Whether HTML is well-formed in the sense of XML, but for the void elements of HTML.

use std::collections::BTreeSet;

const VOID: [&str; 4] = ["br", "hr", "img", "input"];

/// Panics unless every element is closed in order, every attribute is quoted and every id is there once.
pub(crate) fn check(html: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut ids = BTreeSet::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let tag = &rest[start + 1..];
        let end = end(tag).unwrap_or_else(|| panic!("a tag without an end in {html}"));
        let (tag, after) = tag.split_at(end);
        rest = &after[1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "wrong end tag in {html}");
            continue;
        }
        let name = tag.split([' ', '/', '\n']).next().unwrap_or_default();
        let is_name = !name.is_empty() && name.chars().all(|ch| ch.is_ascii_alphanumeric());
        assert!(is_name, "<{name}> is no tag in {html}");
        for value in attributes(tag, " id=\"") {
            assert!(
                ids.insert(value.to_owned()),
                "the id {value} is there twice in {html}"
            );
        }
        for name in [" href=\"", " src=\""] {
            for value in attributes(tag, name) {
                let value = value.to_ascii_lowercase();
                for scheme in ["javascript:", "vbscript:", "data:"] {
                    assert!(!value.starts_with(scheme), "{scheme} in {html}");
                }
            }
        }
        if !tag.ends_with('/') && !VOID.contains(&name) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?} not closed in {html}");
}

/// Where a tag ends: at the bracket outside of quotes.
fn end(tag: &str) -> Option<usize> {
    let mut quoted = false;
    tag.char_indices()
        .find(|(_, ch)| {
            quoted ^= *ch == '"';
            *ch == '>' && !quoted
        })
        .map(|(at, _)| at)
}

fn attributes<'a>(tag: &'a str, start: &str) -> Vec<&'a str> {
    tag.split(start)
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect()
}
