//! `SUMMARY.md`: parts and chapters in reading order.

use pulldown_cmark::{Event, HeadingLevel, Parser, Tag, TagEnd};

/// Name of the file in the folder of the chapters.
pub(super) const NAME: &str = "SUMMARY.md";

/// One line of the table of contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    /// A title above chapters.
    Part(String),
    /// A chapter.
    Chapter(Chapter),
}

/// A chapter as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chapter {
    pub(super) title: String,
    /// Path below the folder of the chapters; `None` for one that is not written yet.
    pub(super) path: Option<String>,
    pub(super) place: Place,
    /// Line in `SUMMARY.md`, from 1.
    pub(super) line: usize,
}

/// Where a chapter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Before the numbered ones.
    Prefix,
    /// In a list; how many lists it is in, from 1.
    Numbered(usize),
    /// After the numbered ones.
    Suffix,
}

/// Reads a table of contents. What is neither a title nor a link is passed over, as mdBook does.
pub(super) fn read(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let (mut depth, mut seen_list) = (0_usize, false);
    let mut heading: Option<(HeadingLevel, String)> = None;
    let mut seen_heading = false;
    let mut link: Option<(String, String, usize)> = None;
    for (event, range) in Parser::new(text).into_offset_iter() {
        match event {
            Event::Start(Tag::List(_)) => {
                depth += 1;
                seen_list = true;
            }
            Event::End(TagEnd::List(_)) => depth = depth.saturating_sub(1),
            Event::Start(Tag::Heading { level, .. }) => heading = Some((level, String::new())),
            Event::End(TagEnd::Heading(_)) => {
                if let Some((HeadingLevel::H1, title)) = heading.take() {
                    // The first one is the title of the list itself.
                    if seen_heading || !entries.is_empty() {
                        entries.push(Entry::Part(title.trim().to_owned()));
                        seen_list = true;
                    }
                    seen_heading = true;
                }
            }
            Event::Start(Tag::Link { dest_url, .. }) => {
                link = Some((dest_url.to_string(), String::new(), range.start));
            }
            Event::End(TagEnd::Link) => {
                if let Some((path, title, at)) = link.take() {
                    entries.push(Entry::Chapter(Chapter {
                        title: title.trim().to_owned(),
                        path: (!path.is_empty()).then(|| decode(&path)),
                        place: match (depth, seen_list) {
                            (0, false) => Place::Prefix,
                            (0, true) => Place::Suffix,
                            (depth, _) => Place::Numbered(depth),
                        },
                        line: text.get(..at).unwrap_or_default().matches('\n').count() + 1,
                    }));
                }
            }
            Event::Text(text) | Event::Code(text) => {
                let title = match (&mut link, &mut heading) {
                    (Some((_, title, _)), _) | (None, Some((_, title))) => title,
                    (None, None) => continue,
                };
                title.push_str(&text);
            }
            Event::SoftBreak => {
                if let Some((_, title, _)) = &mut link {
                    title.push(' ');
                }
            }
            _ => {}
        }
    }
    entries
}

fn decode(path: &str) -> String {
    let path = path.replace("%20", " ");
    path.strip_prefix("./").unwrap_or(&path).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_chapters_are_told_apart() {
        let text = "# Summary\n\n[Foreword](foreword.md)\n\n# Basics\n\n- [One](one.md)\n  - [`Box<T>`](./one/two%20b.md)\n- [Later]()\n\n---\n\n[Index](index.md)\n";
        let entries: Vec<String> = read(text)
            .into_iter()
            .map(|entry| match entry {
                Entry::Part(title) => format!("part {title}"),
                Entry::Chapter(chapter) => format!(
                    "{} {:?} {} {:?}",
                    chapter.line,
                    chapter.place,
                    chapter.title,
                    chapter.path.as_deref().unwrap_or("draft")
                ),
            })
            .collect();
        assert_eq!(
            entries,
            [
                "3 Prefix Foreword \"foreword.md\"",
                "part Basics",
                "7 Numbered(1) One \"one.md\"",
                "8 Numbered(2) Box<T> \"one/two b.md\"",
                "9 Numbered(1) Later \"draft\"",
                "13 Suffix Index \"index.md\"",
            ]
        );
    }
}
