//! One request: method, path, query, cookies and the moment it comes in.

use std::fmt;

use serde_json::{Value, json};
use tuition_domain::gate::{ACCESS_COOKIE, Cookies, HINT_COOKIE};

use super::dice::Dice;
use super::{cookies, parsed, paths, tokens};

pub(super) struct Case {
    /// Unix seconds.
    pub(super) now: i64,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: Option<String>,
    pub(super) cookies: Cookies,
    pairs: Vec<(String, String)>,
}

pub(super) fn draw(dice: &mut Dice, vectors: &Value) -> Case {
    let now = vectors["now"].as_i64().unwrap() + i64::try_from(dice.below(100_000)).unwrap();
    let pairs = pairs(dice, vectors, now);
    Case {
        now,
        method: method(dice).to_owned(),
        path: paths::path(dice, vectors),
        query: paths::query(dice),
        cookies: cookies(&pairs),
        pairs,
    }
}

fn method(dice: &mut Dice) -> &'static str {
    match dice.below(20) {
        0 => dice.pick(&["POST", "OPTIONS", "get", "Head", "", "GET "]),
        1 | 2 => "HEAD",
        _ => "GET",
    }
}

fn pairs(dice: &mut Dice, vectors: &Value, now: i64) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let mut add = |name: &str, value: String| pairs.push((name.to_owned(), value));
    match dice.below(20) {
        0 => {}
        1 => add(ACCESS_COOKIE, String::new()),
        2 => {
            let token = tokens::draw(dice, vectors, now);
            let other = match dice.below(3) {
                0 => String::new(),
                1 => token.clone(),
                _ => tokens::draw(dice, vectors, now),
            };
            add(ACCESS_COOKIE, token);
            add(ACCESS_COOKIE, other);
        }
        3 => add("Tuition_Access", tokens::draw(dice, vectors, now)),
        _ => add(ACCESS_COOKIE, tokens::draw(dice, vectors, now)),
    }
    match dice.below(12) {
        0..=4 => add(HINT_COOKIE, "a.rust".to_owned()),
        5 => add(HINT_COOKIE, String::new()),
        6 => {
            add(HINT_COOKIE, "a".to_owned());
            add(HINT_COOKIE, "o".to_owned());
        }
        7 => add("TUITION_HINT", "a".to_owned()),
        _ => {}
    }
    if dice.chance(20) {
        add(
            dice.pick(&["theme", "constructor", "__proto__x", "a"]),
            "é\u{2028}".to_owned(),
        );
    }
    pairs
}

impl Case {
    /// The request in the shape that the edge gets, as one line.
    pub(super) fn question(&self) -> String {
        let line = json!({
            "now": self.now,
            "query": self.query,
            "request": {"method": self.method, "uri": self.path, "cookies": parsed(&self.pairs)},
        });
        format!("{line}\n")
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.question().trim_end())?;
        for (name, value) in &self.pairs {
            if name == ACCESS_COOKIE {
                write!(f, "\n  {}", tokens::told(value))?;
            }
        }
        Ok(())
    }
}
