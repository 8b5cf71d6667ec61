//! What typography asks of a run of text: marks of punctuation that stay with a formula, emphasis of each script.

use pulldown_cmark::{Event, Tag, TagEnd};

use super::Writer;
use crate::{escape::escape_text, math::Shape};

/// Marks that don't begin a line. Browsers keep them with a word, but may break after a formula, which is a thing by
/// itself to them (CSS Text 3, 5.1).
const CLOSING: &str = "，。；：、！？）》」』】”’…％,.;:!?)]%";

/// Stands between the ends of a range in Chinese, and doesn't begin a line either: browsers take it for a letter (UAX 14, class ID),
/// other than U+301C, which looks the same.
const TILDE: char = '～';

impl<'a> Writer<'a> {
    pub(super) fn text(&mut self, text: &str) {
        let from = std::mem::take(&mut self.written);
        let mut rest = text.get(from..).unwrap_or_default();
        while let Some((before, after)) = rest.split_once(TILDE) {
            let last = before.char_indices().next_back().map_or(0, |(at, _)| at);
            let (free, kept) = before.split_at(last);
            escape_text(&mut self.out, free);
            if kept.is_empty() {
                self.out.push(TILDE);
            } else {
                self.out.push_str("<span class=\"keep\">");
                escape_text(&mut self.out, kept);
                self.out.push(TILDE);
                self.out.push_str("</span>");
            }
            rest = after;
        }
        escape_text(&mut self.out, rest);
    }

    /// A formula in a line, and what must not be parted from it.
    pub(super) fn inline_formula(&mut self, formula: &str, position: usize) {
        let document = self.document;
        let next = match document.events.get(position + 1) {
            Some((Event::Text(text), _)) => text.as_ref(),
            _ => "",
        };
        let rest = next.trim_start_matches(|ch| CLOSING.contains(ch));
        let marks = next.strip_suffix(rest).unwrap_or_default();
        if marks.is_empty() {
            return self.formula(formula, Shape::Inline);
        }
        self.out.push_str("<span class=\"keep\">");
        self.formula(formula, Shape::Inline);
        escape_text(&mut self.out, marks);
        self.out.push_str("</span>");
        self.written = marks.len();
    }

    /// Scripts of East Asia are emphasised by dots, not by a slant, and Latin in their midst is not.
    pub(super) fn emphasis(&mut self, position: usize) {
        let document = self.document;
        let from = document.events.get(position + 1..).unwrap_or_default();
        let mut depth = 1_usize;
        let inside = from.iter().take_while(|(event, _)| {
            match event {
                Event::Start(Tag::Emphasis) => depth += 1,
                Event::End(TagEnd::Emphasis) => depth -= 1,
                _ => {}
            }
            depth > 0
        });
        let is_han = inside
            .filter_map(|(event, _)| match event {
                Event::Text(text) => Some(text),
                _ => None,
            })
            .any(|text| text.chars().any(is_east_asian));
        self.out.push_str(match is_han {
            true => "<em class=\"han\">",
            false => "<em>",
        });
    }
}

/// Han, kana, hangul.
fn is_east_asian(ch: char) -> bool {
    matches!(
        ch,
        '\u{2e80}'..='\u{2fff}'
            | '\u{3040}'..='\u{9fff}'
            | '\u{ac00}'..='\u{d7af}'
            | '\u{f900}'..='\u{faff}'
            | '\u{20000}'..='\u{3ffff}'
    )
}
