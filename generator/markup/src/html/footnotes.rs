//! Footnotes: numbered by their first reference, collected at the end.

use std::{collections::BTreeMap, fmt::Write as _, ops::Range};

use pulldown_cmark::{Event, Tag};

use crate::{
    Labels,
    escape::{escape_attribute, escape_text},
};

/// The footnotes of one text while it is written.
pub(super) struct Footnotes {
    notes: BTreeMap<String, Note>,
    /// Names in order of first reference.
    order: Vec<String>,
    /// The text before the definition that is being written, and that definition's name.
    open: Vec<(String, String)>,
}

#[derive(Default)]
struct Note {
    html: String,
    /// 0 until it is referred to.
    number: usize,
    references: usize,
}

impl Footnotes {
    /// Knows every definition beforehand, so that a reference without one stays text.
    pub(super) fn of(events: &[(Event<'_>, Range<usize>)]) -> Self {
        let notes = events.iter().filter_map(|(event, _)| match event {
            Event::Start(Tag::FootnoteDefinition(name)) => {
                Some((name.to_string(), Note::default()))
            }
            _ => None,
        });
        Self {
            notes: notes.collect(),
            order: Vec::new(),
            open: Vec::new(),
        }
    }

    /// Writes a reference.
    pub(super) fn reference(&mut self, out: &mut String, name: &str) {
        let Some(note) = self.notes.get_mut(name) else {
            out.push_str("[^");
            escape_text(out, name);
            return out.push(']');
        };
        note.references += 1;
        if note.number == 0 {
            self.order.push(name.to_owned());
            note.number = self.order.len();
        }
        let number = note.number;
        let back = back_id(number, note.references);
        let _ = write!(
            out,
            "<sup class=\"footnote\"><a href=\"#fn:{number}\" id=\"{back}\" role=\"doc-noteref\">{number}</a></sup>"
        );
    }

    /// Sets the text so far aside until the definition has ended.
    pub(super) fn start(&mut self, out: &mut String, name: &str) {
        self.open.push((std::mem::take(out), name.to_owned()));
    }

    /// Keeps the definition and goes on with the text before it.
    pub(super) fn end(&mut self, out: &mut String) {
        let Some((before, name)) = self.open.pop() else {
            return;
        };
        let html = std::mem::replace(out, before);
        if let Some(note) = self.notes.get_mut(&name) {
            note.html = html;
        }
    }

    /// Writes the section with all notes that are referred to.
    pub(super) fn write(&self, out: &mut String, labels: &Labels<'_>) {
        if self.order.is_empty() {
            return;
        }
        out.push_str("<section class=\"footnotes\" role=\"doc-endnotes\" aria-label=\"");
        escape_attribute(out, labels.footnotes);
        out.push_str("\"><ol>\n");
        for note in self.order.iter().filter_map(|name| self.notes.get(name)) {
            let number = note.number;
            let _ = write!(out, "<li id=\"fn:{number}\">");
            let (body, tail) = match note.html.trim_end().strip_suffix("</p>") {
                Some(body) => (body, "</p>"),
                None => (note.html.as_str(), ""),
            };
            out.push_str(body);
            for reference in 1..=note.references {
                let back = back_id(number, reference);
                let _ = write!(
                    out,
                    " <a class=\"footnote-back\" href=\"#{back}\" role=\"doc-backlink\" aria-label=\""
                );
                escape_attribute(out, labels.back);
                out.push_str("\">↩</a>");
            }
            out.push_str(tail);
            out.push_str("</li>\n");
        }
        out.push_str("</ol></section>\n");
    }
}

/// No heading has such an id: there is no colon in a slug.
fn back_id(number: usize, reference: usize) -> String {
    match reference {
        1 => format!("fnref:{number}"),
        _ => format!("fnref:{number}:{reference}"),
    }
}
