//! Typed reading of a table: each accessor takes one known key; what is left over is unknown.

use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};

use crate::{
    diagnostic::Diagnostic,
    load::{
        foreign,
        front_matter::FrontMatter,
        node::{Node, Table, Value},
    },
    nearest::did_you_mean,
    text::SourceText,
};

/// A value and the byte of the file where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placed<T> {
    pub(crate) at: usize,
    pub(crate) value: T,
}

/// The keys of one table, taken one by one.
pub(crate) struct Fields<'a> {
    pub(crate) text: &'a SourceText,
    table: Table,
    known: Vec<&'static str>,
    /// Whether a missing key is the author's omission, and not lost in a syntax error.
    is_whole: bool,
    pub(crate) report: &'a mut Vec<Diagnostic>,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(text: &'a SourceText, table: Table, report: &'a mut Vec<Diagnostic>) -> Self {
        Self {
            text,
            table,
            known: Vec::new(),
            is_whole: true,
            report,
        }
    }

    /// The keys of a file's front matter.
    pub(crate) fn of(
        text: &'a SourceText,
        front_matter: FrontMatter,
        report: &'a mut Vec<Diagnostic>,
    ) -> Self {
        Self {
            is_whole: front_matter.is_whole,
            ..Self::new(text, front_matter.table, report)
        }
    }

    /// A non-empty line of text.
    pub(crate) fn text(&mut self, name: &'static str) -> Option<Placed<String>> {
        let node = self.take(name)?;
        match node.value {
            Value::Text(text) if text.trim().is_empty() => self.wrong(
                node.at,
                name,
                "is empty",
                "write something or delete the line",
            ),
            Value::Text(text) => Some(Placed {
                at: node.at,
                value: text.trim().to_owned(),
            }),
            other => self.wrong_kind(node.at, name, "text in quotes", &other),
        }
    }

    /// As [`Fields::text`], but it must be there; its absence is reported at the top of the file.
    pub(crate) fn required_text(&mut self, name: &'static str) -> Option<Placed<String>> {
        self.require(name, "\"…\"");
        self.text(name)
    }

    /// True or false; false when absent.
    pub(crate) fn flag(&mut self, name: &'static str) -> Option<Placed<bool>> {
        let node = self.take(name)?;
        match node.value {
            Value::Flag(flag) => Some(Placed {
                at: node.at,
                value: flag,
            }),
            other => self.wrong_kind(node.at, name, "true or false", &other),
        }
    }

    /// A list of texts; a single text counts as a list of one.
    pub(crate) fn texts(&mut self, name: &'static str) -> Vec<Placed<String>> {
        let Some(node) = self.take(name) else {
            return Vec::new();
        };
        let items = match node.value {
            Value::List(items) => items,
            value => vec![Node { at: node.at, value }],
        };
        let mut texts = Vec::new();
        for item in items {
            match item.value {
                Value::Text(text) => texts.push(Placed {
                    at: item.at,
                    value: text,
                }),
                other => {
                    self.wrong_kind::<()>(item.at, name, "a list of texts", &other);
                }
            }
        }
        texts
    }

    /// A length of time, in whole seconds: `"15m"`, `"1h 30m"`, `"90 minutes"`, `"PT15M"`.
    pub(crate) fn seconds(&mut self, name: &'static str) -> Option<u32> {
        let Placed { at, value } = self.text(name)?;
        let seconds = value
            .parse::<SignedDuration>()
            .ok()
            .and_then(|duration| u32::try_from(duration.as_secs()).ok());
        match seconds.filter(|seconds| *seconds > 0) {
            Some(seconds) => Some(seconds),
            None => self.wrong(
                at,
                name,
                "is no length of time",
                "write it like \"15m\" or \"1h 30m\"",
            ),
        }
    }

    /// A moment: RFC 3339, or a date alone, which means its first moment in UTC.
    pub(crate) fn moment(&mut self, name: &'static str) -> Option<Timestamp> {
        let node = self.take(name)?;
        let (Value::Date(text) | Value::Text(text)) = &node.value else {
            return self.wrong_kind(node.at, name, "a date", &node.value);
        };
        match parse_moment(text) {
            Some(moment) => Some(moment),
            None => self.wrong(
                node.at,
                name,
                "is no date",
                "write it like 2026-03-01 or 2026-03-01T09:00:00Z",
            ),
        }
    }

    /// A calendar date that must be there.
    pub(crate) fn required_date(&mut self, name: &'static str) -> Option<Date> {
        self.require(name, "2026-03-01");
        let node = self.take(name)?;
        let (Value::Date(text) | Value::Text(text)) = &node.value else {
            return self.wrong_kind(node.at, name, "a date", &node.value);
        };
        match text.get(..10).unwrap_or(text).parse() {
            Ok(date) => Some(date),
            Err(_) => self.wrong(node.at, name, "is no date", "write it like 2026-03-01"),
        }
    }

    /// A whole number from 0 on.
    pub(crate) fn count(&mut self, name: &'static str) -> Option<u32> {
        let node = self.take(name)?;
        match node.value {
            Value::Integer(number) => match u32::try_from(number) {
                Ok(number) => Some(number),
                Err(_) => self.wrong(
                    node.at,
                    name,
                    "is out of range",
                    "write a whole number from 0 to 4294967295",
                ),
            },
            other => self.wrong_kind(node.at, name, "a whole number", &other),
        }
    }

    /// A number from 0 on, with or without decimals.
    pub(crate) fn number(&mut self, name: &'static str) -> Option<f64> {
        let node = self.take(name)?;
        let written = match &node.value {
            Value::Integer(number) => number.to_string(),
            Value::Number(number) => number.replace('_', ""),
            other => return self.wrong_kind(node.at, name, "a number", other),
        };
        match written.parse::<f64>() {
            Ok(number) if number.is_finite() && number >= 0.0 => Some(number),
            _ => self.wrong(
                node.at,
                name,
                "is out of range",
                "write a number from 0 on, like 0.25",
            ),
        }
    }

    /// A table below this one.
    pub(crate) fn table(&mut self, name: &'static str) -> Option<Placed<Table>> {
        let node = self.take(name)?;
        match node.value {
            Value::Table(table) => Some(Placed {
                at: node.at,
                value: table,
            }),
            other => self.wrong_kind(node.at, name, "a table", &other),
        }
    }

    /// A list of tables (`[[name]]`).
    pub(crate) fn tables(&mut self, name: &'static str) -> Vec<Placed<Table>> {
        let Some(node) = self.take(name) else {
            return Vec::new();
        };
        let Value::List(items) = node.value else {
            self.wrong_kind::<()>(node.at, name, "a list of tables", &node.value);
            return Vec::new();
        };
        let mut tables = Vec::new();
        for item in items {
            match item.value {
                Value::Table(table) => tables.push(Placed {
                    at: item.at,
                    value: table,
                }),
                other => {
                    self.wrong_kind::<()>(item.at, name, "a list of tables", &other);
                }
            }
        }
        tables
    }

    /// Reports a key that is absent, unless a syntax error may have swallowed it.
    fn require(&mut self, name: &'static str, example: &str) {
        let is_absent = !self.table.iter().any(|(key, _)| key.name == name);
        if is_absent && self.is_whole {
            let hint = format!("add {name} = {example}");
            self.report.push(self.text.error(
                0,
                "missing-key",
                format!("\"{name}\" is missing"),
                hint,
            ));
        }
    }

    /// The raw value of a known key, and the place of the key itself.
    pub(crate) fn take(&mut self, name: &'static str) -> Option<Node> {
        self.known.push(name);
        let position = self.table.iter().position(|(key, _)| key.name == name)?;
        let (_, node) = self.table.remove(position);
        (node.value != Value::Nothing).then_some(node)
    }

    /// Whether a key is there and not taken yet.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.place_of(name).is_some()
    }

    /// Where the value of a key stands that is not taken yet.
    pub(crate) fn place_of(&self, name: &str) -> Option<usize> {
        let (_, node) = self.table.iter().find(|(key, _)| key.name == name)?;
        Some(node.at)
    }

    /// Takes keys that this file may not have, with a reason.
    pub(crate) fn refuse(&mut self, names: &[&'static str], message: &str, hint: &str) {
        for name in names {
            if let Some(position) = self.table.iter().position(|(key, _)| key.name == *name) {
                let (key, _) = self.table.remove(position);
                self.report.push(self.text.error(
                    key.range(self.text),
                    "misplaced-key",
                    format!("\"{name}\" {message}"),
                    hint,
                ));
            }
        }
    }

    /// Reports every key that nobody took.
    pub(crate) fn finish(self) {
        for (key, _) in &self.table {
            let otherwise = format!("known here: {}", self.known.join(", "));
            let known = self.known.iter().copied();
            let foreign = foreign::hint(&key.name).filter(|_| self.text.path.ends_with(".md"));
            let hint = match foreign {
                Some(hint) => hint.to_owned(),
                None => did_you_mean(&key.name, known, &otherwise),
            };
            self.report.push(self.text.error(
                key.range(self.text),
                "unknown-key",
                format!("unknown key \"{}\"", key.name),
                hint,
            ));
        }
    }

    /// Reports a value of the wrong sort; always `None`.
    pub(crate) fn wrong<T>(&mut self, at: usize, name: &str, what: &str, hint: &str) -> Option<T> {
        self.report.push(
            self.text
                .error(at, "value", format!("\"{name}\" {what}"), hint),
        );
        None
    }

    fn wrong_kind<T>(&mut self, at: usize, name: &str, expected: &str, found: &Value) -> Option<T> {
        self.wrong(
            at,
            name,
            &format!("is {}", found.kind()),
            &format!("it must be {expected}"),
        )
    }
}

fn parse_moment(text: &str) -> Option<Timestamp> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment);
    }
    let date: Date = text.parse().ok()?;
    Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
}
