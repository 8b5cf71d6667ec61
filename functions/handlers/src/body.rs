//! Request bodies: bounded, and read as a flat set of fields, from JSON or a form.

use std::collections::BTreeMap;
use std::fmt;

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Number, Value};

use crate::problem::{Code, Problem};

/// The most bytes of an ordinary body.
pub const MAX_BODY: usize = 64 * 1024;
/// The most bytes of a refused body that are let run out.
const MAX_WASTE: usize = 4 * 1024 * 1024;

/// Reads at most `most` bytes. Of a longer body the rest is read and forgotten, within reason: a
/// caller that is cut off while it sends may never see the answer.
pub async fn read(headers: &HeaderMap, body: Body, most: usize) -> Result<Bytes, Problem> {
    let declared = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    let mut chunks = body.into_data_stream();
    let mut kept = BytesMut::new();
    let mut length = 0_usize;
    let mut too_large = declared.is_some_and(|length| length > most);
    while length <= MAX_WASTE
        && let Some(chunk) = chunks.next().await
    {
        let chunk =
            chunk.map_err(|_| Problem::new(Code::Body, "The body ended before its time"))?;
        length = length.saturating_add(chunk.len());
        too_large |= length > most;
        if !too_large {
            kept.extend_from_slice(&chunk);
        }
    }
    if too_large {
        Err(Problem::too_large())
    } else {
        Ok(kept.freeze())
    }
}

/// Whether the body says it is JSON.
pub fn is_json(headers: &HeaderMap) -> bool {
    media_type(headers) == "application/json"
}

/// The fields of a request, each at most once. Take what is known, then [`Fields::finish`].
pub struct Fields {
    /// Whether a form sent them: a person waits for a page.
    pub from_form: bool,
    fields: BTreeMap<String, Value>,
}

impl Fields {
    /// Reads JSON or a form; anything else is 415, a repeated field 400.
    pub async fn read(headers: &HeaderMap, body: Body) -> Result<Self, Problem> {
        let kind = media_type(headers);
        let from_form = kind == "application/x-www-form-urlencoded";
        if !from_form && kind != "application/json" {
            return Err(Problem::media_type());
        }
        let bytes = read(headers, body, MAX_BODY).await?;
        let fields = if from_form {
            form(&bytes)?
        } else {
            json(&bytes)?
        };
        Ok(Self { from_form, fields })
    }

    /// A text field; absent, `null`, and empty in a form are the same. Another type is `problem`.
    pub fn text(&mut self, name: &str, problem: Problem) -> Result<Option<String>, Problem> {
        match self.fields.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() && self.from_form => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(problem),
        }
    }

    /// A text field that must be there.
    pub fn required(&mut self, name: &str, problem: Problem) -> Result<String, Problem> {
        self.text(name, problem.clone())?.ok_or(problem)
    }

    /// A whole number; a form sends it as digits, JSON as a number, which may be written `2.0`.
    pub fn integer(&mut self, name: &str, problem: Problem) -> Result<Option<i64>, Problem> {
        match self.fields.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Number(number)) => whole(&number).map(Some).ok_or(problem),
            Some(Value::String(text)) if self.from_form && text.is_empty() => Ok(None),
            Some(Value::String(text)) if self.from_form => {
                text.parse().map(Some).map_err(|_| problem)
            }
            Some(_) => Err(problem),
        }
    }

    /// A yes or no; a form sends `on` for a ticked box and nothing for another.
    pub fn flag(&mut self, name: &str, problem: Problem) -> Result<bool, Problem> {
        match self.fields.remove(name) {
            None | Some(Value::Null) => Ok(false),
            Some(Value::Bool(flag)) => Ok(flag),
            Some(Value::String(text)) if self.from_form => Ok(text == "on" || text == "true"),
            Some(_) => Err(problem),
        }
    }

    /// A yes or no, or neither. A form says it in words.
    pub fn choice(&mut self, name: &str, problem: Problem) -> Result<Option<bool>, Problem> {
        match self.fields.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(yes)) => Ok(Some(yes)),
            Some(Value::String(word)) if self.from_form => match word.as_str() {
                "true" => Ok(Some(true)),
                "false" => Ok(Some(false)),
                _ => Err(problem),
            },
            Some(_) => Err(problem),
        }
    }

    /// Refuses what nobody took: a caller who sends a price should learn that it is not heard.
    pub fn finish(self) -> Result<(), Problem> {
        if self.fields.is_empty() {
            Ok(())
        } else {
            Err(Problem::new(
                Code::UnknownField,
                "The request has a field that is not known here",
            ))
        }
    }

    /// All fields as one JSON object.
    pub fn into_value(self) -> Value {
        Value::Object(self.fields.into_iter().collect())
    }
}

/// JSON has one kind of number (RFC 8259 §6). Those beyond 2⁵³ are not what was written any more.
fn whole(number: &Number) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let float = number.as_f64()?;
    #[expect(clippy::cast_possible_truncation, reason = "within bounds and whole")]
    let whole = (float.fract() == 0.0 && float.abs() <= EXACT).then_some(float as i64);
    number.as_i64().or(whole)
}

fn media_type(headers: &HeaderMap) -> String {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    value
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase()
}

fn form(bytes: &[u8]) -> Result<BTreeMap<String, Value>, Problem> {
    let unreadable = || Problem::new(Code::Form, "The form can't be read");
    let pairs: Vec<(String, String)> =
        serde_urlencoded::from_bytes(bytes).map_err(|_| unreadable())?;
    let mut fields = BTreeMap::new();
    for (name, value) in pairs {
        if fields.insert(name, Value::String(value)).is_some() {
            return Err(unreadable());
        }
    }
    Ok(fields)
}

fn json(bytes: &[u8]) -> Result<BTreeMap<String, Value>, Problem> {
    let Unique(fields) = serde_json::from_slice(bytes)
        .map_err(|_| Problem::new(Code::Json, "The body is not the JSON expected here"))?;
    Ok(fields)
}

/// A JSON object in which no member stands twice: of two readers each could believe another.
struct Unique(BTreeMap<String, Value>);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Unique;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object without repeated members")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Unique, A::Error> {
                let mut fields = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if fields.insert(name, value).is_some() {
                        return Err(serde::de::Error::custom("repeated member"));
                    }
                }
                Ok(Unique(fields))
            }
        }
        deserializer.deserialize_map(Members)
    }
}
