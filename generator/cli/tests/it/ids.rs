//! No heading of an author's has an id that the page itself uses: links would lead to the wrong one.

use std::collections::BTreeSet;

use crate::sandbox::{Sandbox, code, errors, shown, snapshot};

/// Headings with the words that the theme's own parts are called by.
const HEADINGS: [&str; 17] = [
    "Main",
    "Objectives",
    "Outline",
    "Audience",
    "Prerequisites",
    "Instructors",
    "Courses",
    "Posts",
    "Buy",
    "Comments",
    "Comments title",
    "Comment body",
    "Strings",
    "Email",
    "Toc title",
    "Fn 1",
    "Diagram 1",
];

#[test]
fn every_id_is_there_once_whatever_headings_say() {
    let sandbox = Sandbox::new();
    let headings: String = HEADINGS
        .iter()
        .map(|heading| {
            format!(
                "## {heading}\n\nText[^{heading}].\n\n[^{heading}]: Note.\n\n",
                heading = heading.replace(' ', "-")
            )
        })
        .collect();
    let body = format!(
        "{headings}```mermaid\nflowchart LR\n  A --> B\n```\n\n```mermaid\nflowchart LR\n  A --> B\n```\n"
    );
    sandbox.write(
        "content/pages/a.md",
        &format!("+++\ntitle = \"A\"\n+++\n{body}"),
    );
    sandbox.write(
        "content/posts/a.md",
        &format!("+++\ntitle = \"A\"\ndate = 2026-01-01\n+++\n{body}"),
    );
    sandbox.write(
        "content/courses/c/course.md",
        &format!("+++\ntitle = \"C\"\nsummary = \"S\"\nprices = {{ USD = \"9.00\" }}\nobjectives = [\"O\"]\naudience = [\"A\"]\nprerequisites = [\"first-course\"]\ninstructors = [\"I\"]\n+++\n{body}"),
    );
    sandbox.write(
        "content/courses/c/01-m/module.md",
        "+++\ntitle = \"M\"\n+++\n",
    );
    sandbox.write(
        "content/courses/c/01-m/01-l.md",
        &format!("+++\ntitle = \"L\"\n+++\n{body}"),
    );
    sandbox.write(
        "content/courses/c/01-m/02-open.md",
        &format!("+++\ntitle = \"O\"\nfree = true\n+++\n{body}"),
    );
    let out = sandbox.path("out");
    let built = sandbox.run(&[
        "build",
        "--now",
        "2026-06-01T00:00:00Z",
        "--out",
        &shown(&out),
    ]);
    assert_eq!(code(&built), 0, "{}", errors(&built));
    let mut pages = 0;
    for (name, bytes) in snapshot(&out) {
        if !name.ends_with(".html") {
            continue;
        }
        let html = String::from_utf8(bytes).unwrap();
        pages += usize::from(html.contains("id=\"strings\"") || html.contains("id=\"objectives\""));
        let mut seen = BTreeSet::new();
        for id in html.split(" id=\"").skip(1) {
            let id = id.split('"').next().unwrap();
            assert!(seen.insert(id), "the id \"{id}\" is in {name} twice");
        }
    }
    assert!(pages >= 5, "the headings are on {pages} pages");
}
