//! Data of front matter, whether it was TOML or YAML: values that know where they stand.

use std::ops::Range;

use crate::text::SourceText;

/// A value and the byte where it begins in its file.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) at: usize,
    pub(crate) value: Value,
}

/// What a value can be. Numbers other than integers keep their spelling: nothing here needs floats.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Text(String),
    Integer(i64),
    /// Floats and integers too large for [`Value::Integer`], as written.
    Number(String),
    Flag(bool),
    /// A TOML date or time, as RFC 3339 writes it.
    Date(String),
    List(Vec<Node>),
    Table(Table),
    /// YAML's empty value.
    Nothing,
}

/// Keys in the order of the file.
pub(crate) type Table = Vec<(Key, Node)>;

/// The name of a value and the byte where the name stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) at: usize,
    pub(crate) name: String,
}

impl Key {
    /// Bytes of the name, as far as it stands there as it is: quotes and escapes are not told apart.
    pub(crate) fn range(&self, text: &SourceText) -> Range<usize> {
        let written = text.text.get(self.at..).unwrap_or_default();
        match written.starts_with(&self.name) {
            true => self.at..self.at + self.name.len(),
            false => self.at..self.at,
        }
    }
}

impl Value {
    /// What it is, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Integer(_) | Self::Number(_) => "a number",
            Self::Flag(_) => "true or false",
            Self::Date(_) => "a date",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
            Self::Nothing => "nothing",
        }
    }
}
