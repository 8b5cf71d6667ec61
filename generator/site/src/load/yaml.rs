//! YAML to a [`Table`] with places, within a budget: no alias bomb, no deep nesting.

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, SeqAccess, Visitor},
};
use serde_saphyr::{DuplicateKeyPolicy, Location, Spanned};

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
    if data.trim().is_empty() {
        return Table::new();
    }
    match serde_saphyr::from_str_with_options::<Spanned<Tree>>(data, options()) {
        Ok(root) => match convert(root, text, offset, report).value {
            Value::Table(table) => table,
            Value::Nothing => Table::new(),
            other => {
                report.push(text.error(
                    offset,
                    "front-matter",
                    format!("front matter is {}, not a table", other.kind()),
                    "YAML: key: text",
                ));
                Table::new()
            }
        },
        Err(error) => {
            let message = error.without_snippet().to_string();
            let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
            // The parser ends its message with a place that counts from the front matter's first line.
            let (what, stated) = message.rsplit_once(" at line ").unwrap_or((&message, ""));
            let at = match error.location().map_or(0, place) {
                0 => offset_of(data, stated).unwrap_or(0),
                at => at,
            };
            report.push(text.error(
                offset + at,
                "front-matter",
                what,
                "YAML: key: text, key: [a, b]; quote text that holds a colon",
            ));
            Table::new()
        }
    }
}

fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: 20_000,
            max_nodes: 10_000,
            max_depth: 16,
            max_aliases: 16,
            max_anchors: 16,
            max_recorded_anchor_events: 1_000,
            max_recorded_anchor_bytes: 65_536,
            max_documents: 1,
            max_merge_keys: 8,
            max_total_scalar_bytes: 262_144,
        },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        strict_booleans: true,
    }
}

/// Byte offset of a location in the YAML.
fn place(location: Location) -> usize {
    location
        .span()
        .byte_offset()
        .and_then(|offset| usize::try_from(offset).ok())
        .unwrap_or(0)
}

/// The byte that `4, column 9` means.
fn offset_of(data: &str, stated: &str) -> Option<usize> {
    let (line, column) = stated.split_once(", column ")?;
    let (line, column): (usize, usize) = (line.parse().ok()?, column.parse().ok()?);
    let before: usize = data
        .split_inclusive('\n')
        .take(line.checked_sub(1)?)
        .map(str::len)
        .sum();
    let in_line: usize = data
        .get(before..)?
        .chars()
        .take(column.checked_sub(1)?)
        .map(char::len_utf8)
        .sum();
    Some(before + in_line)
}

/// YAML as it comes, each value with its location.
enum Tree {
    Text(String),
    Integer(i64),
    Number(String),
    Flag(bool),
    Nothing,
    List(Vec<Spanned<Tree>>),
    Table(Vec<(Spanned<String>, Spanned<Tree>)>),
}

fn convert(
    tree: Spanned<Tree>,
    text: &SourceText,
    offset: usize,
    report: &mut Vec<Diagnostic>,
) -> Node {
    let value = match tree.value {
        Tree::Text(text) => Value::Text(text),
        Tree::Integer(integer) => Value::Integer(integer),
        Tree::Number(number) => Value::Number(number),
        Tree::Flag(flag) => Value::Flag(flag),
        Tree::Nothing => Value::Nothing,
        Tree::List(items) => Value::List(
            items
                .into_iter()
                .map(|item| convert(item, text, offset, report))
                .collect(),
        ),
        Tree::Table(entries) => {
            let mut table = Table::new();
            for (name, value) in entries {
                let key = Key {
                    at: offset + place(name.referenced),
                    name: name.value,
                };
                let node = convert(value, text, offset, report);
                match table.iter().find(|(first, _)| first.name == key.name) {
                    Some((first, _)) => report.push(text.error(
                        key.at,
                        "duplicate-key",
                        format!(
                            "\"{}\" is set twice: first on line {}, again here",
                            key.name,
                            text.line(first.at)
                        ),
                        "keep one of the two",
                    )),
                    None => table.push((key, node)),
                }
            }
            Value::Table(table)
        }
    };
    Node {
        at: offset + place(tree.referenced),
        value,
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Tree, E> {
        Ok(Tree::Flag(flag))
    }

    fn visit_i64<E>(self, integer: i64) -> Result<Tree, E> {
        Ok(Tree::Integer(integer))
    }

    fn visit_u64<E>(self, integer: u64) -> Result<Tree, E> {
        Ok(
            i64::try_from(integer)
                .map_or_else(|_| Tree::Number(integer.to_string()), Tree::Integer),
        )
    }

    fn visit_f64<E>(self, float: f64) -> Result<Tree, E> {
        Ok(Tree::Number(float.to_string()))
    }

    fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::Text(text.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Nothing)
    }

    fn visit_none<E>(self) -> Result<Tree, E> {
        Ok(Tree::Nothing)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        Tree::deserialize(deserializer)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Tree, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Tree::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Tree, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Tree::Table(entries))
    }
}
