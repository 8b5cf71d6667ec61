//! Writes JSON (RFC 8259). Reads none.

use std::fmt::{self, Display, Formatter, Write};

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json {
    Bool(bool),
    Number(u64),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(&'static str, Json)>),
}

impl Display for Json {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(yes) => write!(f, "{yes}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => write_text(text, f),
            Self::List(items) => {
                f.write_char('[')?;
                for (number, item) in items.iter().enumerate() {
                    separate(number, f)?;
                    write!(f, "{item}")?;
                }
                f.write_char(']')
            }
            Self::Object(members) => {
                f.write_char('{')?;
                for (number, (key, value)) in members.iter().enumerate() {
                    separate(number, f)?;
                    write_text(key, f)?;
                    write!(f, ":{value}")?;
                }
                f.write_char('}')
            }
        }
    }
}

fn separate(number: usize, f: &mut Formatter<'_>) -> fmt::Result {
    if number > 0 {
        f.write_char(',')
    } else {
        Ok(())
    }
}

/// Escapes what section 7 says must be, and nothing else.
fn write_text(text: &str, f: &mut Formatter<'_>) -> fmt::Result {
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\0'..='\x1f' => write!(f, "\\u{:04x}", u32::from(c))?,
            other => f.write_char(other)?,
        }
    }
    f.write_char('"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(json: Json, expected: &str) {
        assert_eq!(json.to_string(), expected);
    }

    #[test]
    fn commas_stand_between() {
        let one = Json::Number(1);
        check(Json::List(vec![]), "[]");
        check(Json::List(vec![one.clone()]), "[1]");
        check(Json::List(vec![one.clone(), Json::Bool(true)]), "[1,true]");
        check(Json::Object(vec![]), "{}");
        let members = vec![("a", one), ("b", Json::List(vec![]))];
        check(Json::Object(members), r#"{"a":1,"b":[]}"#);
    }

    #[test]
    fn only_what_must_be_is_escaped() {
        let text = |text: &str| Json::Text(text.to_owned());
        check(text(r#"say "C:\temp""#), r#""say \"C:\\temp\"""#);
        check(text("a\tb\nc\u{1b}[31m"), r#""a\u0009b\nc\u001b[31m""#);
        check(text("é 中 🦀 /"), "\"é 中 🦀 /\"");
        check(Json::Number(u64::MAX), "18446744073709551615");
    }

    /// What a reader makes of our text: the opposite of `write_text`.
    fn read(json: &str) -> String {
        let inside = json.strip_prefix('"').unwrap().strip_suffix('"').unwrap();
        let mut chars = inside.chars();
        let mut text = String::new();
        while let Some(c) = chars.next() {
            assert!(c >= ' ' && c != '"', "{c:?} stands there as it is");
            text.push(match c {
                '\\' => match chars.next().unwrap() {
                    'n' => '\n',
                    'u' => {
                        let code: String = chars.by_ref().take(4).collect();
                        let code = u32::from_str_radix(&code, 16).unwrap();
                        char::from_u32(code).unwrap()
                    }
                    same @ ('"' | '\\') => same,
                    other => panic!("\\{other} is no escape"),
                },
                other => other,
            });
        }
        text
    }

    #[test]
    fn every_character_there_is_survives() {
        let all: String = ('\0'..=char::MAX).collect();
        assert_eq!(read(&Json::Text(all.clone()).to_string()), all);
    }
}
