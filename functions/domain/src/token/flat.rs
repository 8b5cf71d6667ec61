//! The JSON of a token: a part of the language so small that every parser reads it alike.
//!
//! One object in its shortest form; its members are text without escapes, whole numbers and lists
//! of such text. Repeated names, lone surrogates, `1e3`, large numbers and deep nesting are read
//! differently by different parsers, so none of them is read at all.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};

/// The largest number: fifteen digits, which a double holds exactly.
const LARGEST: u64 = 999_999_999_999_999;

/// Decodes one part of a token: base64url without padding in its only spelling, holding UTF-8.
pub(super) fn decoded(part: &str) -> Option<String> {
    String::from_utf8(URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

/// The members of an object, in order, each name once.
#[derive(Debug)]
pub(super) struct Flat<'a>(Vec<(&'a str, Entry<'a>)>);

#[derive(Debug, serde::Serialize, serde::Deserialize)]
#[serde(untagged)]
enum Entry<'a> {
    Number(u64),
    Text(&'a str),
    #[serde(borrow)]
    List(Vec<&'a str>),
}

impl<'a> Flat<'a> {
    /// Reads an object; `None` for anything else, and for one that could be written shorter.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let flat: Self = serde_json::from_str(text).ok()?;
        let is_plain = flat.0.iter().all(|(name, entry)| {
            is_name(name) && !matches!(entry, Entry::Number(number) if *number > LARGEST)
        });
        let shortest = serde_json::to_string(&flat).ok()?;
        (is_plain && shortest == text).then_some(flat)
    }

    /// Whether there is a member with this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.entry(name).is_some()
    }

    /// The text under a name.
    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        match self.entry(name)? {
            Entry::Text(text) => Some(text),
            Entry::Number(_) | Entry::List(_) => None,
        }
    }

    /// The whole number under a name.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        match self.entry(name)? {
            Entry::Number(number) => i64::try_from(*number).ok(),
            Entry::Text(_) | Entry::List(_) => None,
        }
    }

    /// The list under a name.
    pub(super) fn list(&self, name: &str) -> Option<Vec<String>> {
        match self.entry(name)? {
            Entry::List(items) => Some(items.iter().map(|item| (*item).to_owned()).collect()),
            Entry::Text(_) | Entry::Number(_) => None,
        }
    }

    fn entry(&self, name: &str) -> Option<&Entry<'a>> {
        let (_, entry) = self.0.iter().find(|(found, _)| *found == name)?;
        Some(entry)
    }
}

/// A small letter, then letters, digits and underscores.
fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

impl Serialize for Flat<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, entry)| (name, entry)))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Flat<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Flat<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of text, whole numbers and lists of text")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Flat<'de>, A::Error> {
                let mut members: Vec<(&str, Entry<'_>)> = Vec::new();
                // A name or text with an escape can't be borrowed, and is refused thereby.
                while let Some((name, entry)) = map.next_entry()? {
                    if members.iter().any(|(other, _)| *other == name) {
                        return Err(serde::de::Error::custom("a name is there twice"));
                    }
                    members.push((name, entry));
                }
                Ok(Flat(members))
            }
        }

        deserializer.deserialize_map(Members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_of_text_numbers_and_lists_is_read() {
        let flat = Flat::parse(r#"{"sub":"编程","exp":0,"courses":["a","b"],"none":[]}"#).unwrap();
        assert_eq!(flat.text("sub"), Some("编程"));
        assert_eq!(flat.number("exp"), Some(0));
        assert_eq!(
            flat.list("courses"),
            Some(vec!["a".to_owned(), "b".to_owned()])
        );
        assert_eq!(flat.list("none"), Some(Vec::new()));
        assert_eq!(flat.text("exp"), None);
        assert!(flat.has("exp") && !flat.has("iat"));
        assert!(Flat::parse(r#"{"a":999999999999999}"#).is_some());
    }

    #[test]
    fn what_two_parsers_may_read_differently_is_not_read() {
        for text in [
            "",
            "[]",
            "null",
            "{\"a\":1}\n",
            " {}",
            r#"{"a": 1}"#,
            r#"{"a":1,"a":1}"#,
            r#"{"a":1.0}"#,
            r#"{"a":1e3}"#,
            r#"{"a":-0}"#,
            r#"{"a":-1}"#,
            r#"{"a":01}"#,
            r#"{"a":1000000000000000}"#,
            r#"{"a":true}"#,
            r#"{"a":null}"#,
            r#"{"a":{}}"#,
            r#"{"a":[[]]}"#,
            r#"{"a":[1]}"#,
            r#"{"a":"\u0062"}"#,
            r#"{"a":"\ud800"}"#,
            r#"{"a":["\/"]}"#,
            r#"{"\u0061":1}"#,
            r#"{"__proto__":1}"#,
            r#"{"7":1}"#,
            r#"{"":1}"#,
            r#"{"é":1}"#,
            "\u{feff}{}",
            "{\"a\":\"\n\"}",
            r#"{"a":1,}"#,
        ] {
            assert!(Flat::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_part_has_one_spelling() {
        assert_eq!(decoded("e30"), Some("{}".to_owned()));
        for part in ["e30=", "e31", "e3", "e30\n", "e 30", "e", "_w", "a+/b"] {
            assert_eq!(decoded(part), None, "{part}");
        }
    }
}
