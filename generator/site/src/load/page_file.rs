//! Pages and posts as written.

use jiff::{Timestamp, civil::Date};

use crate::{
    diagnostic::Diagnostic,
    load::{
        fields::{Fields, Placed},
        front_matter,
    },
    text::SourceText,
};

/// A page below `content/pages/` or a post below `content/posts/`.
#[derive(Debug, Clone)]
pub(crate) struct PageFile {
    pub(crate) title: Option<Placed<String>>,
    pub(crate) summary: Option<String>,
    /// Posts only.
    pub(crate) date: Option<Date>,
    pub(crate) draft: bool,
    pub(crate) publish_at: Option<Timestamp>,
    /// Byte where the body begins.
    pub(crate) body: usize,
}

/// Which of the two a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PageKind {
    Page,
    Post,
}

impl PageFile {
    /// Reads a page or a post; the original of a post needs a date.
    pub(crate) fn read(
        text: &SourceText,
        kind: PageKind,
        is_translation: bool,
        report: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let front_matter = front_matter::read(text, report)?;
        let mut fields = Fields::new(text, front_matter.table, report);
        if is_translation {
            fields.refuse(
                &["date", "draft", "publish_at"],
                "belongs in the original, not in a translation",
                "delete it here",
            );
        }
        let date = match kind {
            PageKind::Post => fields.date("date"),
            PageKind::Page => None,
        };
        let file = Self {
            title: fields.required_text("title"),
            summary: fields.text("summary").map(|summary| summary.value),
            date,
            draft: fields.flag("draft").is_some_and(|draft| draft.value),
            publish_at: fields.moment("publish_at"),
            body: front_matter.body,
        };
        fields.finish();
        if kind == PageKind::Post
            && !is_translation
            && file.date.is_none()
            && !report
                .iter()
                .any(|d| d.path == text.path && d.message.starts_with("\"date\""))
        {
            report.push(text.error(
                0,
                "missing-key",
                "\"date\" is missing",
                "add date = 2026-03-01 to the front matter",
            ));
        }
        Some(file)
    }
}
