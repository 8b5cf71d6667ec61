//! One chapter's Markdown to that of a lesson: everything that stays as it is keeps its bytes.

mod links;

use std::{collections::BTreeSet, ops::Range};

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, LinkType, Parser, Tag, TagEnd};
use tuition_site::slugify;

use super::{
    anchor::{self, Ids},
    fence,
    include::Expanded,
    listing::Listing,
    note::Notes,
    target::Targets,
};

/// A chapter as a lesson's body.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Converted {
    /// Text of the heading it began with, which is the lesson's title now.
    pub(super) title: Option<String>,
    pub(super) markdown: String,
    /// Files it refers to, below the folder of chapters.
    pub(super) assets: BTreeSet<String>,
}

/// What a chapter is converted with.
pub(super) struct Setting<'a> {
    pub(super) targets: &'a Targets<'a>,
    /// Position of the lesson.
    pub(super) lesson: usize,
    /// The chapter's file, for notes.
    pub(super) path: &'a str,
}

/// Converts a chapter whose includes are in place.
pub(super) fn convert(expanded: &Expanded, setting: &Setting<'_>, notes: &mut Notes) -> Converted {
    let parser = Parser::new_ext(&expanded.text, anchor::extensions());
    let definitions: Vec<(String, Range<usize>)> = parser
        .reference_definitions()
        .iter()
        .map(|(_, definition)| (definition.dest.to_string(), definition.span.clone()))
        .collect();
    let mut chapter = Chapter {
        expanded,
        setting,
        notes,
        edits: Vec::new(),
        assets: BTreeSet::new(),
        ids: Ids::default(),
        heading: None,
        shift: 0,
        title: None,
        begun: false,
        links: Vec::new(),
        listing: None,
    };
    for (event, range) in parser.into_offset_iter() {
        chapter.event(&event, &range);
    }
    for (destination, span) in definitions {
        chapter.definition(&destination, span);
    }
    Converted {
        markdown: apply(&expanded.text, chapter.edits),
        title: chapter.title,
        assets: chapter.assets,
    }
}

struct Chapter<'a, 'n> {
    expanded: &'a Expanded,
    setting: &'a Setting<'a>,
    notes: &'n mut Notes,
    edits: Vec<(Range<usize>, String)>,
    assets: BTreeSet<String>,
    ids: Ids,
    heading: Option<Heading>,
    /// How many levels headings rise, because the first one is the title.
    shift: usize,
    title: Option<String>,
    /// Whether anything but raw HTML was seen.
    begun: bool,
    links: Vec<Link>,
    listing: Option<Listing>,
}

/// A heading that is being read.
struct Heading {
    level: usize,
    has_attributes: bool,
    has_id: bool,
    text: String,
    has_code: bool,
    end: usize,
    is_title: bool,
}

/// A link or image that is being read.
struct Link {
    kind: LinkType,
    destination: String,
    title: String,
    inner: Option<Range<usize>>,
}

impl Chapter<'_, '_> {
    fn event(&mut self, event: &Event<'_>, range: &Range<usize>) {
        let closes_link = matches!(event, Event::End(TagEnd::Link | TagEnd::Image));
        if let Some(link) = self.links.last_mut().filter(|_| !closes_link) {
            let start = link.inner.as_ref().map_or(range.start, |inner| inner.start);
            link.inner = Some(start..range.end);
        }
        if let Some(heading) = &mut self.heading
            && !matches!(event, Event::End(TagEnd::Heading(_)))
        {
            heading.end = heading.end.max(range.end);
        }
        match event {
            Event::Start(Tag::Heading {
                level, id, classes, ..
            }) => self.start_heading(*level, id.is_some(), !classes.is_empty(), range),
            Event::End(TagEnd::Heading(_)) => self.end_heading(range),
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut self.heading {
                    heading.text.push_str(text);
                    heading.has_code |= matches!(event, Event::Code(_));
                }
                self.begun = true;
            }
            Event::SoftBreak => {
                if let Some(heading) = &mut self.heading {
                    heading.text.push(' ');
                }
            }
            Event::Start(Tag::CodeBlock(kind)) => {
                if let CodeBlockKind::Fenced(info) = kind {
                    self.fence(info, range);
                }
                self.begun = true;
            }
            Event::Start(
                Tag::Link {
                    link_type,
                    dest_url,
                    title,
                    ..
                }
                | Tag::Image {
                    link_type,
                    dest_url,
                    title,
                    ..
                },
            ) => self.links.push(Link {
                kind: *link_type,
                destination: dest_url.to_string(),
                title: title.to_string(),
                inner: None,
            }),
            Event::End(TagEnd::Link | TagEnd::Image) => {
                if let Some(link) = self.links.pop() {
                    self.link(&link, range);
                }
                // What is around it has this inside.
                if let Some(outer) = self.links.last_mut() {
                    let start = outer
                        .inner
                        .as_ref()
                        .map_or(range.start, |inner| inner.start);
                    outer.inner = Some(start..range.end);
                }
            }
            Event::Html(text) | Event::InlineHtml(text) => self.html(text, range),
            _ => {}
        }
    }

    fn start_heading(
        &mut self,
        level: HeadingLevel,
        has_id: bool,
        has_classes: bool,
        range: &Range<usize>,
    ) {
        let level = level as usize;
        let is_title = !self.begun;
        if is_title {
            self.shift = level - 1;
        }
        self.begun = true;
        self.heading = Some(Heading {
            level,
            has_attributes: has_id || has_classes,
            has_id,
            text: String::new(),
            has_code: false,
            end: range.start,
            is_title,
        });
    }

    fn end_heading(&mut self, range: &Range<usize>) {
        let Some(heading) = self.heading.take() else {
            return;
        };
        let text = heading.text.trim().to_owned();
        let id = (!heading.has_id).then(|| self.ids.assign(&text));
        if heading.is_title {
            if heading.has_code {
                let message =
                    format!("the title \"{text}\" is plain text now, its code marks are gone");
                self.note(
                    range.start,
                    "import-title",
                    message,
                    "titles have no markup",
                );
            }
            self.title = Some(text);
            self.edits.push((range.clone(), "\n".to_owned()));
            return;
        }
        let source = self.expanded.text.get(range.clone()).unwrap_or_default();
        let is_underlined = !source.starts_with('#');
        let level = heading.level.saturating_sub(self.shift).max(1);
        if level != heading.level && !is_underlined {
            let marks = range.start..range.start + heading.level;
            self.edits.push((marks, "#".repeat(level)));
        } else if level != heading.level {
            self.edits
                .push((range.start..range.start, format!("{} ", "#".repeat(level))));
            self.edits.push((heading.end..range.end, "\n".to_owned()));
        }
        // Links from outside lead to the ids of mdBook, so the heading keeps its own where ours would differ.
        if let Some(id) = id
            && !heading.has_attributes
            && !id.is_empty()
            && id != slugify(&text)
        {
            self.edits
                .push((heading.end..heading.end, format!(" {{#{id}}}")));
        }
    }

    fn fence(&mut self, info: &str, range: &Range<usize>) {
        let file = self
            .listing
            .as_mut()
            .and_then(|listing| listing.file.take());
        let mapped = fence::map(info, file.as_deref());
        let source = self.expanded.text.get(range.clone()).unwrap_or_default();
        let line = source.lines().next().unwrap_or_default();
        let marks = line.find(|ch| ch != '`' && ch != '~').unwrap_or(line.len());
        if mapped.info != info {
            let info = range.start + marks..range.start + line.trim_end().len().max(marks);
            self.edits.push((info, mapped.info));
        }
        for word in mapped.dropped {
            let message = format!("\"{word}\" says nothing about code here and is left out");
            let line = self.expanded.line(range.start);
            let hint = fence::loss(&word);
            self.notes
                .kind(self.setting.path, line, "import-fence", message, hint);
        }
    }

    fn note(&mut self, at: usize, code: &'static str, message: String, hint: &str) {
        let line = self.expanded.line(at);
        self.notes
            .line(self.setting.path, line, code, message, hint);
    }
}

/// Makes all changes; one inside another is passed over.
fn apply(text: &str, mut edits: Vec<(Range<usize>, String)>) -> String {
    edits.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (range, new) in edits {
        if range.start < from {
            continue;
        }
        out.push_str(text.get(from..range.start).unwrap_or_default());
        out.push_str(&new);
        from = range.end;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}
