//! Items of lists, and tasks: a box that is ticked or not, with its words as its label.

use pulldown_cmark::{Event, Tag, TagEnd};

use super::Writer;

/// Whether the words of a task are over: its item ends, or a list or another block begins in it.
pub(super) fn ends_label(event: &Event<'_>) -> bool {
    match event {
        Event::End(TagEnd::Item | TagEnd::Paragraph) => true,
        Event::Start(tag) => !matches!(
            tag,
            Tag::Emphasis
                | Tag::Strong
                | Tag::Strikethrough
                | Tag::Superscript
                | Tag::Subscript
                | Tag::Link { .. }
                | Tag::Image { .. }
        ),
        Event::Rule | Event::Html(_) => true,
        _ => false,
    }
}

impl Writer<'_> {
    pub(super) fn item(&mut self, position: usize) {
        let next = |offset: usize| {
            self.document
                .events
                .get(position + offset)
                .map(|(event, _)| event)
        };
        let is_task = match next(1) {
            Some(Event::TaskListMarker(_)) => true,
            Some(Event::Start(Tag::Paragraph)) => matches!(next(2), Some(Event::TaskListMarker(_))),
            _ => false,
        };
        self.out.push_str(if is_task {
            "<li class=\"task\">"
        } else {
            "<li>"
        });
    }

    pub(super) fn task(&mut self, done: bool) {
        let state = if done { " checked" } else { "" };
        self.put(format_args!(
            "<label><input type=\"checkbox\" disabled{state}> "
        ));
        self.in_label = true;
    }
}
