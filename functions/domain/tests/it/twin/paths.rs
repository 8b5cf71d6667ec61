//! Paths and queries as nobody types them: pieces of real ones, and what servers are known to read
//! in more than one way.

use serde_json::Value;

use super::dice::Dice;

const PAGES: [&str; 20] = [
    "/",
    "/pricing",
    "/feed.xml",
    "/courses/",
    "/courses/rust",
    "/courses/rust/",
    "/courses/rust/traits/",
    "/courses/rust/traits",
    "/courses/rust/traits/index.html",
    "/courses/rust/traits/vtable.svg",
    "/courses/rust/pagefind/pagefind.js",
    "/courses/rust-advanced/macros/",
    "/courses/rusty/",
    "/courses/编程/特/",
    "/courses/caf%C3%A9/intro/",
    "/zh/courses/rust/traits/",
    "/zh-Hant/courses/rust/traits/",
    "/en/courses/编程/",
    "/assets/courses/rust/cover.png",
    "/_members/rust/courses/rust/traits/index.html",
];

const PIECES: [&str; 62] = [
    "/",
    "/",
    "/",
    ".",
    "..",
    "...",
    "%",
    "%2",
    "%2f",
    "%2F",
    "%2e",
    "%5F",
    "%5c",
    "%25",
    "%252f",
    "%00",
    "%0a",
    "%0D%0A",
    "%20",
    "%zz",
    "%+1",
    "%c3",
    "%c3%a9",
    "e%cc%81",
    "%c0%af",
    "%ed%a0%80",
    "%f4%90%80%80",
    "%ff",
    "%ef%bb%bf",
    "%e2%84%aa",
    "%c5%bf",
    "\\",
    ";",
    ";x=1",
    ":",
    "?",
    "#",
    "&",
    "=",
    "+",
    "*",
    " ",
    "~",
    "'",
    "@",
    "_members",
    "_MEMBERS",
    "_members.",
    "members",
    "courses",
    "Courses",
    "rust",
    "rust-advanced",
    "traits",
    "zh",
    "x-pirate",
    "de-CH-1901",
    "index.html",
    ".HTML",
    ".html",
    "sign-in",
    "assets",
];

/// Characters that compare, fold or print in a way of their own: Kelvin, long s, dotted I, a
/// combining acute, a byte order mark, separators, the last and first code points of planes.
const STRANGE: [&str; 20] = [
    "\u{212a}",
    "\u{17f}",
    "\u{130}",
    "\u{131}",
    "\u{e9}",
    "e\u{301}",
    "\u{feff}",
    "\u{2028}",
    "\u{85}",
    "\u{a0}",
    "\0",
    "\n",
    "\r",
    "\t",
    "\u{7f}",
    "\u{fffd}",
    "\u{ffff}",
    "\u{1f600}",
    "\u{10ffff}",
    "\u{202e}",
];

pub(super) fn path(dice: &mut Dice, vectors: &Value) -> String {
    let mut path = match dice.below(10) {
        0 => vector(dice, vectors).to_owned(),
        1 | 2 => pieces(dice),
        _ => dice.pick(&PAGES).to_owned(),
    };
    if dice.chance(50) {
        for _ in 0..=dice.below(3) {
            path = mutated(dice, &path);
        }
    }
    path
}

pub(super) fn query(dice: &mut Dice) -> Option<String> {
    match dice.below(8) {
        0..=3 => None,
        4 => Some(String::new()),
        5 => Some("utm_source=a&x=%20b&q=1&q=2".to_owned()),
        _ => {
            let mut query = pieces(dice);
            for _ in 0..dice.below(3) {
                query = mutated(dice, &query);
            }
            Some(query)
        }
    }
}

fn vector<'a>(dice: &mut Dice, vectors: &'a Value) -> &'a str {
    let cases = vectors["cases"].as_array().unwrap();
    let case = &cases[dice.below(cases.len())];
    case["request"]["uri"].as_str().unwrap()
}

fn pieces(dice: &mut Dice) -> String {
    let start = dice.pick(&[
        "/",
        "/",
        "/courses/",
        "/courses/rust/",
        "/zh/courses/rust/",
        "",
    ]);
    let count = dice.below(7);
    (0..count).fold(start.to_owned(), |path, _| path + dice.pick(&PIECES))
}

fn mutated(dice: &mut Dice, path: &str) -> String {
    let (before, after) = path.split_at(dice.place(path));
    let mut rest = after.chars();
    let first = rest.next();
    let rest = rest.as_str();
    match (dice.below(9), first) {
        (0, Some(c)) => format!("{before}{}{rest}", escaped(dice, c)),
        (1, Some(c)) => format!("{before}{}{rest}", escaped(dice, c).replace('%', "%25")),
        (2, Some(c)) if c.is_ascii_lowercase() => {
            format!("{before}{}{rest}", c.to_ascii_uppercase())
        }
        (2, Some(c)) => format!("{before}{}{rest}", c.to_lowercase()),
        (3, Some(_)) => format!("{before}{rest}"),
        (4, Some(c)) => format!("{before}{c}{c}{rest}"),
        (5, _) => format!("{before}{}{after}", dice.pick(&STRANGE)),
        (6, _) => {
            let strange = dice.pick(&STRANGE);
            let written: String = strange.chars().map(|c| escaped(dice, c)).collect();
            format!("{before}{written}{after}")
        }
        (7, _) => format!("{path}/"),
        _ => format!("{before}{}{after}", dice.pick(&PIECES)),
    }
}

/// Every byte of a character as an escape, in capitals or not.
fn escaped(dice: &mut Dice, c: char) -> String {
    let mut bytes = [0; 4];
    let capitals = dice.chance(50);
    c.encode_utf8(&mut bytes)
        .bytes()
        .map(|byte| match capitals {
            true => format!("%{byte:02X}"),
            false => format!("%{byte:02x}"),
        })
        .collect()
}
