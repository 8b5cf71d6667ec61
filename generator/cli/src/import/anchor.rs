//! The ids that mdBook gives to headings, so that links into a book stay good.

use std::collections::{BTreeMap, BTreeSet};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::listing::Listing;

/// Extensions that mdBook switches on.
pub(super) fn extensions() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
}

/// Gives ids in the order of a page.
#[derive(Debug, Default)]
pub(super) struct Ids {
    counts: BTreeMap<String, usize>,
}

impl Ids {
    /// The id of a heading: letters, digits, `_` and `-` in lower case, white space as `-`, repeats numbered.
    pub(super) fn assign(&mut self, title: &str) -> String {
        let id: String = title
            .trim()
            .chars()
            .filter_map(|ch| match ch {
                ch if ch.is_alphanumeric() || ch == '_' || ch == '-' => {
                    Some(ch.to_ascii_lowercase())
                }
                ch if ch.is_whitespace() => Some('-'),
                _ => None,
            })
            .collect();
        let count = self.counts.entry(id.clone()).or_insert(0);
        let unique = match *count {
            0 => id,
            number => format!("{id}-{number}"),
        };
        *count += 1;
        unique
    }
}

/// Every place of a page that a link may lead to: ids of its headings and of raw HTML.
pub(super) fn all(text: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    let mut ids = Ids::default();
    let mut heading: Option<(Option<String>, String)> = None;
    for event in Parser::new_ext(text, extensions()) {
        match event {
            Event::Start(Tag::Heading { id, .. }) => {
                heading = Some((id.map(|id| id.to_string()), String::new()));
            }
            Event::End(TagEnd::Heading(_)) => {
                if let Some((id, title)) = heading.take() {
                    anchors.insert(id.unwrap_or_else(|| ids.assign(&title)));
                }
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some((_, title)) = &mut heading {
                    title.push_str(&text);
                }
            }
            Event::Html(html) | Event::InlineHtml(html) => {
                anchors.extend(Listing::open(&html).and_then(|listing| listing.id()));
                let found = super::html::values(&html, "id");
                anchors.extend(
                    found
                        .into_iter()
                        .filter_map(|range| html.get(range).map(str::to_owned)),
                );
            }
            _ => {}
        }
    }
    anchors
}

/// The id of the heading that a chapter begins with.
pub(super) fn title(text: &str) -> Option<String> {
    let mut inside: Option<(Option<String>, String)> = None;
    for event in Parser::new_ext(text, extensions()) {
        match (event, &mut inside) {
            (Event::Start(Tag::Heading { id, .. }), None) => {
                inside = Some((id.map(|id| id.to_string()), String::new()));
            }
            (Event::Text(text) | Event::Code(text), Some((_, title))) => title.push_str(&text),
            (Event::End(TagEnd::Heading(_)), Some((id, title))) => {
                let mut ids = Ids::default();
                return Some(id.take().unwrap_or_else(|| ids.assign(title)));
            }
            (Event::Text(_) | Event::Code(_) | Event::Start(Tag::CodeBlock(_)), None) => {
                return None;
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_those_of_mdbook() {
        let text =
            "# Using `Box<T>` & more\n\n## A\n\n## A\n\n## Own {#mine}\n\n<a id=\"old\"></a>\n";
        let anchors: Vec<_> = all(text).into_iter().collect();
        assert_eq!(anchors, ["a", "a-1", "mine", "old", "using-boxt--more"]);
    }
}
