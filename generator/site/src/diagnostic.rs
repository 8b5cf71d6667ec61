//! What an author did wrong, as a value: place, severity, code, text and hint.

use std::fmt;

use serde::Serialize;

/// One mistake, or something worth a look.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Diagnostic {
    /// Path below the site's folder, with `/` (`content/courses/rust/course.md`).
    pub path: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    #[serde(rename = "col")]
    pub column: usize,
    /// Line of the end, from 1; absent where only the start is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_line: Option<usize>,
    /// Column behind the last character, from 1; there exactly when the line of the end is.
    #[serde(rename = "end_col", skip_serializing_if = "Option::is_none")]
    pub end_column: Option<usize>,
    /// Whether the site can be published like this.
    pub severity: Severity,
    /// Stable name of the kind of mistake.
    pub code: &'static str,
    /// What is wrong: a lower-case fragment. Further lines, if there are any, are what a tool said about it.
    pub message: String,
    /// How to mend it.
    pub hint: String,
    /// The line of the source, for people; not part of the JSON.
    #[serde(skip)]
    pub excerpt: String,
}

/// Where something stands that a diagnostic may be about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Path below the site's folder, with `/`.
    pub path: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl Place {
    /// An error here. Lines of the message after the first are what a tool said.
    #[must_use]
    pub fn error(
        &self,
        code: &'static str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Diagnostic {
        Diagnostic {
            line: self.line,
            column: self.column,
            ..Diagnostic::file(&self.path, code, message, hint)
        }
    }
}

/// How bad a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Nothing is published until it is mended.
    Error,
    /// Published all the same.
    Warning,
}

impl Diagnostic {
    /// An error about a file as a whole.
    pub(crate) fn file(
        path: &str,
        code: &'static str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self {
            path: path.to_owned(),
            line: 1,
            column: 1,
            end_line: None,
            end_column: None,
            severity: Severity::Error,
            code,
            message: message.into(),
            hint: hint.into(),
            excerpt: String::new(),
        }
    }

    /// The same as a warning.
    pub(crate) fn into_warning(self) -> Self {
        Self {
            severity: Severity::Warning,
            ..self
        }
    }

    /// Whether it keeps the site from being published.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// `path:line:col: error[code]: what`, the line it is about with a caret, and the hint.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let mut lines = self.message.lines();
        let what = lines.next().unwrap_or_default();
        write!(
            f,
            "{}:{}:{}: {severity}[{}]: {what}",
            self.path, self.line, self.column, self.code
        )?;
        for line in lines {
            write!(f, "\n{}", format!("  | {line}").trim_end())?;
        }
        if !self.excerpt.is_empty() {
            let (excerpt, caret) = excerpt(&self.excerpt, self.column);
            write!(f, "\n  | {excerpt}\n  | {caret}^")?;
        }
        if !self.hint.is_empty() {
            write!(f, "\n  hint: {}", self.hint)?;
        }
        Ok(())
    }
}

/// At most 100 characters of a line around a column, and the space that leads to it.
fn excerpt(line: &str, column: usize) -> (String, String) {
    let skipped = column.saturating_sub(60);
    let shown: String = line
        .chars()
        .skip(skipped)
        .take(100)
        .map(|ch| if ch.is_control() { ' ' } else { ch })
        .collect();
    let lead = shown
        .chars()
        .take(column.saturating_sub(skipped).saturating_sub(1));
    // A wide character takes two columns of a terminal.
    let caret = lead
        .map(|ch| if is_wide(ch) { "  " } else { " " })
        .collect();
    (shown, caret)
}

fn is_wide(ch: char) -> bool {
    matches!(ch, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' | '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}')
}

/// Sorts by path, line and column, and drops what was said twice.
pub(crate) fn tidy(diagnostics: &mut Vec<Diagnostic>) {
    diagnostics.sort_by(|a, b| (&a.path, a.line, a.column, a).cmp(&(&b.path, b.line, b.column, b)));
    diagnostics.dedup();
}
