//! Events to HTML, in the shapes that themes style.

use std::fmt::Write as _;

use pulldown_cmark::{Alignment, CodeBlockKind, Event, Tag, TagEnd};

use crate::{
    Options, Reference, Target, code_block, diagram,
    document::{Document, Heading},
    escape::escape_text,
    fence::Fence,
    html::{code::TabPosition, footnotes::Footnotes, task::ends_label},
    include::Includes,
    math::{self, Shape},
    outline::is_more,
};

mod alert;
mod code;
mod footnotes;
mod heading;
mod image;
mod link;
mod run;
mod session;
mod task;

/// Writes a document.
pub(crate) fn write(
    document: &Document<'_>,
    options: &Options<'_>,
    resolve: &dyn Fn(&Reference) -> Option<Target>,
    includes: Includes<'_>,
) -> String {
    let mut writer = Writer {
        out: String::with_capacity(document.text.len() * 2),
        document,
        options,
        resolve,
        headings: document.headings.iter(),
        heading: None,
        footnotes: Footnotes::of(&document.events),
        table: Vec::new(),
        in_head: false,
        column: 0,
        html_block: None,
        code: None,
        diagrams: 0,
        tab: TabPosition::default(),
        includes,
        alt: None,
        caption: None,
        named: false,
        in_label: false,
        in_title: false,
        written: 0,
    };
    for position in 0..document.events.len() {
        writer.event(position);
    }
    writer.footnotes.write(&mut writer.out, &options.labels);
    writer.out
}

struct Writer<'a> {
    out: String,
    document: &'a Document<'a>,
    options: &'a Options<'a>,
    resolve: &'a dyn Fn(&Reference) -> Option<Target>,
    headings: std::slice::Iter<'a, Heading>,
    heading: Option<&'a Heading>,
    footnotes: Footnotes,
    table: Vec<Alignment>,
    in_head: bool,
    column: usize,
    html_block: Option<String>,
    code: Option<(String, Fence<'a>)>,
    /// How many diagrams there were.
    diagrams: usize,
    tab: TabPosition,
    includes: Includes<'a>,
    /// Nesting of images and the alternative text gathered so far.
    alt: Option<(usize, String)>,
    /// Caption of the figure that the current paragraph is.
    caption: Option<&'a str>,
    /// Whether the current link says the title of its page in place of its own text.
    named: bool,
    /// Whether the text of a task is being written.
    in_label: bool,
    /// Whether the next paragraph, or the current one, is the title of an alert.
    in_title: bool,
    /// Bytes at the beginning of the next text that are written already.
    written: usize,
}

impl<'a> Writer<'a> {
    fn event(&mut self, position: usize) {
        let document: &'a Document<'a> = self.document;
        let Some((event, _)) = document.events.get(position) else {
            return;
        };
        if self.heading.is_some_and(|heading| heading.dropped)
            && !matches!(event, Event::End(TagEnd::Heading(_)))
        {
            return;
        }
        if self.alt.is_some() {
            return self.image_event(event);
        }
        if self.named && !matches!(event, Event::End(TagEnd::Link)) {
            return;
        }
        if self.in_label && ends_label(event) {
            self.out.push_str("</label>");
            self.in_label = false;
        }
        match event {
            Event::Start(tag) => self.start(tag, position),
            Event::End(tag) => self.end(*tag, position),
            Event::Text(text) => match &mut self.code {
                Some((code, _)) => code.push_str(text),
                None => self.text(text),
            },
            Event::Code(code) => {
                self.out.push_str("<code>");
                escape_text(&mut self.out, code);
                self.out.push_str("</code>");
            }
            Event::Html(html) => match &mut self.html_block {
                Some(block) => block.push_str(html),
                None => self.raw(html),
            },
            Event::InlineHtml(html) => self.raw(html),
            Event::FootnoteReference(name) => self.footnotes.reference(&mut self.out, name),
            Event::SoftBreak => self.out.push('\n'),
            Event::HardBreak => self.out.push_str("<br>\n"),
            Event::Rule => self.out.push_str("<hr>\n"),
            Event::TaskListMarker(done) => self.task(*done),
            Event::InlineMath(formula) => self.inline_formula(formula, position),
            Event::DisplayMath(formula) => self.formula(formula, Shape::Display),
        }
    }

    fn start(&mut self, tag: &'a Tag<'a>, position: usize) {
        match tag {
            Tag::Paragraph => self.paragraph(position),
            Tag::Heading { classes, .. } => {
                self.heading(classes.iter().map(|class| class.as_ref()))
            }
            Tag::BlockQuote(kind) => self.quote(*kind, position),
            Tag::CodeBlock(kind) => {
                let fence = match kind {
                    CodeBlockKind::Fenced(info) => Fence::parse(info),
                    CodeBlockKind::Indented => Fence::default(),
                };
                self.code = Some((String::new(), fence));
            }
            Tag::HtmlBlock => self.html_block = Some(String::new()),
            Tag::List(None) => self.out.push_str("<ul>\n"),
            Tag::List(Some(1)) => self.out.push_str("<ol>\n"),
            Tag::List(Some(start)) => self.put(format_args!("<ol start=\"{start}\">\n")),
            Tag::Item => self.item(position),
            Tag::FootnoteDefinition(name) => self.footnotes.start(&mut self.out, name),
            Tag::DefinitionList => self.out.push_str("<dl>\n"),
            Tag::DefinitionListTitle => self.out.push_str("<dt>"),
            Tag::DefinitionListDefinition => self.out.push_str("<dd>"),
            Tag::Table(alignments) => {
                self.table.clone_from(alignments);
                self.out
                    .push_str("<div class=\"table\" tabindex=\"0\"><table>\n");
            }
            Tag::TableHead => {
                (self.in_head, self.column) = (true, 0);
                self.out.push_str("<thead><tr>");
            }
            Tag::TableRow => {
                self.column = 0;
                self.out.push_str("<tr>");
            }
            Tag::TableCell => self.cell(),
            Tag::Emphasis => self.emphasis(position),
            Tag::Strong => self.out.push_str("<strong>"),
            Tag::Strikethrough => self.out.push_str("<del>"),
            Tag::Superscript => self.out.push_str("<sup>"),
            Tag::Subscript => self.out.push_str("<sub>"),
            Tag::Link {
                link_type,
                dest_url,
                title,
                ..
            } => self.link(*link_type, dest_url, title),
            Tag::Image {
                dest_url, title, ..
            } => {
                self.image(dest_url, title);
                self.alt = Some((1, String::new()));
            }
            Tag::MetadataBlock(_) => {}
        }
    }

    fn end(&mut self, tag: TagEnd, position: usize) {
        match tag {
            TagEnd::Paragraph => self.end_paragraph(),
            TagEnd::Heading(_) => self.end_heading(),
            TagEnd::BlockQuote(None) => self.out.push_str("</blockquote>\n"),
            TagEnd::BlockQuote(Some(_)) => self.out.push_str("</div>\n"),
            TagEnd::CodeBlock => self.end_code(position),
            TagEnd::HtmlBlock => {
                let block = self.html_block.take().unwrap_or_default();
                if !is_more(&block) {
                    self.raw(&block);
                }
            }
            TagEnd::List(false) => self.out.push_str("</ul>\n"),
            TagEnd::List(true) => self.out.push_str("</ol>\n"),
            TagEnd::Item => self.out.push_str("</li>\n"),
            TagEnd::FootnoteDefinition => self.footnotes.end(&mut self.out),
            TagEnd::DefinitionList => self.out.push_str("</dl>\n"),
            TagEnd::DefinitionListTitle => self.out.push_str("</dt>\n"),
            TagEnd::DefinitionListDefinition => self.out.push_str("</dd>\n"),
            TagEnd::Table => self.out.push_str("</tbody></table></div>\n"),
            TagEnd::TableHead => {
                self.in_head = false;
                self.out.push_str("</tr></thead>\n<tbody>\n");
            }
            TagEnd::TableRow => self.out.push_str("</tr>\n"),
            TagEnd::TableCell => {
                self.out
                    .push_str(if self.in_head { "</th>" } else { "</td>" });
                self.column += 1;
            }
            TagEnd::Emphasis => self.out.push_str("</em>"),
            TagEnd::Strong => self.out.push_str("</strong>"),
            TagEnd::Strikethrough => self.out.push_str("</del>"),
            TagEnd::Superscript => self.out.push_str("</sup>"),
            TagEnd::Subscript => self.out.push_str("</sub>"),
            TagEnd::Link => {
                self.named = false;
                self.out.push_str("</a>");
            }
            TagEnd::Image | TagEnd::MetadataBlock(_) => {}
        }
    }

    fn end_code(&mut self, position: usize) {
        let Some((code, fence)) = self.code.take() else {
            return;
        };
        let labels = &self.options.labels;
        let code = code_block::full(&fence, code, self.includes);
        // One that can't be drawn is shown as code; `scan` says so to the author.
        if diagram::is_diagram(fence.language) && self.diagram(&code) {
            return;
        }
        let Some(name) = fence.tab else {
            return code::write(&mut self.out, &fence, &code, labels);
        };
        code::open_tab(&mut self.out, name, &self.tab, labels);
        code::write(&mut self.out, &fence, &code, labels);
        let is_last = match self.document.events.get(position + 1) {
            Some((Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))), _)) => {
                Fence::parse(info).tab.is_none()
            }
            _ => true,
        };
        if is_last {
            self.out.push_str("</div>\n");
        }
        self.tab.advance(is_last);
    }

    fn cell(&mut self) {
        let name = if self.in_head { "th" } else { "td" };
        let align = match self.table.get(self.column) {
            Some(Alignment::Left) => " class=\"align-left\"",
            Some(Alignment::Center) => " class=\"align-center\"",
            Some(Alignment::Right) => " class=\"align-right\"",
            Some(Alignment::None) | None => "",
        };
        self.put(format_args!("<{name}{align}>"));
    }

    /// `false`, and nothing written, if the diagram can't be drawn.
    fn diagram(&mut self, source: &str) -> bool {
        let Options {
            labels, drawings, ..
        } = self.options;
        let number = self.diagrams + 1;
        let is_drawn = diagram::write(&mut self.out, source, number, labels, *drawings);
        self.diagrams += usize::from(is_drawn);
        is_drawn
    }

    /// A formula that is wrong is shown as it is written; `scan` says so to the author.
    fn formula(&mut self, formula: &str, shape: Shape) {
        match math::render(formula, shape, self.options.drawings) {
            Ok(mathml) => self.out.push_str(&mathml),
            Err(_) => {
                self.out.push_str("<code>");
                escape_text(&mut self.out, formula);
                self.out.push_str("</code>");
            }
        }
    }

    fn put(&mut self, arguments: std::fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = self.out.write_fmt(arguments);
    }
}
