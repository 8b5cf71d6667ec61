//! `tuition report` on files, and what a made-up year looks like to it.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::sandbox::{code, errors, shown, tuition};

const PARAMS: &str = r#"{"lessons": {"a/1": 100}, "offers": {"a": {"kind": "course", "amount": 900, "currency": "USD"}}, "month": "2026-02", "activity_window_end": "2026-02-28"}"#;
const EVENTS: [&str; 3] = [
    r#"{"id": "1", "type": "purchase", "at": "2026-02-03T00:00:00Z", "learner": "ada", "offer": "a", "amount": 900, "currency": "USD"}"#,
    r#"{"id": "2", "type": "watch", "at": "2026-02-03T01:00:00Z", "learner": "ada", "lesson": "a/1", "from": 0, "to": 50}"#,
    r#"{"id": "1", "type": "purchase", "at": "2026-02-03T00:00:00Z", "learner": "ada", "offer": "a", "amount": 900, "currency": "USD"}"#,
];

fn json(arguments: &[&str]) -> Value {
    let done = tuition(arguments);
    assert_eq!(code(&done), 0, "{}", errors(&done));
    serde_json::from_slice(&done.stdout).unwrap()
}

fn lines() -> String {
    format!(
        "{{\"type\": \"params\", \"params\": {PARAMS}}}\n{}\n",
        EVENTS.join("\n")
    )
}

fn packed(path: &Path, text: &str) {
    let mut out =
        flate2::write::GzEncoder::new(fs::File::create(path).unwrap(), flate2::Compression::fast());
    out.write_all(text.as_bytes()).unwrap();
    out.finish().unwrap();
}

#[test]
fn one_document_lines_and_packed_lines_give_the_same_report() {
    let folder = tempfile::tempdir().unwrap();
    let document = folder.path().join("all.json");
    fs::write(
        &document,
        format!(
            "{{\n \"params\": {PARAMS},\n \"events\": [{}]}}",
            EVENTS.join(",")
        ),
    )
    .unwrap();
    let plain = folder.path().join("lines.jsonl");
    fs::write(&plain, lines()).unwrap();
    let gzip = folder.path().join("lines.jsonl.gz");
    packed(&gzip, &lines());
    let report = |path: &Path| json(&["report", "--json", "--events", &shown(path)]);
    let expected = report(&document);
    assert_eq!(expected["revenue"]["gross"], 900);
    assert_eq!(expected["coverage"]["ada"]["a/1"], 0.5);
    assert_eq!(report(&plain), expected);
    assert_eq!(report(&gzip), expected);
    let march = json(&[
        "report",
        "--json",
        "--events",
        &shown(&plain),
        "--from",
        "2026-03-01",
        "--to",
        "2026-03-31",
    ]);
    assert_eq!(march["revenue"]["gross"], 0);
}

#[test]
fn a_file_that_is_no_export_is_told_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let said = |text: &str| {
        let path = folder.path().join("bad.jsonl");
        fs::write(&path, text).unwrap();
        let done = tuition(&["report", "--json", "--events", &shown(&path)]);
        assert_eq!(code(&done), 3);
        errors(&done).replace(&shown(&path), "FILE")
    };
    let cut = lines();
    let said_of_cut = said(&cut[..cut.len() - 20]);
    assert!(
        said_of_cut.starts_with("error: FILE, line 4: EOF while parsing"),
        "{said_of_cut}"
    );
    let headless = said(lines().split_once("\n").unwrap().1);
    assert!(
        headless.contains("does not begin with the line of its params"),
        "{headless}"
    );
    assert!(said("x").contains("neither lines of records nor a document"));
    assert!(said("").contains("neither lines of records nor a document"));
    let backwards = tuition(&[
        "report",
        "--events",
        "f",
        "--from",
        "2026-02-02",
        "--to",
        "2026-02-01",
    ]);
    assert_eq!(code(&backwards), 2);
}

#[test]
fn a_report_is_a_page_in_two_languages_with_its_tables() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("lines.jsonl");
    fs::write(&file, lines()).unwrap();
    let out = folder.path().join("out");
    let done = tuition(&["report", "--events", &shown(&file), "--out", &shown(&out)]);
    assert_eq!(code(&done), 0, "{}", errors(&done));
    assert!(errors(&done).contains("1 records were there more than once"));
    let names = [
        "days.csv",
        "index.html",
        "index.zh.html",
        "learners.csv",
        "lessons.csv",
        "months.csv",
        "report.json",
        "searches.csv",
        "sources.csv",
    ];
    let mut found: Vec<_> = fs::read_dir(&out)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    found.sort();
    assert_eq!(found, names);
    let page = fs::read_to_string(out.join("index.html")).unwrap();
    assert!(
        !page.contains("<script") && !page.contains("src=") && !page.contains("http"),
        "needs nothing else"
    );
    for svg in page.split("<svg").skip(1) {
        let svg = svg.split("</svg>").next().unwrap();
        assert!(svg.len() < 8 * 1024 && svg.contains("<title") && svg.contains("<desc"));
    }
    let learners = fs::read_to_string(out.join("learners.csv")).unwrap();
    assert!(
        learners.lines().nth(1).unwrap().starts_with("ada,"),
        "{learners}"
    );
}

#[test]
fn a_made_up_year_is_the_same_from_the_stage_and_from_its_export_and_says_what_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let site = shown(&folder.path().join("site"));
    assert_eq!(code(&tuition(&["new", &site])), 0);
    let made = tuition(&["demo-data", "--site", &site, "--days", "40"]);
    assert_eq!(code(&made), 0, "{}", errors(&made));
    let file = shown(&folder.path().join("all.jsonl.gz"));
    let exported = tuition(&["metrics", "export", "--site", &site, "--out", &file]);
    assert_eq!(code(&exported), 0, "{}", errors(&exported));
    let of_stage = json(&["report", "--json", "--site", &site]);
    assert_eq!(of_stage["params"]["generated"], true);
    assert!(of_stage["MAU"].as_u64().unwrap() > 0);
    assert_eq!(json(&["report", "--json", "--events", &file]), of_stage);
    // Again changes nothing.
    assert_eq!(
        code(&tuition(&["demo-data", "--site", &site, "--days", "40"])),
        0
    );
    assert_eq!(json(&["report", "--json", "--site", &site]), of_stage);
    let refused = tuition(&["demo-data", "--site", &site, "--stage", "live"]);
    assert_eq!(code(&refused), 2);
}
