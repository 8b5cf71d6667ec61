//! Quotes and alerts.

use pulldown_cmark::BlockQuoteKind;

use super::Writer;
use crate::escape::escape_text;

impl Writer<'_> {
    /// An alert says what it is in words, whether or not the author gives it a title besides.
    pub(super) fn quote(&mut self, kind: Option<BlockQuoteKind>, position: usize) {
        let (class, label) = match kind {
            None => return self.out.push_str("<blockquote>\n"),
            Some(BlockQuoteKind::Note) => ("note", 0),
            Some(BlockQuoteKind::Tip) => ("tip", 1),
            Some(BlockQuoteKind::Important) => ("important", 2),
            Some(BlockQuoteKind::Warning) => ("warning", 3),
            Some(BlockQuoteKind::Caution) => ("caution", 4),
        };
        let name = self.options.labels.alerts.get(label).copied();
        self.put(format_args!(
            "<div class=\"alert {class}\" role=\"note\"><p class=\"alert-title\">"
        ));
        self.in_title = self.document.alert_titles.contains(&(position + 1));
        if self.in_title {
            self.out.push_str("<span class=\"alert-kind\">");
        }
        escape_text(&mut self.out, name.unwrap_or(class));
        // The paragraph that follows is the rest of the title.
        self.out
            .push_str(if self.in_title { "</span> " } else { "</p>\n" });
    }
}
