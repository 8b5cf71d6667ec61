//! A parsed text: its events with positions, and a decision for each heading.

use std::{collections::BTreeSet, ops::Range};

use pulldown_cmark::{Event, Options as Extensions, Parser, Tag, TagEnd};

use crate::{Options, Problem, Severity, TocEntry, alert, anchor::Anchors, autolink};

/// Deeper than this, block and inline elements are no longer rendered: output would outgrow its input.
const DEEPEST: usize = 64;

/// A parsed text.
pub(crate) struct Document<'a> {
    /// The source.
    pub(crate) text: &'a str,
    /// Everything in order, each with its bytes in the source.
    pub(crate) events: Vec<(Event<'a>, Range<usize>)>,
    /// One for each heading, in order.
    pub(crate) headings: Vec<Heading>,
    /// Positions of the paragraphs that are the title of the alert they begin.
    pub(crate) alert_titles: BTreeSet<usize>,
    /// Mistakes that parsing shows.
    pub(crate) problems: Vec<Problem>,
}

/// What becomes of one heading.
pub(crate) struct Heading {
    /// Unique within the text.
    pub(crate) id: String,
    /// Text without markup.
    pub(crate) title: String,
    /// Level in the page, 2 to 6: level 1 is the page's title.
    pub(crate) level: u8,
    /// Whether it repeats the page's title and is left out.
    pub(crate) dropped: bool,
    /// Bytes of the text.
    pub(crate) range: Range<usize>,
}

impl<'a> Document<'a> {
    /// Parses a text; text nested deeper than 64 levels is cut off there and reported.
    pub(crate) fn parse(text: &'a str, options: &Options<'_>) -> Self {
        let mut problems = Vec::new();
        let events = events(text, options, &mut problems);
        let (events, alert_titles) =
            alert::with_titles(text, autolink::link(events), &mut problems);
        let headings = headings(&events, options, &mut problems);
        Self {
            text,
            events,
            headings,
            alert_titles,
            problems,
        }
    }

    /// Headings of level 2 and 3 as a tree.
    pub(crate) fn toc(&self) -> Vec<TocEntry> {
        let mut toc: Vec<TocEntry> = Vec::new();
        for heading in self
            .headings
            .iter()
            .filter(|heading| !heading.dropped && heading.level <= 3)
        {
            let entry = TocEntry {
                id: heading.id.clone(),
                title: heading.title.clone(),
                level: heading.level,
                children: Vec::new(),
            };
            match toc.last_mut() {
                Some(parent) if heading.level == 3 && parent.level == 2 => {
                    parent.children.push(entry)
                }
                _ => toc.push(entry),
            }
        }
        toc
    }
}

fn events<'a>(
    text: &'a str,
    options: &Options<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<(Event<'a>, Range<usize>)> {
    let mut extensions = Extensions::ENABLE_TABLES
        | Extensions::ENABLE_FOOTNOTES
        | Extensions::ENABLE_STRIKETHROUGH
        | Extensions::ENABLE_TASKLISTS
        | Extensions::ENABLE_HEADING_ATTRIBUTES
        | Extensions::ENABLE_GFM
        | Extensions::ENABLE_DEFINITION_LIST
        | Extensions::ENABLE_WIKILINKS;
    extensions.set(Extensions::ENABLE_MATH, options.math);
    let mut events = Vec::new();
    let mut depth = 0_usize;
    for (event, range) in Parser::new_ext(text, extensions).into_offset_iter() {
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        let too_deep = depth > DEEPEST || (depth == DEEPEST && matches!(event, Event::End(_)));
        if too_deep && problems.is_empty() {
            problems.push(Problem {
                severity: Severity::Error,
                code: "nesting",
                range: range.clone(),
                message: format!("nested more than {DEEPEST} levels deep"),
                hint: "quotes, lists and emphasis inside each other: a level or two is what readers can follow".to_owned(),
            });
        }
        if !too_deep {
            events.push((event, range));
        }
    }
    events
}

fn headings(
    events: &[(Event<'_>, Range<usize>)],
    options: &Options<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<Heading> {
    let written = written_headings(events);
    let mut anchors = Anchors::default();
    for (_, id, range) in written
        .iter()
        .filter_map(|heading| Some((&heading.title, heading.id.as_deref()?, &heading.range)))
    {
        if !anchors.reserve(id) {
            problems.push(Problem {
                severity: Severity::Error,
                code: "duplicate-anchor",
                range: range.clone(),
                message: format!("two headings have the id \"{id}\""),
                hint: "a link leads to the first only: give one of them another {#id}".to_owned(),
            });
        }
    }
    let is_title = |heading: &Written| {
        let same = |title: &str| title.trim().to_lowercase() == heading.title.trim().to_lowercase();
        heading.level == 1 && heading.first && options.title.is_some_and(same)
    };
    let shift = u8::from(
        written
            .iter()
            .find(|heading| !is_title(heading))
            .is_some_and(|heading| heading.level == 1),
    );
    written
        .into_iter()
        .map(|heading| Heading {
            dropped: is_title(&heading),
            level: (heading.level + shift).clamp(2, 6),
            id: heading.id.unwrap_or_else(|| anchors.assign(&heading.title)),
            title: heading.title,
            range: heading.range,
        })
        .collect()
}

/// A heading as the author wrote it.
struct Written {
    level: u8,
    id: Option<String>,
    title: String,
    range: Range<usize>,
    /// Whether nothing stands before it.
    first: bool,
}

fn written_headings(events: &[(Event<'_>, Range<usize>)]) -> Vec<Written> {
    let mut headings: Vec<Written> = Vec::new();
    let mut inside = false;
    for (position, (event, range)) in events.iter().enumerate() {
        match event {
            Event::Start(Tag::Heading { level, id, .. }) => {
                inside = true;
                headings.push(Written {
                    level: *level as u8,
                    id: id.as_ref().map(|id| id.to_string()),
                    title: String::new(),
                    range: range.clone(),
                    first: position == 0,
                });
            }
            Event::End(TagEnd::Heading(_)) => inside = false,
            Event::Text(text)
            | Event::Code(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text)
                if inside =>
            {
                if let Some(heading) = headings.last_mut() {
                    heading.title.push_str(text);
                }
            }
            Event::SoftBreak | Event::HardBreak if inside => {
                if let Some(heading) = headings.last_mut() {
                    heading.title.push(' ');
                }
            }
            _ => {}
        }
    }
    headings
}
