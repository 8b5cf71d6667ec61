//! The examples of CommonMark 0.31.2 and of GitHub Flavored Markdown, through our own pipeline.
//!
//! Where we mean something else, `spec/differences.txt` gives the reason; a difference that is gone must go there too.

mod reduce;

use std::collections::BTreeMap;

use reduce::{below_a_title, reduced};

use crate::html;

const COMMONMARK: &str = include_str!("spec/commonmark-0.31.2.txt");
const GFM: &str = include_str!("spec/gfm.txt");
const DIFFERENCES: &str = include_str!("spec/differences.txt");

struct Example {
    number: usize,
    markdown: String,
    html: String,
}

/// Examples stand between lines of 32 backticks; `.` ends the Markdown, `→` stands for a tab.
fn examples(spec: &str) -> Vec<Example> {
    let fence = "`".repeat(32);
    let mut examples = Vec::new();
    let mut lines = spec.lines();
    while let Some(line) = lines.next() {
        if !line.starts_with(&fence) || !line.contains("example") {
            continue;
        }
        let mut part = |end: &str| {
            let lines = lines.by_ref().take_while(|line| *line != end);
            lines.fold(String::new(), |text, line| text + line + "\n")
        };
        examples.push(Example {
            number: examples.len() + 1,
            markdown: part(".").replace('→', "\t"),
            html: part(&fence).replace('→', "\t"),
        });
    }
    examples
}

/// Reasons by number, from lines such as `12, 31-33: reason` below `[name]`.
fn reasons(section: &str) -> BTreeMap<usize, &'static str> {
    let mut reasons = BTreeMap::new();
    let text = DIFFERENCES.split(&format!("[{section}]\n")).nth(1).unwrap();
    let text = text.split("\n[").next().unwrap();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let (numbers, reason) = line.split_once(": ").unwrap();
        for part in numbers.split(", ") {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            for number in first.parse::<usize>().unwrap()..=last.parse().unwrap() {
                assert!(reasons.insert(number, reason).is_none(), "{number} twice");
            }
        }
    }
    reasons
}

fn check(section: &str, spec: &str, count: usize) {
    let examples = examples(spec);
    assert_eq!(examples.len(), count);
    let mut reasons = reasons(section);
    let mut wrong = String::new();
    for example in examples {
        let (ours, theirs) = (
            reduced(&html(&example.markdown)),
            reduced(&below_a_title(&example.html)),
        );
        let reason = reasons.remove(&example.number);
        if (ours == theirs) == reason.is_some() {
            let Example {
                number, markdown, ..
            } = example;
            wrong.push_str(&format!(
                "{section} {number} ({})\n{markdown}\nspecification: {theirs}\nours:          {ours}\n\n",
                reason.unwrap_or("differs without a reason")
            ));
        }
    }
    assert!(wrong.is_empty() && reasons.is_empty(), "{wrong}{reasons:?}");
}

#[test]
fn commonmark_holds_but_for_what_is_listed() {
    check("CommonMark", COMMONMARK, 652);
}

#[test]
fn github_flavored_markdown_holds_but_for_what_is_listed() {
    check("GFM", GFM, 14);
}
