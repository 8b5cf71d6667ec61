//! A text file of the site: normalised once, and able to say where a byte of it stands.

use std::ops::Range;

use crate::diagnostic::{Diagnostic, Place, Severity};

/// What a diagnostic is about: a byte of a text, or a range of bytes.
pub(crate) trait Spot {
    fn start(&self) -> usize;
    /// The byte after the last one; `None` where only the start is known.
    fn end(&self) -> Option<usize>;
}

impl Spot for usize {
    fn start(&self) -> usize {
        *self
    }

    fn end(&self) -> Option<usize> {
        None
    }
}

impl Spot for Range<usize> {
    fn start(&self) -> usize {
        self.start
    }

    fn end(&self) -> Option<usize> {
        Some(self.end)
    }
}

/// A text file: UTF-8 without byte order mark, lines ending in `\n`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SourceText {
    /// Path below the site's folder.
    pub(crate) path: String,
    /// Normalised text; columns in it are those an editor shows.
    pub(crate) text: String,
}

impl SourceText {
    /// Reads bytes; what is not UTF-8 is reported with the offset of the first wrong byte, and so is a control
    /// character, which has no place in a page.
    pub(crate) fn read(path: &str, bytes: &[u8], report: &mut Vec<Diagnostic>) -> Option<Self> {
        let whole = bytes.len();
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        match std::str::from_utf8(bytes) {
            Ok(text) => {
                let text = Self {
                    path: path.to_owned(),
                    text: text.replace("\r\n", "\n").replace('\r', "\n"),
                };
                report.extend(text.control_character());
                Some(text)
            }
            Err(error) => {
                let offset = error.valid_up_to();
                let valid = bytes.get(..offset).unwrap_or_default();
                let before = String::from_utf8_lossy(valid).into_owned();
                let text = Self {
                    path: path.to_owned(),
                    text: before,
                };
                let byte = offset + whole - bytes.len();
                report.push(text.error(
                    offset,
                    "encoding",
                    format!("not UTF-8: byte {byte} has no meaning in it"),
                    "save the file as UTF-8",
                ));
                None
            }
        }
    }

    /// The first character that neither shows nor moves anything on a page.
    fn control_character(&self) -> Option<Diagnostic> {
        let is_control = |ch: char| ch.is_control() && !matches!(ch, '\n' | '\t');
        let (at, ch) = self.text.char_indices().find(|(_, ch)| is_control(*ch))?;
        Some(self.error(
            at..at + ch.len_utf8(),
            "control-character",
            format!(
                "the invisible character U+{:04X} has no place in a page",
                u32::from(ch)
            ),
            "delete it; output of a terminal may hold some for colours",
        ))
    }

    /// An error at a byte, or over a range of bytes.
    pub(crate) fn error(
        &self,
        spot: impl Spot,
        code: &'static str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Diagnostic {
        let offset = self.boundary(spot.start());
        let (before, after) = self.text.split_at(offset);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line_end = after.find('\n').map_or(self.text.len(), |at| offset + at);
        let (line, column) = self.line_and_column(offset);
        let end = spot.end().map(|end| self.boundary(end));
        let end = end.filter(|end| *end > offset);
        let end = end.map(|end| self.line_and_column(end));
        Diagnostic {
            path: self.path.clone(),
            line,
            column,
            end_line: end.map(|(line, _)| line),
            end_column: end.map(|(_, column)| column),
            severity: Severity::Error,
            code,
            message: message.into(),
            hint: hint.into(),
            excerpt: self
                .text
                .get(line_start..line_end)
                .unwrap_or_default()
                .to_owned(),
        }
    }

    /// The nearest place at or before a byte where a character begins.
    fn boundary(&self, offset: usize) -> usize {
        (0..=offset.min(self.text.len()))
            .rev()
            .find(|at| self.text.is_char_boundary(*at))
            .unwrap_or(0)
    }

    /// Line and column of a byte at which a character begins, from 1.
    fn line_and_column(&self, offset: usize) -> (usize, usize) {
        let before = self.text.get(..offset).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let column = before.get(line_start..).unwrap_or_default().chars().count() + 1;
        (before.matches('\n').count() + 1, column)
    }

    /// Where a byte stands.
    pub(crate) fn place(&self, offset: usize) -> Place {
        let found = self.error(offset, "", "", "");
        Place {
            path: found.path,
            line: found.line,
            column: found.column,
        }
    }

    /// Line of a byte offset, from 1.
    pub(crate) fn line(&self, offset: usize) -> usize {
        self.text
            .bytes()
            .take(offset)
            .filter(|byte| *byte == b'\n')
            .count()
            + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn byte_order_mark_and_carriage_returns_are_normalised() {
        let text =
            SourceText::read("a.md", b"\xef\xbb\xbfone\r\ntwo\rthree\n", &mut Vec::new()).unwrap();
        assert_eq!(text.text, "one\ntwo\nthree\n");
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_placed() {
        let mut report = Vec::new();
        assert!(SourceText::read("a.md", b"ab\nc\xe9d", &mut report).is_none());
        assert_eq!(
            (report[0].line, report[0].column, report[0].code),
            (2, 2, "encoding")
        );
        assert!(report[0].message.contains("byte 4"));
    }

    #[test]
    fn columns_count_characters() {
        let text = SourceText {
            path: "a.md".to_owned(),
            text: "一二三 x\n".to_owned(),
        };
        let error = text.error(10, "x", "", "");
        assert_eq!((error.line, error.column), (1, 5));
        assert_eq!((error.end_line, error.end_column), (None, None));
        let range = text.error(3..9, "x", "", "");
        assert_eq!((range.line, range.column), (1, 2));
        assert_eq!((range.end_line, range.end_column), (Some(1), Some(4)));
        assert_eq!(text.error(3..3, "x", "", "").end_line, None);
        assert_eq!(text.error(10..12, "x", "", "").end_line, Some(2));
        assert_eq!(text.error(999, "x", "", "").line, 2);
    }
}
