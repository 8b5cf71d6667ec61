//! What could not be carried over, one by one, at its place in the book.

use tuition_site::{Diagnostic, Severity};

/// Collects notes.
#[derive(Debug, Default)]
pub(super) struct Notes(Vec<Diagnostic>);

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
        self.0.push(Diagnostic {
            path: path.to_owned(),
            line: before.matches('\n').count() + 1,
            column,
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
        self.0.push(Diagnostic {
            path: path.to_owned(),
            line,
            column: 1,
            severity: Severity::Warning,
            code,
            message: message.into(),
            hint: hint.into(),
            excerpt: String::new(),
        });
    }

    /// All of them by path and line, none twice.
    pub(super) fn into_sorted(mut self) -> Vec<Diagnostic> {
        self.0.sort();
        self.0.dedup();
        self.0
    }
}
