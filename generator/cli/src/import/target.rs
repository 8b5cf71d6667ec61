//! Where links of the book lead once its chapters are lessons.

use std::collections::BTreeSet;

use tuition_site::Files;

use super::{place, plan::Plan};

/// Where a destination leads now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lead {
    /// Another site, or a place on the same page.
    AsWritten,
    /// Somewhere else than before.
    To(String),
    /// Nowhere; says why.
    Nowhere(String),
}

/// All that links may lead to.
pub(super) struct Targets<'a> {
    pub(super) plan: &'a Plan,
    /// Ids on the page of each lesson.
    pub(super) anchors: &'a [BTreeSet<String>],
    /// Ids of the headings that became titles, by lesson: they are the top of the page.
    pub(super) titles: &'a [Option<String>],
    pub(super) files: &'a Files,
    /// Folder of the chapters.
    pub(super) source: &'a str,
    /// Address of the published book, without a slash at the end.
    pub(super) published: Option<&'a str>,
    /// Path the book was served under.
    pub(super) site_url: &'a str,
}

/// A lesson, or a file below the folder of chapters.
enum Found {
    Lesson(usize),
    File(String),
}

impl Targets<'_> {
    /// Where a destination in the text of a lesson leads, and the file it needs.
    pub(super) fn lead(&self, lesson: usize, destination: &str) -> (Lead, Option<String>) {
        let (path, anchor) = split(destination);
        if has_scheme(destination) || destination.starts_with("//") {
            return (Lead::AsWritten, None);
        }
        let Some(from) = self.plan.lessons.get(lesson) else {
            return (Lead::AsWritten, None);
        };
        if path.is_empty() {
            let kept = self.kept_anchor(lesson, anchor);
            return match (anchor, kept) {
                (Some(_), None) => (Lead::To("#".to_owned()), None),
                _ => (Lead::AsWritten, None),
            };
        }
        match self.find(&from.chapter, path) {
            Some(Found::Lesson(target)) => {
                let file = self
                    .plan
                    .lessons
                    .get(target)
                    .map_or("", |lesson| lesson.file.as_str());
                let anchor = self
                    .kept_anchor(target, anchor)
                    .map(|anchor| format!("#{anchor}"))
                    .unwrap_or_default();
                let path = place::encode(&place::relative(&from.file, file));
                (Lead::To(format!("{path}{anchor}")), None)
            }
            Some(Found::File(file)) => {
                let url = place::encode(&place::relative(&from.file, &file));
                (Lead::To(url), Some(file))
            }
            None => (self.outside(&from.chapter, path, destination), None),
        }
    }

    /// The anchor that a destination asks for and its page doesn't have.
    pub(super) fn lost_anchor<'d>(&self, lesson: usize, destination: &'d str) -> Option<&'d str> {
        let (path, anchor) = split(destination);
        if has_scheme(destination) {
            return None;
        }
        let from = self.plan.lessons.get(lesson)?;
        let target = match path.is_empty() {
            true => lesson,
            false => match self.find(&from.chapter, path)? {
                Found::Lesson(target) => target,
                Found::File(_) => return None,
            },
        };
        let anchor = anchor.filter(|anchor| !anchor.is_empty())?;
        let is_title = self
            .titles
            .get(target)
            .is_some_and(|title| title.as_deref() == Some(place::decode(anchor).as_str()));
        (!is_title && self.kept_anchor(target, Some(anchor)).is_none()).then_some(anchor)
    }

    /// The lesson that a page of the published book became: its URL path below the course.
    pub(super) fn lesson_of_page(&self, page: &str) -> Option<(usize, Option<String>)> {
        let (path, anchor) = split(page);
        match self.find("index.md", path)? {
            Found::Lesson(lesson) => {
                let anchor = self.kept_anchor(lesson, anchor).map(str::to_owned);
                Some((lesson, anchor))
            }
            Found::File(_) => None,
        }
    }

    fn kept_anchor<'d>(&self, lesson: usize, anchor: Option<&'d str>) -> Option<&'d str> {
        let anchor = anchor.filter(|anchor| !anchor.is_empty())?;
        let decoded = place::decode(anchor);
        let is_there = self
            .anchors
            .get(lesson)
            .is_some_and(|anchors| anchors.contains(&decoded));
        let is_title = self
            .titles
            .get(lesson)
            .is_some_and(|title| title.as_deref() == Some(decoded.as_str()));
        (is_there && !is_title).then_some(anchor)
    }

    fn find(&self, chapter: &str, path: &str) -> Option<Found> {
        let path = place::decode(path);
        let joined = match path.strip_prefix(self.site_url) {
            Some(below) if path.starts_with('/') => below.to_owned(),
            _ => place::join(chapter, &path)?,
        };
        let is_folder = path.ends_with('/') || joined.is_empty();
        let stem = joined
            .strip_suffix(".html")
            .or_else(|| joined.strip_suffix(".md"))
            .unwrap_or(&joined);
        let index = match is_folder {
            true => format!("{stem}/index").trim_start_matches('/').to_owned(),
            false => stem.to_owned(),
        };
        let mut candidates = vec![format!("{index}.md")];
        // A README is the index of its folder.
        if let Some(folder) = index.strip_suffix("index") {
            candidates.push(format!("{folder}README.md"));
            candidates.push(format!("{folder}readme.md"));
        }
        let is_page = is_folder || stem != joined;
        let lesson = candidates
            .iter()
            .filter(|_| is_page)
            .find_map(|chapter| self.plan.by_path.get(chapter));
        if let Some(lesson) = lesson {
            return Some(Found::Lesson(*lesson));
        }
        // The first chapter is the front page, too.
        if index == "index" && is_page {
            return Some(Found::Lesson(0));
        }
        let file = match self.source {
            "" => joined.clone(),
            source => format!("{source}/{joined}"),
        };
        (self.files.contains_key(&file) && !joined.ends_with(".md")).then_some(Found::File(joined))
    }

    /// What is not part of the book.
    fn outside(&self, chapter: &str, path: &str, destination: &str) -> Lead {
        let climbs = path.starts_with('/') || place::join(chapter, path).is_none();
        match self.published {
            Some(address) if climbs => Lead::To(absolute(address, chapter, destination)),
            None if climbs => Lead::Nowhere(
                "leads out of the book; name the book's address with --published to keep such links"
                    .to_owned(),
            ),
            _ => Lead::Nowhere("leads nowhere".to_owned()),
        }
    }
}

/// A relative URL on a page of the published book, as an absolute one.
fn absolute(address: &str, chapter: &str, destination: &str) -> String {
    let after_scheme = address.find("://").map_or(0, |at| at + 3);
    let host = address
        .get(after_scheme..)
        .and_then(|rest| rest.find('/'))
        .map_or(address.len(), |at| after_scheme + at);
    let (origin, folder) = address.split_at(host);
    if destination.starts_with('/') {
        return format!("{origin}{destination}");
    }
    let page = format!("{}/{chapter}", folder.trim_matches('/'));
    let mut parts: Vec<&str> = page.split('/').filter(|part| !part.is_empty()).collect();
    parts.pop();
    for part in destination.split('/') {
        match part {
            "." => {}
            // As browsers do, no higher than the root.
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("{origin}/{}", parts.join("/"))
}

fn split(destination: &str) -> (&str, Option<&str>) {
    match destination.split_once('#') {
        Some((path, anchor)) => (path, Some(anchor)),
        None => (destination, None),
    }
}

fn has_scheme(destination: &str) -> bool {
    destination.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|ch: char| ch.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|ch| ch.is_ascii_alphanumeric() || matches!(ch, '+' | '-' | '.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_urls_become_absolute_as_in_a_browser() {
        let base = "https://doc.example/book";
        assert_eq!(
            absolute(base, "a/b.md", "../../std/x.html#y"),
            "https://doc.example/std/x.html#y"
        );
        assert_eq!(absolute(base, "b.md", "/x"), "https://doc.example/x");
        assert_eq!(
            absolute("https://doc.example", "b.md", "../../x"),
            "https://doc.example/x"
        );
    }
}
