//! Reading and changing fields of JSON objects that the till made itself.

use serde_json::{Map, Value};
use thiserror::Error;

/// A stored object lacks a field, or has another type there.
#[derive(Debug, Error)]
#[error("a stored object has no {kind} `{name}`")]
pub struct MissingField {
    name: String,
    kind: &'static str,
}

pub(crate) fn text<'object>(
    object: &'object Value,
    name: &str,
) -> Result<&'object str, MissingField> {
    optional_text(object, name).ok_or_else(|| missing(name, "text"))
}

/// The text there; `None` for null and for no field.
pub(crate) fn optional_text<'object>(object: &'object Value, name: &str) -> Option<&'object str> {
    object.get(name).and_then(Value::as_str)
}

pub(crate) fn integer(object: &Value, name: &str) -> Result<i64, MissingField> {
    object
        .get(name)
        .and_then(Value::as_i64)
        .ok_or_else(|| missing(name, "integer"))
}

pub(crate) fn boolean(object: &Value, name: &str) -> Result<bool, MissingField> {
    object
        .get(name)
        .and_then(Value::as_bool)
        .ok_or_else(|| missing(name, "boolean"))
}

/// Sets fields of an object, which must have them.
pub(crate) fn set<const N: usize>(
    object: &mut Value,
    fields: [(&str, Value); N],
) -> Result<(), MissingField> {
    for (name, value) in fields {
        let field = object.get_mut(name).ok_or_else(|| missing(name, "field"))?;
        *field = value;
    }
    Ok(())
}

/// The old values of the fields that differ: what an event tells as `previous_attributes`. `None` if
/// none does.
pub(crate) fn changed_from(before: &Value, after: &Value) -> Option<Value> {
    let (before, after) = (before.as_object()?, after.as_object()?);
    let old: Map<String, Value> = before
        .iter()
        .filter(|(name, value)| after.get(*name) != Some(value))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    (!old.is_empty()).then_some(Value::Object(old))
}

/// `object` with each of `names` that it lacks, as null.
pub(crate) fn with_nulls(mut object: Value, names: &[&str]) -> Value {
    if let Some(map) = object.as_object_mut() {
        for name in names {
            map.entry(*name).or_insert(Value::Null);
        }
    }
    object
}

fn missing(name: &str, kind: &'static str) -> MissingField {
    MissingField {
        name: name.to_owned(),
        kind,
    }
}
