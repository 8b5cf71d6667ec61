//! From a domain value to a row and back.
//!
//! A row holds its entity as one JSON text, `doc`, beside the attributes that conditions and TTL
//! need (`version`, `free_at`, `alive`, `due`, `expires`, …). The domain types *are* the stored
//! shape: a field more is one line in one place, amounts and times keep their exact text, and a
//! row reads well in the console. Native attributes per field would buy projections and partial
//! updates, which no access pattern here wants, for a mapping that has to be kept twice.
//!
//! Evolution: `v` is the schema number of the row. Members that a reader doesn't know are passed
//! over, new ones need a serde default, and `v` rises only when an old reader would misunderstand
//! the row; then the old reader refuses it instead of guessing.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tuition_domain::ports::Unavailable;

use super::keys::Key;

/// The schema number that this program writes, and the highest that it reads.
const SCHEMA: u64 = 1;

/// A row as the SDK has it.
pub(super) type Item = HashMap<String, AttributeValue>;

/// Why a row can't be used. Names the row's kind, never what is in it.
#[derive(Debug, thiserror::Error)]
pub(super) enum RowError {
    #[error("a row of {0} lacks the attribute {1}")]
    Missing(String, &'static str),
    #[error("a row of {0} has schema {1}, this program reads up to {SCHEMA}")]
    Newer(String, u64),
    #[error("the document of a row of {0} is not readable")]
    Document(String, #[source] serde_json::Error),
    #[error("a value can't be written as JSON")]
    Write(#[source] serde_json::Error),
}

/// An empty row of this key.
pub(super) fn row(key: &Key) -> Item {
    HashMap::from([
        ("pk".to_owned(), text(&key.pk)),
        ("sk".to_owned(), text(&key.sk)),
        ("v".to_owned(), number(SCHEMA)),
    ])
}

/// A row that holds `value`.
pub(super) fn with_doc<T: Serialize>(key: &Key, value: &T) -> Result<Item, Unavailable> {
    let mut item = row(key);
    item.insert("doc".to_owned(), text(json(value)?));
    Ok(item)
}

/// The document of `value`.
pub(super) fn json<T: Serialize>(value: &T) -> Result<String, Unavailable> {
    serde_json::to_string(value).map_err(|error| Unavailable::new(RowError::Write(error)))
}

/// The value that a row holds.
pub(super) fn doc<T: DeserializeOwned>(item: &Item) -> Result<T, Unavailable> {
    check_schema(item)?;
    let json = text_of(item, "doc")?;
    serde_json::from_str(json)
        .map_err(|error| Unavailable::new(RowError::Document(kind(item), error)))
}

/// Refuses a row that a newer program wrote in another way.
pub(super) fn check_schema(item: &Item) -> Result<(), Unavailable> {
    match number_of(item, "v")? {
        known if known <= SCHEMA => Ok(()),
        newer => Err(Unavailable::new(RowError::Newer(kind(item), newer))),
    }
}

pub(super) fn text(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

pub(super) fn number(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// A set of one text.
pub(super) fn one(member: impl Into<String>) -> AttributeValue {
    AttributeValue::Ss(vec![member.into()])
}

/// The TTL attribute for a row that is of no use from `at` on: the first full second after it.
pub(super) fn expires(at: Timestamp) -> AttributeValue {
    let second = at
        .as_second()
        .saturating_add(i64::from(at.subsec_nanosecond() > 0));
    number(second)
}

/// A time that conditions compare, in milliseconds.
pub(super) fn instant(at: Timestamp) -> AttributeValue {
    number(at.as_millisecond())
}

pub(super) fn text_of<'a>(item: &'a Item, name: &'static str) -> Result<&'a str, Unavailable> {
    item.get(name)
        .and_then(|value| value.as_s().ok())
        .map(String::as_str)
        .ok_or_else(|| missing(item, name))
}

pub(super) fn number_of(item: &Item, name: &'static str) -> Result<u64, Unavailable> {
    item.get(name)
        .and_then(|value| value.as_n().ok())
        .and_then(|digits| digits.parse().ok())
        .ok_or_else(|| missing(item, name))
}

/// The members of a set; an empty set can't be stored, so a missing attribute has none.
pub(super) fn set_of<'a>(item: &'a Item, name: &str) -> &'a [String] {
    match item.get(name) {
        Some(AttributeValue::Ss(members)) => members,
        _ => &[],
    }
}

pub(super) fn key_of(item: &Item) -> Result<Key, Unavailable> {
    Ok(Key {
        pk: text_of(item, "pk")?.to_owned(),
        sk: text_of(item, "sk")?.to_owned(),
    })
}

pub(super) fn missing(item: &Item, name: &'static str) -> Unavailable {
    Unavailable::new(RowError::Missing(kind(item), name))
}

/// The first words of the keys (`LEARNER#… SESSION#…` → `LEARNER SESSION`), for messages.
fn kind(item: &Item) -> String {
    let word = |name: &str| {
        let key = item.get(name).and_then(|value| value.as_s().ok());
        key.and_then(|key| key.split('#').next()).unwrap_or("?")
    };
    format!("{} {}", word("pk"), word("sk"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> Key {
        Key {
            pk: "LEARNER#1".to_owned(),
            sk: "SESSION#2".to_owned(),
        }
    }

    #[test]
    fn a_member_that_this_program_does_not_know_is_passed_over() {
        #[derive(serde::Deserialize, PartialEq, Debug)]
        struct Old {
            a: u8,
        }
        let newer = with_doc(&key(), &serde_json::json!({"a": 1, "b": [2]})).unwrap();
        assert_eq!(doc::<Old>(&newer).unwrap(), Old { a: 1 });
    }

    #[test]
    fn a_row_of_a_newer_schema_is_refused_by_name() {
        let mut newer = with_doc(&key(), &1).unwrap();
        newer.insert("v".to_owned(), number(SCHEMA + 1));
        let error = doc::<u8>(&newer).unwrap_err().to_string();
        assert!(error.contains("LEARNER SESSION has schema 2"), "{error}");
        assert!(!error.contains("#1"), "{error}");
    }

    #[test]
    fn a_row_may_only_vanish_after_its_last_instant() {
        let at = |text: &str| expires(text.parse().unwrap());
        assert_eq!(at("1970-01-01T00:00:10Z"), number(10));
        assert_eq!(at("1970-01-01T00:00:10.001Z"), number(11));
    }
}
