//! Pictures, and figures: a picture with a caption. Inside a picture everything is alternative text.

use pulldown_cmark::{Event, Tag, TagEnd};

use super::Writer;
use crate::{
    ReferenceKind,
    escape::{escape_attribute, escape_text, escape_url},
};

impl Writer<'_> {
    /// A picture with a title that stands alone is a figure, and the title its caption.
    pub(super) fn paragraph(&mut self, position: usize) {
        if self.in_title {
            return;
        }
        let from = self.document.events.get(position + 1..).unwrap_or_default();
        let end = from
            .iter()
            .position(|(event, _)| matches!(event, Event::End(TagEnd::Image)));
        let is_alone = end.is_some_and(|end| {
            matches!(from.get(end + 1), Some((Event::End(TagEnd::Paragraph), _)))
        });
        self.caption = match from.first() {
            Some((Event::Start(Tag::Image { title, .. }), _)) if is_alone && !title.is_empty() => {
                Some(title)
            }
            _ => None,
        };
        self.out.push_str(match self.caption {
            Some(_) => "<figure>",
            None => "<p>",
        });
    }

    pub(super) fn end_paragraph(&mut self) {
        self.in_title = false;
        let Some(caption) = self.caption.take() else {
            return self.out.push_str("</p>\n");
        };
        self.out.push_str("<figcaption>");
        escape_text(&mut self.out, caption);
        self.out.push_str("</figcaption></figure>\n");
    }

    pub(super) fn image(&mut self, destination: &str, title: &str) {
        let target = self.resolve(ReferenceKind::Embed, destination);
        let (url, size) = target.map_or_else(
            || (destination.to_owned(), None),
            |target| (target.url, target.size),
        );
        self.out.push_str("<img src=\"");
        escape_url(&mut self.out, &url);
        if self.caption.is_none() {
            self.title(title);
        }
        self.out.push('"');
        if let Some((width, height)) = size {
            self.put(format_args!(" width=\"{width}\" height=\"{height}\""));
        }
        self.out
            .push_str(" loading=\"lazy\" decoding=\"async\" alt=\"");
    }

    /// Inside an image everything is alternative text.
    pub(super) fn image_event(&mut self, event: &Event<'_>) {
        let Some((depth, alt)) = &mut self.alt else {
            return;
        };
        match event {
            Event::Start(Tag::Image { .. }) => *depth += 1,
            Event::End(TagEnd::Image) => *depth -= 1,
            Event::Text(text)
            | Event::Code(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text) => alt.push_str(text),
            Event::SoftBreak | Event::HardBreak => alt.push(' '),
            _ => {}
        }
        if *depth == 0
            && let Some((_, alt)) = self.alt.take()
        {
            escape_attribute(&mut self.out, &alt);
            self.out.push_str("\">");
        }
    }
}
