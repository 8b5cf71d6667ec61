//! An info string cut into words: `name` or `name=value`, the value in quotes or not.

use std::ops::Range;

use super::{Lines, Mistake};
use crate::Severity;

/// One word of an info string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word<'a> {
    pub(super) name: &'a str,
    /// Without its quotes; there are no escapes in it.
    pub(super) value: Option<&'a str>,
    /// Bytes of the name and the value.
    pub(super) range: Range<usize>,
    /// Bytes of the value alone; those of the name when there is none.
    value_range: Range<usize>,
    pub(super) in_braces: bool,
}

/// The words of an info string. `{.class}` and `{#id}`, which other tools read, are no words.
pub(super) fn words(info: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut at = 0;
    let mut in_braces = false;
    while let Some(ch) = info.get(at..).and_then(|rest| rest.chars().next()) {
        match ch {
            '{' | '}' => in_braces = ch == '{',
            ch if is_gap(ch) => {}
            _ => {
                let word = word(info, at, in_braces);
                at = end_of(info, &word);
                if !(in_braces && word.name.starts_with(['.', '#'])) {
                    words.push(word);
                }
                continue;
            }
        }
        at += ch.len_utf8();
    }
    words
}

fn is_gap(ch: char) -> bool {
    ch.is_whitespace() || ch == ','
}

fn word(info: &str, start: usize, in_braces: bool) -> Word<'_> {
    let rest = info.get(start..).unwrap_or_default();
    let is_end = |ch: char| is_gap(ch) || matches!(ch, '{' | '}');
    let end = rest
        .find(|ch| is_end(ch) || ch == '=')
        .unwrap_or(rest.len());
    let (name, after) = rest.split_at(end);
    let name_range = start..start + end;
    let Some(value) = after.strip_prefix('=').filter(|_| !name.is_empty()) else {
        // A word that begins with an equals sign is one, whatever it means.
        let end = match name.is_empty() {
            true => rest
                .char_indices()
                .skip(1)
                .find(|(_, ch)| is_end(*ch))
                .map_or(rest.len(), |(at, _)| at),
            false => end,
        };
        return Word {
            name: rest.get(..end).unwrap_or_default(),
            value: None,
            range: start..start + end,
            value_range: start..start + end,
            in_braces,
        };
    };
    let value_start = name_range.end + 1;
    let quote = value.chars().next().filter(|ch| matches!(ch, '"' | '\''));
    let (value, value_start) = match quote {
        Some(quote) => {
            let inner = value.get(1..).unwrap_or_default();
            // A quote that isn't closed ends with the line.
            let length = inner.find(quote).unwrap_or(inner.len());
            (inner.get(..length).unwrap_or_default(), value_start + 1)
        }
        None => {
            let length = value.find(is_value_end(value)).unwrap_or(value.len());
            (value.get(..length).unwrap_or_default(), value_start)
        }
    };
    let value_range = value_start..value_start + value.len();
    Word {
        name,
        value: Some(value),
        range: start..value_range.end,
        value_range,
        in_braces,
    }
}

/// A list of lines may stand without quotes: `mark=2,3`.
fn is_value_end(value: &str) -> impl Fn(char) -> bool {
    let lists_lines = value
        .split(|ch: char| ch.is_whitespace() || matches!(ch, '{' | '}'))
        .next()
        .is_some_and(|list| list.parse::<Lines>().is_ok());
    move |ch| ch.is_whitespace() || matches!(ch, '{' | '}') || (ch == ',' && !lists_lines)
}

/// Where the search for the next word begins: behind the closing quote.
fn end_of(info: &str, word: &Word<'_>) -> usize {
    let end = word.range.end;
    let before_value = word
        .value_range
        .start
        .checked_sub(1)
        .and_then(|at| info.as_bytes().get(at));
    let is_quoted = word.value.is_some() && matches!(before_value, Some(b'"' | b'\''));
    let is_closed = info.as_bytes().get(end) == before_value;
    end + usize::from(is_quoted && is_closed)
}

impl<'a> Word<'a> {
    /// The value, which must not be empty.
    pub(super) fn text(&self) -> Result<&'a str, Mistake> {
        self.value
            .filter(|value| !value.trim().is_empty())
            .ok_or_else(|| self.needs_text())
    }

    pub(super) fn needs_text(&self) -> Mistake {
        let name = self.name;
        self.mistake(
            format!("\"{name}\" needs a value"),
            format!("write {name}=\"…\""),
        )
    }

    /// A list of lines.
    pub(super) fn lines(&self) -> Result<Lines, Mistake> {
        self.lines_of(self.text()?)
    }

    /// A text of this word as a list of lines.
    pub(super) fn lines_of(&self, text: &str) -> Result<Lines, Mistake> {
        text.parse().map_err(|_| {
            self.mistake(
                format!("\"{}\" is no list of lines: \"{text}\"", self.name),
                "write it like 2,5-7".to_owned(),
            )
        })
    }

    /// A number from 1 on, or the default without a value.
    pub(super) fn number_or(&self, default: u32) -> Result<u32, Mistake> {
        let Some(value) = self.value else {
            return Ok(default);
        };
        value
            .parse()
            .ok()
            .filter(|number| *number > 0)
            .ok_or_else(|| {
                self.mistake(
                    format!("\"{}\" is no number: \"{value}\"", self.name),
                    format!("write {}=10 for code that begins at line 10", self.name),
                )
            })
    }

    /// No value.
    pub(super) fn alone(&self) -> Result<(), Mistake> {
        match self.value {
            None => Ok(()),
            Some(_) => Err(self.mistake(
                format!("\"{}\" takes no value", self.name),
                "drop it".to_owned(),
            )),
        }
    }

    fn mistake(&self, message: String, hint: String) -> Mistake {
        Mistake {
            range: self.value_range.clone(),
            code: "fence-attribute",
            severity: Severity::Error,
            message,
            hint,
        }
    }
}
