//! The gate of this crate and the one of the edge, asked the same things: any path, any cookies,
//! any token, in the shape that CloudFront gives. Both must decide alike, to the byte.
//!
//! Needs Node, so `cargo task test` runs it by name; `cargo task audit gate` runs it for long, and
//! with `njs`, an engine of the same dialect as the edge's runtime, where that is installed.

mod dice;
mod paths;
mod requests;
mod tokens;

use std::collections::BTreeMap;
use std::io::Write as _;

use jiff::Timestamp;
use serde_json::Value;
use tuition_domain::gate::{self, ACCESS_COOKIE, Cookies, Decision, Request, Site};
use tuition_domain::token::{self, Keys};

use self::dice::Dice;
use self::requests::Case;
use crate::gate::{VECTORS, in_words, keys_of};

/// Requests of one run, unless it is asked for more.
const CASES: usize = 50_000;
/// Of each kind of decision and of each reason to refuse a token there is at least one in so many.
const RARE: usize = 400;

#[test]
#[ignore = "needs Node: `cargo task test` and `cargo task audit gate` run it"]
fn both_gates_decide_alike() {
    let vectors: Value = serde_json::from_str(VECTORS).unwrap();
    let keys = keys_of(&vectors);
    let mut dice = Dice::new(asked("TUITION_GATE_SEED").unwrap_or(1));
    let count = asked("TUITION_GATE_CASES").map_or(CASES, |count| usize::try_from(count).unwrap());
    let cases: Vec<Case> = (0..count)
        .map(|_| requests::draw(&mut dice, &vectors))
        .collect();

    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let ours: Vec<Value> = cases
        .iter()
        .map(|case| {
            let decision = decide(case, &vectors, &keys);
            let (kind, words) = in_words(&decision);
            *seen.entry(kind.to_owned()).or_default() += 1;
            if let Some(token) = case.cookies.only(ACCESS_COOKIE) {
                *seen
                    .entry(outcome(case, &vectors, &keys, token))
                    .or_default() += 1;
            }
            words
        })
        .collect();
    for what in KINDS {
        let times = seen.get(what).copied().unwrap_or_default();
        assert!(
            times * RARE >= count,
            "{what} was hit {times} times: {seen:?}"
        );
    }

    for engine in engines() {
        let theirs = answers(&engine, &cases);
        assert_eq!(
            theirs.len(),
            count,
            "{engine} answered less than it was asked"
        );
        let mut wrong: Vec<String> = cases
            .iter()
            .zip(ours.iter().zip(&theirs))
            .filter(|(_, (ours, theirs))| ours != theirs)
            .map(|(case, (ours, theirs))| format!("{case}\n  here {ours}\n  there {theirs}"))
            .collect();
        wrong.sort_by_key(String::len);
        wrong.truncate(20);
        assert!(wrong.is_empty(), "under {engine}:\n{}", wrong.join("\n"));
    }
}

/// What must come up often: decisions in the words of the vectors, outcomes of tokens in Rust's.
const KINDS: [&str; 17] = [
    "pass",
    "not_found",
    "redirect",
    "members",
    "renew",
    "public",
    "Usable",
    "Malformed",
    "Kind",
    "UnknownKey",
    "Signature",
    "Claims",
    "Issuer",
    "Audience",
    "NotYetIssued",
    "TooLongLived",
    "Expired",
];

fn decide(case: &Case, vectors: &Value, keys: &Keys) -> Decision {
    let request = Request {
        method: &case.method,
        path: &case.path,
        query: case.query.as_deref(),
        cookies: &case.cookies,
    };
    gate::decide(&request, &site(vectors, keys), instant(case))
}

/// What becomes of a token, whatever the path.
fn outcome(case: &Case, vectors: &Value, keys: &Keys, token: &str) -> String {
    let Site { keys, iss, aud } = site(vectors, keys);
    match token::verify(keys, iss, aud, token, instant(case)) {
        Ok(_) => "Usable".to_owned(),
        Err(error) => format!("{error:?}"),
    }
}

fn site<'a>(vectors: &'a Value, keys: &'a Keys) -> Site<'a> {
    let text = |name: &str| vectors["config"][name].as_str().unwrap();
    Site {
        keys,
        iss: text("iss"),
        aud: text("aud"),
    }
}

fn instant(case: &Case) -> Timestamp {
    Timestamp::from_second(case.now).unwrap()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the audit asks for more than a test run"
)]
fn asked(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Engines to ask: Node always.
#[expect(
    clippy::disallowed_methods,
    reason = "the audit asks for more than a test run"
)]
fn engines() -> Vec<String> {
    let asked = std::env::var("TUITION_GATE_ENGINES").unwrap_or_else(|_| "node".to_owned());
    asked.split(',').map(str::to_owned).collect()
}

/// The edge's answers, in order.
#[expect(
    clippy::disallowed_types,
    reason = "the other gate is a program of another language"
)]
fn answers(engine: &str, cases: &[Case]) -> Vec<Value> {
    use std::process::{Command, Stdio};

    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let mut child = Command::new("node")
        .args(["infra/edge/twin.mjs", engine])
        .current_dir(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node is in the path");
    let mut stdin = child.stdin.take().unwrap();
    let questions: String = cases.iter().map(Case::question).collect();
    let writer = std::thread::spawn(move || stdin.write_all(questions.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(
        output.status.success(),
        "{engine} ended with {}",
        output.status
    );
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// All values of cookies, in the shape that CloudFront gives.
fn parsed(pairs: &[(String, String)]) -> Value {
    let mut all: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for (name, value) in pairs {
        let values = all.entry(name).or_default();
        values.push(serde_json::json!({ "value": value }));
    }
    let shaped = all.into_iter().map(|(name, values)| {
        let mut cookie = values.first().cloned().unwrap();
        if values.len() > 1 {
            cookie["multiValue"] = Value::Array(values);
        }
        (name.to_owned(), cookie)
    });
    Value::Object(shaped.collect())
}

/// The same cookies as the Rust gate gets them.
fn cookies(pairs: &[(String, String)]) -> Cookies {
    pairs.iter().cloned().collect()
}
