//! TOML to a [`Table`] with places; all syntax errors at once.

use ::toml::de::{DeTable, DeValue};

use crate::{
    diagnostic::Diagnostic,
    load::node::{Key, Node, Table, Value},
    text::SourceText,
};

/// Reads `data`, which begins at byte `offset` of the file.
pub(crate) fn read(
    text: &SourceText,
    data: &str,
    offset: usize,
    report: &mut Vec<Diagnostic>,
) -> Table {
    let (root, errors) = DeTable::parse_recoverable(data);
    for error in &errors {
        let span = error.span().unwrap_or(0..0);
        report.push(match error.message() {
            "duplicate key" => duplicate(text, data, offset, span.start..span.end),
            message => text.error(
                offset + span.start,
                "front-matter",
                one_line(message),
                "TOML: key = \"text\", key = true, key = [\"a\", \"b\"]",
            ),
        });
    }
    table(root.get_ref(), offset)
}

fn duplicate(
    text: &SourceText,
    data: &str,
    offset: usize,
    span: std::ops::Range<usize>,
) -> Diagnostic {
    let name = data.get(span.clone()).unwrap_or_default();
    let first = first_definition(data, name, span.start);
    let places = match first {
        Some(first) => format!(": first on line {}, again here", text.line(offset + first)),
        None => String::new(),
    };
    text.error(
        offset + span.start,
        "duplicate-key",
        format!(
            "\"{}\" is set twice{places}",
            name.trim_matches(['"', '\''])
        ),
        "keep one of the two",
    )
}

/// Where a key is defined before `until`: at the start of a line, or as a table header.
fn first_definition(data: &str, name: &str, until: usize) -> Option<usize> {
    let mut at = 0;
    for line in data.get(..until)?.split_inclusive('\n') {
        let lead = line.len() - line.trim_start_matches([' ', '\t', '[']).len();
        let rest = line
            .get(lead..)
            .unwrap_or_default()
            .strip_prefix(name)
            .map(str::trim_start);
        if rest.is_some_and(|rest| rest.starts_with(['=', '.', ']'])) {
            return Some(at + lead);
        }
        at += line.len();
    }
    None
}

fn table(source: &DeTable<'_>, offset: usize) -> Table {
    let mut table: Table = source
        .iter()
        .map(|(name, value)| {
            let key = Key {
                at: offset + name.span().start,
                name: name.get_ref().to_string(),
            };
            (
                key,
                Node {
                    at: offset + value.span().start,
                    value: convert(value.get_ref(), offset),
                },
            )
        })
        .collect();
    table.sort_by_key(|(key, _)| key.at);
    table
}

fn convert(value: &DeValue<'_>, offset: usize) -> Value {
    match value {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(integer) => {
            let digits = integer.as_str().replace('_', "");
            i64::from_str_radix(&digits, integer.radix())
                .map_or(Value::Number(digits), Value::Integer)
        }
        DeValue::Float(float) => Value::Number(float.as_str().to_owned()),
        DeValue::Boolean(flag) => Value::Flag(*flag),
        DeValue::Datetime(date) => Value::Date(date.to_string()),
        DeValue::Array(list) => {
            let node = |item: &::toml::Spanned<DeValue<'_>>| Node {
                at: offset + item.span().start,
                value: convert(item.get_ref(), offset),
            };
            Value::List(list.iter().map(node).collect())
        }
        DeValue::Table(inner) => Value::Table(table(inner, offset)),
    }
}

/// The parser's messages may span lines; diagnostics are one line.
fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}
