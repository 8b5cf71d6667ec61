//! Access tokens, right and wrong in every way that a parser, a decoder or a clock may see.
//!
//! Most have one thing wrong, so that each check is reached; what is wrong is often signed as well.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;

use super::dice::Dice;
use crate::gate::{secret_of, sign};

const COURSES: [&str; 14] = [
    r#"["rust"]"#,
    r#"["rust"]"#,
    r#"["go","rust","c"]"#,
    r#"["rust-advanced"]"#,
    r#"["编程","café"]"#,
    r#"["cafe\u0301"]"#,
    r#"[]"#,
    r#"["*"]"#,
    r#"["Rust","RUST","rust "]"#,
    r#"["rust",7]"#,
    r#"["rust",null]"#,
    r#"[["rust"]]"#,
    r#""rust""#,
    r#"{"0":"rust"}"#,
];

/// JSON that parsers are known to disagree about, or that merely is of another kind.
const ODD: [&str; 44] = [
    "null",
    "true",
    "false",
    "0",
    "-0",
    "-1",
    "1",
    "1.0",
    "1.5",
    "1e3",
    "1E+3",
    "1e400",
    "01",
    "+1",
    "1.",
    ".5",
    "NaN",
    "Infinity",
    "9007199254740991",
    "9007199254740993",
    "18446744073709551616",
    "1000000000000000",
    "999999999999999",
    "123456789012345678901234567890",
    "\"\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"\\ud83d\\ude00\"",
    "\"\\u0061\"",
    "\"\\/\"",
    "\"\\x\"",
    "\"\n\"",
    "\"\u{7f}\u{2028}\u{feff}\"",
    "'a'",
    "[]",
    "{}",
    "[1]",
    "[\"a\",]",
    "[[[[]]]]",
    "{\"a\":{\"b\":[]}}",
    "[\"\\\"\"]",
    "undefined",
    "/**/1",
    "\"a\"\"b\"",
];

const NAMES: [&str; 16] = [
    "iss",
    "aud",
    "sub",
    "iat",
    "exp",
    "courses",
    "drafts",
    "alg",
    "typ",
    "kid",
    "crit",
    "jti",
    "nbf",
    "__proto__",
    "7",
    "constructor",
];

pub(super) fn draw(dice: &mut Dice, vectors: &Value, now: i64) -> String {
    let mut header = Object::new([
        ("typ", "\"at+jwt\"".to_owned()),
        ("alg", "\"HS256\"".to_owned()),
        ("kid", "\"k1\"".to_owned()),
    ]);
    let age = i64::try_from(dice.below(890)).unwrap();
    let mut claims = Object::claims(vectors, now - age, 900);
    if dice.chance(40) {
        claims.set("courses", dice.pick(&COURSES));
    }
    if dice.chance(15) {
        claims.set("drafts", dice.pick(&COURSES));
    }
    let mut key = "k1";
    let mut spelled = Spelling::Right;
    match dice.below(16) {
        0 => {
            let (kid, signer) = dice_pair(dice);
            header.set("kid", kid);
            key = signer;
        }
        1 => header.set(
            "alg",
            dice.pick(&["\"none\"", "\"HS512\"", "\"hs256\"", "\"RS256\"", "256"]),
        ),
        2 => header.set(
            "typ",
            dice.pick(&["\"JWT\"", "\"AT+JWT\"", "\"application/at+jwt\"", "1"]),
        ),
        3 => header.edit(dice),
        4 => {
            let offset = dice.pick(&[&-62_i64, &-61, &-60, &-59, &0, &899, &900, &901, &100_000]);
            let life = dice.pick(&[&900_i64, &900, &901, &0, &-1, &1, &1_000_000]);
            claims = Object::claims(vectors, now - offset, *life);
        }
        5 => claims = Object::claims(vectors, now - 10, 901),
        6 => claims = Object::claims(vectors, now + 61 + age, 900),
        7 => claims.set(
            "iss",
            dice.pick(&[
                "\"https://other.example\"",
                "\"https://learn.example/\"",
                "[]",
                "\"\"",
            ]),
        ),
        8 => claims.set(
            "aud",
            dice.pick(&[
                "\"https://other.example\"",
                "[\"https://learn.example\"]",
                "\"\"",
            ]),
        ),
        9 | 10 => {
            for _ in 0..=dice.below(2) {
                claims.edit(dice);
            }
        }
        11 => spelled = Spelling::Signed,
        12 => spelled = Spelling::Unsigned,
        13 => key = "k0",
        _ => {}
    }
    let mut parts = [encoded(&header.bytes(dice)), encoded(&claims.bytes(dice))];
    if spelled == Spelling::Signed {
        let part = dice.below(2);
        parts[part] = respelled(dice, &parts[part]);
    }
    let [header, claims] = &parts;
    let input = format!("{header}.{claims}");
    let signature = sign("HS256", &secret_of(vectors, key), &input);
    match spelled {
        Spelling::Right | Spelling::Signed => format!("{input}.{signature}"),
        Spelling::Unsigned => tampered(dice, header, claims, &signature),
    }
}

/// A token as one can read it.
pub(super) fn told(token: &str) -> String {
    let parts = token.split('.').map(|part| {
        let bytes = URL_SAFE_NO_PAD.decode(part);
        bytes.map_or_else(
            |_| format!("{part:?}"),
            |bytes| format!("{:?}", String::from_utf8_lossy(&bytes)),
        )
    });
    parts.collect::<Vec<_>>().join(" . ")
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Spelling {
    Right,
    /// Something is wrong with the text that is signed.
    Signed,
    /// Something happened after signing.
    Unsigned,
}

/// A key id, and whose key signs.
fn dice_pair(dice: &mut Dice) -> (&'static str, &'static str) {
    *dice.pick(&[
        &("\"k0\"", "k0"),
        &("\"k0\"", "k1"),
        &("\"k9\"", "stranger"),
        &("\"config\"", "config"),
        &("\"constructor\"", "stranger"),
        &("\"__proto__\"", "stranger"),
        &("\"../k1\"", "k1"),
        &("\"k1 \"", "k1"),
        &("\"K1\"", "k1"),
        &("7", "7"),
        &("\"7\"", "7"),
        &("[\"k1\"]", "k1"),
        &("\"\"", "k1"),
    ])
}

/// An object as text, not yet JSON for sure.
struct Object(Vec<(String, String)>);

impl Object {
    fn new<const N: usize>(members: [(&str, String); N]) -> Self {
        Self(
            members
                .into_iter()
                .map(|(name, value)| (format!("\"{name}\""), value))
                .collect(),
        )
    }

    fn claims(vectors: &Value, iat: i64, life: i64) -> Self {
        Self::new([
            ("iss", vectors["config"]["iss"].to_string()),
            ("aud", vectors["config"]["aud"].to_string()),
            ("sub", "\"learner-1\"".to_owned()),
            ("iat", iat.to_string()),
            ("exp", (iat + life).to_string()),
            ("courses", "[\"rust\"]".to_owned()),
        ])
    }

    fn set(&mut self, name: &str, value: &str) {
        let name = format!("\"{name}\"");
        self.0.retain(|(other, _)| *other != name);
        self.0.push((name, value.to_owned()));
    }

    fn edit(&mut self, dice: &mut Dice) {
        let at = dice.below(self.0.len());
        let odd = dice.pick(&ODD).to_owned();
        let name = format!("\"{}\"", dice.pick(&NAMES));
        match dice.below(9) {
            0 => drop(self.0.remove(at)),
            1 | 2 => self.0[at].1 = odd,
            3 => self.0.push((name, odd)),
            4 => self.0.insert(0, (name, "\"x\"".to_owned())),
            5 => {
                let twice = self.0[at].clone();
                self.0.push(twice);
            }
            6 => {
                self.0[at].0 = dice
                    .pick(&[
                        "\"\"",
                        "\"exp \"",
                        "\"\\u0065xp\"",
                        "exp",
                        "\"é\"",
                        "\"Exp\"",
                    ])
                    .to_owned()
            }
            7 => self.0[at].1 = format!("{} ", self.0[at].1),
            _ => {
                let other = dice.below(self.0.len());
                self.0.swap(at, other);
            }
        }
        if self.0.is_empty() {
            self.set("x", "1");
        }
    }

    /// The text, now and then with something around or inside it that is no JSON, or no UTF-8.
    fn bytes(&self, dice: &mut Dice) -> Vec<u8> {
        let members: Vec<String> = self
            .0
            .iter()
            .map(|(name, value)| format!("{name}:{value}"))
            .collect();
        let mut bytes = format!("{{{}}}", members.join(",")).into_bytes();
        if dice.chance(3) {
            let extra = dice.pick(&[
                "\u{feff}".as_bytes(),
                b" ",
                b"\n",
                b"\xff",
                b"\xc0\xaf",
                b"\xed\xa0\x80",
                b",",
                b"{",
                b"}",
                b"\0",
                b"\\",
                b"\xc3",
            ]);
            let at = match dice.below(3) {
                0 => 0,
                1 => bytes.len(),
                _ => dice.below(bytes.len()),
            };
            bytes.splice(at..at, extra.iter().copied());
        }
        if dice.chance(1) {
            let padded = format!(
                "{},\"pad\":\"{}\"}}",
                String::from_utf8_lossy(&bytes).trim_end_matches('}'),
                "x".repeat(2_600 + dice.below(400))
            );
            bytes = padded.into_bytes();
        }
        bytes
    }
}

fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Another spelling of the same bytes, or nearly.
fn respelled(dice: &mut Dice, part: &str) -> String {
    let (before, after) = part.split_at(dice.place(part));
    match dice.below(9) {
        0 => format!("{part}="),
        1 => format!("{part}=="),
        2 => format!("{before}\n{after}"),
        3 => format!("{before} {after}"),
        4 => STANDARD.encode(URL_SAFE_NO_PAD.decode(part).unwrap()),
        5 => format!("{part}A"),
        // The bits that a last character has beyond the bytes.
        6 => {
            let last = part.chars().last().unwrap();
            let next = char::from_u32(u32::from(last) + 1).unwrap();
            format!("{}{next}", &part[..part.len() - 1])
        }
        7 => format!("{before}é{after}"),
        _ => before.to_owned(),
    }
}

/// What somebody without a key does to a token.
fn tampered(dice: &mut Dice, header: &str, claims: &str, signature: &str) -> String {
    let input = format!("{header}.{claims}");
    match dice.below(12) {
        0 => format!("{input}."),
        1 => input,
        2 => format!("{input}.{signature}."),
        3 => format!("{input}.{signature}.{signature}"),
        4 => format!(".{input}.{signature}"),
        5 => format!("{header}..{signature}"),
        6 => format!("{header}.{}.{signature}", respelled(dice, claims)),
        7 => format!("{}.{claims}.{signature}", respelled(dice, header)),
        8 => format!("{claims}.{header}.{signature}"),
        9 => dice
            .pick(&[
                "rust",
                "..",
                "a.b.c",
                "bnVsbA.e30.c",
                "e30.e30.e30",
                "\u{1f600}.\u{1f600}.\u{1f600}",
            ])
            .to_owned(),
        10 => format!("{input}.{}", signature.to_uppercase()),
        _ => format!("{input}.{}", respelled(dice, signature)),
    }
}
