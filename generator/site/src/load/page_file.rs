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
    /// Whether it has formulas; `None` for as the site.
    pub(crate) math: Option<bool>,
    /// Addresses that it had before.
    pub(crate) aliases: Vec<Placed<String>>,
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
        let body = front_matter.body;
        let mut fields = Fields::of(text, front_matter, report);
        if is_translation {
            fields.refuse(
                &["date", "draft", "publish_at", "math"],
                "belongs in the original, not in a translation",
                "delete it here",
            );
        }
        let date = match (kind, is_translation) {
            (PageKind::Post, false) => fields.required_date("date"),
            _ => None,
        };
        let file = Self {
            title: fields.required_text("title"),
            summary: fields.text("summary").map(|summary| summary.value),
            date,
            draft: fields.flag("draft").is_some_and(|draft| draft.value),
            publish_at: fields.moment("publish_at"),
            math: fields.flag("math").map(|math| math.value),
            aliases: fields.texts("aliases"),
            body,
        };
        fields.finish();
        Some(file)
    }
}
