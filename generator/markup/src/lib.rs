//! One Markdown text in, one HTML fragment out, with what a site must know about it.
//!
//! [`scan`] finds headings, links, the teaser and the author's mistakes; [`render`] makes HTML. A caller scans all
//! texts first, so that it can tell [`render`] where each link leads. This crate has never heard of a course, a
//! file or a URL scheme of a site.

mod alert;
mod anchor;
mod autolink;
mod balance;
mod code_block;
mod diagram;
mod document;
mod drawings;
mod escape;
mod fence;
mod highlight;
mod html;
mod include;
mod math;
mod outline;
mod raw_html;
mod scheme;
mod styles;
mod words;

use std::ops::Range;

use serde::Serialize;

pub use anchor::{is_slug, slugify};
pub use code_block::{CodeBlock, code_blocks};
pub use drawings::Drawings;
pub use escape::{escape_attribute, escape_text};
pub use fence::{Fence, Lines, Run};
pub use include::{Includes, no_includes};
pub use outline::{Outline, Teaser, scan};
pub use styles::stylesheet;
pub use words::Words;

/// What a text is rendered with.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'a> {
    /// Title of the page; a first heading of level 1 that says the same is left out, since the page shows it already.
    pub title: Option<&'a str>,
    /// Words that the HTML itself contains.
    pub labels: Labels<'a>,
    /// Whether what stands between `$` is a formula.
    pub math: bool,
    /// Characters from which on a line of code is reported as long; `None` for never.
    pub line_width: Option<usize>,
    /// Formulas and diagrams that were drawn before; `None` draws each anew. The output is the same.
    pub drawings: Option<&'a Drawings>,
}

/// Words that the HTML itself contains, in the language of the page.
#[derive(Debug, Clone, Copy)]
pub struct Labels<'a> {
    /// Titles of the five alerts: note, tip, important, warning, caution.
    pub alerts: [&'a str; 5],
    /// Accessible name of the `#` beside a heading.
    pub anchor: &'a str,
    /// Accessible name of the footnotes' section.
    pub footnotes: &'a str,
    /// Accessible name of the arrow that leads back from a footnote.
    pub back: &'a str,
    /// What a reader presses to see collapsed code without a file name.
    pub show_code: &'a str,
    /// What a reader presses to see the source of a diagram.
    pub diagram: &'a str,
    /// Kinds of diagrams: flowchart, sequence, class, state, entities, gantt, pie, and all others.
    pub diagram_kinds: [&'a str; 8],
    /// Accessible name of a choice between versions of the same code.
    pub tabs: &'a str,
}

impl Default for Labels<'_> {
    fn default() -> Self {
        Self {
            alerts: ["Note", "Tip", "Important", "Warning", "Caution"],
            anchor: "Link to this section",
            footnotes: "Footnotes",
            back: "Back to the text",
            show_code: "Show the code",
            diagram: "The diagram as text",
            diagram_kinds: [
                "Flowchart",
                "Sequence diagram",
                "Class diagram",
                "State diagram",
                "Entity-relationship diagram",
                "Gantt chart",
                "Pie chart",
                "Diagram",
            ],
            tabs: "Versions of this code",
        }
    }
}

/// What [`render`] makes of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fragment {
    /// HTML for the place between `<h1>` and the end of the article.
    pub html: String,
    /// Headings of level 2, with those of level 3 below them.
    pub toc: Vec<TocEntry>,
}

/// One heading in a table of contents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TocEntry {
    /// The heading's `id`.
    pub id: String,
    /// Its text without markup.
    pub title: String,
    /// 2 or 3.
    pub level: u8,
    /// Headings of level 3 below one of level 2.
    pub children: Vec<TocEntry>,
}

/// Something in the text that points elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// Whether it is followed or embedded.
    pub kind: ReferenceKind,
    /// Where it leads, as written but with entities decoded.
    pub destination: String,
    /// Bytes of the text where the destination stands, for messages.
    pub range: Range<usize>,
}

/// How a reference is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReferenceKind {
    /// A reader may follow it.
    Link,
    /// The page embeds it: an image, or `src` and `poster` in raw HTML.
    Embed,
    /// `[[name]]`: the page of that name; with an anchor after `#`.
    Name,
    /// A code fence shows it, or a part of it; the destination is the path without the part.
    Include,
}

/// Where a reference leads in the rendered page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// URL as it should stand in the attribute (not yet escaped for HTML).
    pub url: String,
    /// Width and height of an image in CSS pixels, if known.
    pub size: Option<(u32, u32)>,
    /// What a link by name says when the author says nothing else.
    pub title: Option<String>,
}

/// A mistake in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Whether the text can be published like this.
    pub severity: Severity,
    /// Stable name of the kind of mistake.
    pub code: &'static str,
    /// Bytes of the text it is about.
    pub range: Range<usize>,
    /// What is wrong: a lower-case fragment.
    pub message: String,
    /// How to mend it; may be empty.
    pub hint: String,
}

/// How bad a [`Problem`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Severity {
    /// Must be mended before publishing.
    Error,
    /// Worth a look.
    Warning,
}

/// Renders a text. Whatever the text holds, the HTML is well-formed apart from the author's own raw HTML.
///
/// `resolve` is asked for every reference; its answer is written as it is, `None` leaves the destination as written.
/// `includes` is asked for the text of files that fences include. Mistakes are not repeated here: [`scan`] reports them.
pub fn render(
    text: &str,
    options: &Options<'_>,
    resolve: &dyn Fn(&Reference) -> Option<Target>,
    includes: Includes<'_>,
) -> Fragment {
    let document = document::Document::parse(text, options);
    Fragment {
        html: html::write(&document, options, resolve, includes),
        toc: document.toc(),
    }
}
