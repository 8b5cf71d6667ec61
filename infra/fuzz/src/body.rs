//! A Markdown text and a file that its fences include.

use tuition_markup::{Drawings, Fragment, Options, Outline, Severity, code_blocks, render, scan};

use crate::balance;

/// Scans and renders a text; panics where a promise is broken. Fences include `file`, whatever they ask for.
pub fn check(text: &str, file: Option<&str>, math: bool) {
    let drawings = Drawings::default();
    let cold = Options {
        math,
        line_width: Some(80),
        ..Options::default()
    };
    let warm = Options {
        drawings: Some(&drawings),
        ..cold
    };
    let includes = |_: &str| file.map(str::to_owned);
    let outline = scan(text, &warm, &includes);
    let fragment = render(text, &warm, &|_| None, &includes);
    // What was drawn before decides nothing.
    for options in [&warm, &cold] {
        let again = render(text, options, &|_| None, &includes);
        assert!(again == fragment, "two renders of one text differ");
    }
    assert!(
        scan(text, &cold, &includes) == outline,
        "two scans of one text differ"
    );

    places(text, &outline);
    size(text, file, math, &fragment);
    blocks(text, file);
    anchors(&outline, &fragment);
    // Raw HTML is the author's own. What is wrong with links and ids is told, and then nothing is published.
    let is_told = |code: &str| {
        outline
            .problems
            .iter()
            .any(|problem| problem.code == code && problem.severity == Severity::Error)
    };
    if !text.contains('<') && !is_told("link-scheme") && !is_told("duplicate-anchor") {
        balance::check(&fragment.html);
    }
}

/// Every place is one in the text.
fn places(text: &str, outline: &Outline) {
    let problems = outline.problems.iter().map(|problem| &problem.range);
    let references = outline.references.iter().map(|reference| &reference.range);
    for range in problems.chain(references).chain([&outline.teaser.range]) {
        assert!(
            text.get(range.clone()).is_some(),
            "{range:?} is no part of the text"
        );
    }
    for problem in &outline.problems {
        assert!(!problem.message.is_empty(), "{} says nothing", problem.code);
    }
}

/// Output stays in proportion to input: 20 times, and more only where a formula or a diagram is drawn.
fn size(text: &str, file: Option<&str>, math: bool, fragment: &Fragment) {
    let fences = text.matches("```").count() + text.matches("~~~").count();
    let written = text.len() + file.map_or(0, |file| file.len() * fences);
    let formulas = if math { text.matches('$').count() } else { 0 };
    let diagrams = text.matches("mermaid").count();
    let most = written * 20 + 2_000 + formulas * 400 + diagrams * 20_000;
    let most = if formulas > 0 || diagrams > 0 {
        most + written * 200
    } else {
        most
    };
    assert!(
        fragment.html.len() <= most,
        "{} bytes of HTML from {written}",
        fragment.html.len()
    );
}

fn blocks(text: &str, file: Option<&str>) {
    for block in code_blocks(text, &|_| file.map(str::to_owned)) {
        assert!(
            text.get(block.range.clone()).is_some(),
            "{:?} is no part of the text",
            block.range
        );
        assert_eq!(
            block.fence(),
            block.fence(),
            "two readings of one info string differ"
        );
    }
}

/// What the table of contents names is there to be linked to.
fn anchors(outline: &Outline, fragment: &Fragment) {
    assert_eq!(outline.toc, fragment.toc);
    let below = outline.toc.iter().flat_map(|entry| &entry.children);
    for entry in outline.toc.iter().chain(below) {
        assert!(
            outline.anchors.contains(&entry.id),
            "#{} leads nowhere",
            entry.id
        );
    }
}
