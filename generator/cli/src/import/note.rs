//! What could not be carried over, one by one, at its place in the book.

use std::collections::BTreeMap;

use tuition_site::{Diagnostic, Severity};

/// Collects notes.
#[derive(Debug, Default)]
pub(super) struct Notes {
    all: Vec<Diagnostic>,
    /// By code and message: the first of a kind, and how many there are.
    kinds: BTreeMap<(&'static str, String), (Diagnostic, usize)>,
}

impl Notes {
    /// A note about a byte of a text of the book.
    pub(super) fn text(
        &mut self,
        path: &str,
        text: &str,
        at: usize,
        code: &'static str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        let before = text.get(..at).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
        let excerpt = text
            .get(line_start..)
            .and_then(|rest| rest.lines().next())
            .unwrap_or_default();
        self.all.push(Diagnostic {
            path: path.to_owned(),
            line: before.matches('\n').count() + 1,
            column,
            end_line: None,
            end_column: None,
            severity: Severity::Warning,
            code,
            message: message.into(),
            hint: hint.into(),
            excerpt: excerpt.to_owned(),
        });
    }

    /// A note about a line, from 1.
    pub(super) fn line(
        &mut self,
        path: &str,
        line: usize,
        code: &'static str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.all
            .push(of_line(path, line, code, message.into(), hint.into()));
    }

    /// A note about a line, from 1, that is told once for all places that say the same, with their number. The hint
    /// is that of the first.
    pub(super) fn kind(
        &mut self,
        path: &str,
        line: usize,
        code: &'static str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        let message = message.into();
        let found = self.kinds.entry((code, message.clone()));
        let (_, count) =
            found.or_insert_with(|| (of_line(path, line, code, message, hint.into()), 0));
        *count += 1;
    }

    /// All of them by path and line, none twice.
    pub(super) fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.all
            .extend(self.kinds.into_values().map(|(mut note, count)| {
                if count > 1 {
                    note.message = format!("{} ({count} times, here first)", note.message);
                }
                note
            }));
        self.all.sort();
        self.all.dedup();
        self.all
    }
}

fn of_line(
    path: &str,
    line: usize,
    code: &'static str,
    message: String,
    hint: String,
) -> Diagnostic {
    Diagnostic {
        path: path.to_owned(),
        line,
        column: 1,
        end_line: None,
        end_column: None,
        severity: Severity::Warning,
        code,
        message,
        hint,
        excerpt: String::new(),
    }
}
