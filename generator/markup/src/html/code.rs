//! Code blocks: highlighted, with what the fence says about file, lines and tabs.

use std::fmt::Write as _;

use super::session;
use crate::{
    Labels,
    code_block::{differs, lines},
    escape::{escape_attribute, escape_text},
    fence::Fence,
    highlight::{self, Highlighter},
};

/// Writes a block as a figure.
pub(super) fn write(out: &mut String, fence: &Fence<'_>, code: &str, labels: &Labels<'_>) {
    out.push_str("<figure class=\"code\"");
    if !fence.language.is_empty() {
        out.push_str(" data-lang=\"");
        escape_attribute(out, fence.language);
        out.push('"');
    }
    if fence.runnable {
        out.push_str(" data-run=\"");
        escape_attribute(out, fence.edition.unwrap_or_default());
        out.push('"');
    }
    out.push('>');
    if fence.collapse {
        out.push_str("<details><summary>");
        escape_text(out, fence.file.unwrap_or(labels.show_code));
        out.push_str("</summary>");
    } else if let Some(file) = fence.file {
        out.push_str("<figcaption>");
        escape_text(out, file);
        out.push_str("</figcaption>");
    }
    out.push_str("<pre tabindex=\"0\"><code>");
    inner(out, fence, code);
    out.push_str("</code></pre>");
    if fence.collapse {
        out.push_str("</details>");
    }
    out.push_str("</figure>\n");
}

fn inner(out: &mut String, fence: &Fence<'_>, code: &str) {
    // An unknown language is plain; `scan` says so to the author.
    let syntax = highlight::find(fence.language).unwrap_or_default();
    if fence.has_line_marks() || differs(fence, code) {
        by_line(out, fence, code, &mut Highlighter::new(syntax));
    } else if highlight::is_session(fence.language) {
        session::write(out, code);
    } else {
        highlight::write(out, code, syntax);
    }
}

/// Each shown line by itself: as new, gone or marked where the fence says so, with its number where lines have numbers.
fn by_line(out: &mut String, fence: &Fence<'_>, code: &str, highlighter: &mut Highlighter) {
    let mut number = fence.first_line;
    for (line, position) in lines(fence, code).zip(1..) {
        // A hidden line may begin a comment or a string, so the highlighter sees it too.
        let html = highlighter.next(line.text);
        if line.is_hidden {
            // What runs it needs it.
            if fence.runnable {
                out.push_str("<span hidden>");
                escape_text(out, line.text);
                out.push_str("</span>");
            }
            continue;
        }
        let tag = if fence.del.contains(position) {
            Some("del")
        } else if fence.add.contains(position) {
            Some("ins")
        } else if fence.mark.contains(position) {
            Some("mark")
        } else {
            number.map(|_| "span")
        };
        let Some(tag) = tag else {
            out.push_str(&html);
            continue;
        };
        out.push('<');
        out.push_str(tag);
        if let Some(number) = &mut number {
            // Writing to a String cannot fail.
            let _ = write!(out, " data-n=\"{number}\"");
            *number = number.saturating_add(1);
        }
        out.push('>');
        out.push_str(&html);
        let _ = write!(out, "</{tag}>");
    }
}

/// Opens a group of tabs before the first block that is one, and names each. Radio buttons choose, so that it works
/// without a script; a style sheet that can't hide the others shows all.
pub(super) fn open_tab(out: &mut String, name: &str, position: &TabPosition, labels: &Labels<'_>) {
    if position.in_group == 0 {
        out.push_str("<div class=\"tabs\" role=\"radiogroup\" aria-label=\"");
        escape_attribute(out, labels.tabs);
        out.push_str("\">\n");
    }
    let checked = if position.in_group == 0 {
        " checked"
    } else {
        ""
    };
    let _ = write!(
        out,
        "<label><input type=\"radio\" name=\"tabs-{}\"{checked}>",
        position.group
    );
    escape_text(out, name);
    out.push_str("</label>");
}

/// Where a tab is among those of its text.
#[derive(Debug, Default)]
pub(super) struct TabPosition {
    /// Number of the group, from 0.
    pub(super) group: usize,
    /// Number of the tab in it, from 0.
    pub(super) in_group: usize,
}

impl TabPosition {
    /// Goes on, in the same group or with the next.
    pub(super) fn advance(&mut self, is_last: bool) {
        match is_last {
            true => (self.group, self.in_group) = (self.group + 1, 0),
            false => self.in_group += 1,
        }
    }
}
