//! What a site must know about a text before any text is rendered.

mod code;
mod lints;

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, LinkType, Tag, TagEnd};

use crate::{
    Drawings, Options, Problem, Reference, ReferenceKind, Severity, TocEntry, Words, balance,
    document::Document,
    include::Includes,
    math::{self, Shape},
    raw_html, scheme,
};

/// What [`scan`] finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// Headings of level 2, with those of level 3 below them.
    pub toc: Vec<TocEntry>,
    /// Every id that a link may lead to: headings of all levels, and `id` in raw HTML.
    pub anchors: Vec<String>,
    /// Links and embedded files in order.
    pub references: Vec<Reference>,
    /// Length of the text.
    pub words: Words,
    /// What everyone may read of a paid text.
    pub teaser: Teaser,
    /// Plain text of the first paragraph, for descriptions; empty if there is none.
    pub first_paragraph: String,
    /// Mistakes in order of position.
    pub problems: Vec<Problem>,
}

/// The part of a text that everyone may read when the rest is paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Teaser {
    /// Bytes of the text; render just these, so that nothing below can shine through (link definitions, footnotes).
    pub range: Range<usize>,
    /// Whether the author ended it with `<!-- more -->`; else it is the first paragraph.
    pub marked: bool,
}

/// Finds headings, references, teaser and mistakes of a text. `includes` is asked for the text of files that fences
/// include.
#[must_use]
pub fn scan(text: &str, options: &Options<'_>, includes: Includes<'_>) -> Outline {
    let document = Document::parse(text, options);
    let mut scanner = Scanner::new(text, options, includes);
    for (event, range) in &document.events {
        scanner.see(event, range);
    }
    let mut problems = scanner.problems;
    problems.extend(balance::check(&document.events));
    problems.extend(lints::check(&document, options.math));
    let toc = document.toc();
    let mut anchors: Vec<String> = document
        .headings
        .into_iter()
        .map(|heading| heading.id)
        .collect();
    anchors.extend(scanner.ids);
    problems.extend(document.problems);
    problems.sort_by_key(|problem| problem.range.start);
    let teaser = match scanner.more {
        Some(end) => Teaser {
            range: 0..end,
            marked: true,
        },
        None => Teaser {
            range: scanner.first_paragraph_range.unwrap_or(0..0),
            marked: false,
        },
    };
    let first_paragraph = scanner.first_paragraph.trim().to_owned();
    Outline {
        toc,
        anchors,
        references: scanner.references,
        words: scanner.words,
        teaser,
        first_paragraph,
        problems,
    }
}

/// Whether an HTML block is the line that ends a teaser.
pub(crate) fn is_more(html: &str) -> bool {
    html.trim()
        .strip_prefix("<!--")
        .and_then(|rest| rest.strip_suffix("-->"))
        .is_some_and(|name| name.trim() == "more")
}

struct Scanner<'a> {
    text: &'a str,
    includes: Includes<'a>,
    line_width: Option<usize>,
    drawings: Option<&'a Drawings>,
    depth: usize,
    html_block: Option<String>,
    code: Option<Code>,
    references: Vec<Reference>,
    ids: Vec<String>,
    words: Words,
    more: Option<usize>,
    first_paragraph_range: Option<Range<usize>>,
    in_first_paragraph: bool,
    first_paragraph: String,
    problems: Vec<Problem>,
}

struct Code {
    /// `None` for indented code.
    info: Option<String>,
    text: String,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str, options: &Options<'a>, includes: Includes<'a>) -> Self {
        Self {
            text,
            includes,
            line_width: options.line_width,
            drawings: options.drawings,
            depth: 0,
            html_block: None,
            code: None,
            references: Vec::new(),
            ids: Vec::new(),
            words: Words::default(),
            more: None,
            first_paragraph_range: None,
            in_first_paragraph: false,
            first_paragraph: String::new(),
            problems: Vec::new(),
        }
    }

    fn see(&mut self, event: &Event<'_>, range: &Range<usize>) {
        match event {
            Event::Start(tag) => {
                self.start(tag, range);
                self.depth += 1;
            }
            Event::End(tag) => {
                self.depth = self.depth.saturating_sub(1);
                self.end(*tag, range);
            }
            Event::Text(text) => match &mut self.code {
                Some(code) => code.text.push_str(text),
                None => self.prose(text),
            },
            Event::InlineMath(formula) => self.formula(formula, Shape::Inline, range),
            Event::DisplayMath(formula) => self.formula(formula, Shape::Display, range),
            Event::Code(code) => {
                self.prose(code);
                self.check_controls(code, range);
            }
            Event::SoftBreak | Event::HardBreak if self.in_first_paragraph => {
                self.first_paragraph.push(' ')
            }
            Event::Html(html) => match &mut self.html_block {
                Some(block) => block.push_str(html),
                None => self.raw(html, range),
            },
            Event::InlineHtml(html) => {
                if is_more(html) {
                    self.misplaced_more(range);
                }
                self.raw(html, range);
            }
            _ => {}
        }
    }

    fn start(&mut self, tag: &Tag<'_>, range: &Range<usize>) {
        match tag {
            Tag::HtmlBlock => self.html_block = Some(String::new()),
            Tag::CodeBlock(kind) => {
                let info = match kind {
                    CodeBlockKind::Fenced(info) => Some(info.to_string()),
                    CodeBlockKind::Indented => None,
                };
                let text = String::new();
                self.code = Some(Code { info, text });
            }
            Tag::Paragraph if self.depth == 0 && self.first_paragraph_range.is_none() => {
                self.first_paragraph_range = Some(range.clone());
                self.in_first_paragraph = true;
            }
            Tag::Link {
                link_type,
                dest_url,
                ..
            } => match link_type {
                // An address is where it leads, whatever it looks like.
                LinkType::Email => {}
                LinkType::WikiLink { .. } => self.reference(ReferenceKind::Name, dest_url, range),
                _ => self.reference(ReferenceKind::Link, dest_url, range),
            },
            Tag::Image { dest_url, .. } => self.reference(ReferenceKind::Embed, dest_url, range),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd, range: &Range<usize>) {
        match tag {
            TagEnd::Paragraph if self.depth == 0 => self.in_first_paragraph = false,
            TagEnd::CodeBlock => {
                if let Some(code) = self.code.take() {
                    self.code(&code, range);
                }
            }
            TagEnd::HtmlBlock => {
                let block = self.html_block.take().unwrap_or_default();
                if is_more(&block) && self.depth == 0 {
                    self.end_teaser(range);
                } else {
                    if contains_more(&block) {
                        self.misplaced_more(range);
                    }
                    self.raw(&block, range);
                }
            }
            _ => {}
        }
    }

    fn formula(&mut self, formula: &str, shape: Shape, range: &Range<usize>) {
        self.prose(formula);
        self.problems
            .extend(math::check(formula, shape, range, self.drawings));
    }

    fn prose(&mut self, text: &str) {
        self.words.count_text(text);
        if self.in_first_paragraph {
            self.first_paragraph.push_str(text);
        }
    }

    fn end_teaser(&mut self, range: &Range<usize>) {
        if self.more.is_some() {
            self.problems.push(Problem {
                severity: Severity::Error,
                code: "more",
                range: range.clone(),
                message: "a second <!-- more -->".to_owned(),
                hint: "a text has one teaser: keep the first mark".to_owned(),
            });
        }
        self.more.get_or_insert(range.start);
    }

    fn misplaced_more(&mut self, range: &Range<usize>) {
        self.problems.push(Problem {
            severity: Severity::Error,
            code: "more",
            range: range.clone(),
            message: "<!-- more --> is not on a line of its own".to_owned(),
            hint: "put it between two blank lines, outside lists, quotes and other HTML".to_owned(),
        });
    }

    fn raw(&mut self, html: &str, range: &Range<usize>) {
        self.ids.extend(raw_html::ids(html).map(str::to_owned));
        for (kind, at) in raw_html::urls(html) {
            if let Some(destination) = html.get(at) {
                self.reference(kind, destination, range);
            }
        }
    }

    fn reference(&mut self, kind: ReferenceKind, destination: &str, range: &Range<usize>) {
        let range = self.locate(destination, range);
        if scheme::is_dangerous(destination) {
            self.problems.push(Problem {
                severity: Severity::Error,
                code: "link-scheme",
                range: range.clone(),
                message: "a link may not run code or carry a document of its own".to_owned(),
                hint: "javascript:, vbscript: and data: are refused; link to a page or a file"
                    .to_owned(),
            });
        }
        self.references.push(Reference {
            kind,
            destination: destination.to_owned(),
            range,
        });
    }

    /// Where the destination itself stands within a link; the whole link if it isn't written out there.
    fn locate(&self, destination: &str, range: &Range<usize>) -> Range<usize> {
        let source = self.text.get(range.clone()).unwrap_or_default();
        match source.rfind(destination) {
            Some(at) if !destination.is_empty() => {
                range.start + at..range.start + at + destination.len()
            }
            _ => range.clone(),
        }
    }
}

fn contains_more(html: &str) -> bool {
    html.split("<!--").skip(1).any(|rest| {
        rest.split("-->")
            .next()
            .is_some_and(|name| name.trim() == "more")
    })
}
