//! What must be known about raw HTML in a text: where its attributes point, and which ids it defines.
//!
//! It is no HTML parser: quoted attributes are found by their names, which is enough to check links and to copy
//! files; anything it misses passes through as the author wrote it.

use std::ops::Range;

use crate::ReferenceKind;

/// Quoted values of `href`, `src` and `poster`, as ranges of `html`, in order.
pub(crate) fn urls(html: &str) -> Vec<(ReferenceKind, Range<usize>)> {
    let mut found: Vec<_> = [
        ("href", ReferenceKind::Link),
        ("src", ReferenceKind::Embed),
        ("poster", ReferenceKind::Embed),
    ]
    .into_iter()
    .flat_map(|(name, kind)| {
        values(html, name)
            .into_iter()
            .map(move |range| (kind, range))
    })
    .collect();
    found.sort_by_key(|(_, range)| range.start);
    found
}

/// Values of quoted `id` attributes.
pub(crate) fn ids(html: &str) -> impl Iterator<Item = &str> {
    values(html, "id")
        .into_iter()
        .filter_map(|range| html.get(range))
}

fn values(html: &str, name: &str) -> Vec<Range<usize>> {
    let lower = html.to_ascii_lowercase();
    let mut ranges = Vec::new();
    let mut from = 0;
    while let Some(at) = lower
        .get(from..)
        .and_then(|rest| rest.find(name))
        .map(|at| from + at)
    {
        from = at + name.len();
        let starts_attribute = lower
            .get(..at)
            .is_some_and(|before| before.ends_with(|ch: char| ch.is_ascii_whitespace()));
        let Some(rest) = lower.get(from..).filter(|_| starts_attribute) else {
            continue;
        };
        let Some(value) = rest.trim_start().strip_prefix('=').map(str::trim_start) else {
            continue;
        };
        let start = lower.len() - value.len() + 1;
        let Some(quote) = value
            .chars()
            .next()
            .filter(|quote| matches!(quote, '"' | '\''))
        else {
            continue;
        };
        if let Some(length) = lower.get(start..).and_then(|value| value.find(quote)) {
            ranges.push(start..start + length);
            from = start + length;
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_urls_and_ids_are_found() {
        let html = r#"<a HREF = 'x.md' data-href="no"><img src="a b.png" srcset="q" alt="src=&quot;"><video poster="p.jpg" id="v">"#;
        let found: Vec<_> = urls(html)
            .into_iter()
            .map(|(kind, range)| (kind, &html[range]))
            .collect();
        assert_eq!(
            found,
            [
                (ReferenceKind::Link, "x.md"),
                (ReferenceKind::Embed, "a b.png"),
                (ReferenceKind::Embed, "p.jpg")
            ]
        );
        assert_eq!(ids(html).collect::<Vec<_>>(), ["v"]);
        assert!(urls("<a href=x.md> href").is_empty());
    }
}
