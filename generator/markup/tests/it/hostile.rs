//! Texts that want to break out, or to take for ever.

use std::time::Duration;

use tuition_markup::{Options, Severity, no_includes, scan};

use crate::html;

/// Renders and scans, and complains when that takes long or the output outgrows the input.
fn is_harmless(text: String) {
    let limit = text.len() * 20 + 1000;
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let outline = scan(&text, &Options::default(), &no_includes);
        sender.send((html(&text).len(), outline.problems)).unwrap();
    });
    // Generous: the measured time is well under a second without optimisation.
    let (length, _) = receiver
        .recv_timeout(Duration::from_secs(20))
        .expect("takes too long");
    assert!(length <= limit, "{length} bytes of HTML, {limit} allowed");
}

#[test]
fn two_hundred_thousand_of_anything_are_harmless() {
    for piece in [
        ">", "[", "`", "<b>", "*", "_", "![", "](", "- ", "#", "|", "~", "&", "<", "<!--", "\\",
        "[^a]", "a\n: b\n", "* * ", "> - ",
    ] {
        is_harmless(piece.repeat(200_000 / piece.len()));
    }
}

#[test]
fn a_list_of_1500_levels_is_an_error() {
    let text: String = (0..1500)
        .map(|level| format!("{}- x\n", "  ".repeat(level)))
        .collect();
    let outline = scan(&text, &Options::default(), &no_includes);
    let nesting: Vec<_> = outline
        .problems
        .iter()
        .filter(|problem| problem.code == "nesting")
        .collect();
    assert_eq!(nesting.len(), 1);
    assert_eq!(nesting[0].severity, Severity::Error);
    is_harmless(text);
}

#[test]
fn attributes_can_not_be_left() {
    let html = html(
        "![a\"b](x.png 't\"u') [c](<v\" onclick=w> 'q\"r') <img src='y z'>\n\n```a\"b<c file=\"x<y\"\nz\n```\n",
    );
    for part in [
        "alt=\"a&quot;b\"",
        "title=\"t&quot;u\"",
        "href=\"v%22%20onclick=w\" title=\"q&quot;r\"",
        "data-lang=\"a&quot;b&lt;c\"",
        "<figcaption>x&lt;y</figcaption>",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
}

#[test]
fn schemes_that_run_code_are_errors_however_they_are_written() {
    for link in [
        "[x](javascript:a)",
        "[x](&#106;avascript:a)",
        "[x](java&Tab;script:a)",
        "[x](<java\tscript:a>)",
        "<javascript:a>",
        "![x](data:text/html,a)",
        "[x][r]\n\n[r]: VBScript:a",
        "<a href='javascript:a'>x</a>",
    ] {
        let problems = scan(link, &Options::default(), &no_includes).problems;
        assert!(
            problems.iter().any(|problem| problem.code == "link-scheme"),
            "{link}: {problems:?}"
        );
    }
}

#[test]
fn code_is_text_whatever_it_looks_like() {
    let html = html("```html\n</code></pre><script>alert(1)</script>\n```\n\n`<b>`\n");
    assert!(
        !html.contains("<script>") && html.contains("<code>&lt;b&gt;</code>"),
        "{html}"
    );
}

#[test]
fn every_place_is_one_in_the_text_however_a_fence_is_written() {
    for info in [
        "rust &amp;É=1",
        "r\\ust title=\"É&copy;\" colapse",
        "r&#117;st É",
        "rust include=\"%:/c\r\r\r\r\r\r\r\rÊ\"",
        "pyhton&nbsp;É",
        "éé&copy;x",
    ] {
        let text = format!("É\n\n~~~ {info}\nx\n~~~\n");
        let outline = scan(&text, &Options::default(), &|_| Some("a\n".to_owned()));
        let problems = outline.problems.iter().map(|problem| &problem.range);
        let references = outline.references.iter().map(|reference| &reference.range);
        let places: Vec<_> = problems.chain(references).collect();
        assert!(!places.is_empty(), "{info}");
        for place in places {
            assert!(text.get(place.clone()).is_some(), "{place:?} of {text:?}");
        }
    }
}
