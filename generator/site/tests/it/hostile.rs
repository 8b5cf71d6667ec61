//! Content that wants to get out, to get in, or to take for ever. Whatever an author writes, a site builds or says why
//! it doesn't.

use tuition_site::{Diagnostic, Files, build};

use crate::support::{built, complaints, options, shop_with, source, text};

const LESSON: &str = "content/courses/manual/01-a/02-hostile.md";

fn with_lesson(body: &str) -> Files {
    let mut files = shop_with("");
    let text = format!("+++\ntitle = \"Hostile\"\n+++\n{body}\n");
    files.insert(LESSON.to_owned(), text.into_bytes().into());
    files
}

/// Codes with line and column of what is wrong with a file.
fn found(files: Files, path: &str) -> Vec<(usize, usize, &'static str)> {
    let (_, diagnostics) = build(&source(files), &options());
    let of_file = diagnostics.iter().filter(|found| found.path == path);
    of_file
        .map(|found| (found.line, found.column, found.code))
        .collect()
}

#[test]
fn paths_that_climb_are_errors_at_their_line_wherever_they_stand() {
    for path in [
        "../../../../../etc/passwd",
        "..\\..\\..\\..\\site.toml",
        "%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/x.png",
        "%2E%2E%2F%2E%2E%2F%2E%2E%2F%2E%2E%2F%2E%2E%2Fx.png",
        "/etc/passwd",
        "a%00.png",
        "../../../../themes/default/x.png",
    ] {
        for body in [
            format!("![x](<{path}>)"),
            format!("[x](<{path}>)"),
            format!("<img src=\"{path}\" alt=\"x\">"),
            format!("~~~ text include=\"{path}\"\n~~~"),
        ] {
            let codes = found(with_lesson(&body), LESSON);
            let is_refused = |(line, _, code): &(usize, usize, &str)| {
                *line == 4 && matches!(*code, "link-path" | "link" | "missing-image")
            };
            assert!(codes.iter().any(is_refused), "{body}: {codes:?}");
        }
    }
}

#[test]
fn a_nul_is_an_error_wherever_it_stands() {
    for body in ["![x](a\0.png)", "a\0b", "```text\n\0\n```"] {
        let codes = found(with_lesson(body), LESSON);
        assert!(
            matches!(codes.as_slice(), [(_, _, "control-character")]),
            "{body:?}: {codes:?}"
        );
    }
}

#[test]
fn two_hundred_thousand_of_one_mark_build_or_are_told_and_the_page_stays_small() {
    let page = "public/courses/manual/hostile/index.html";
    let empty = text(&built(with_lesson("")), page).len();
    for mark in [">", "[", "`", "<b>", "*", "- "] {
        let body = mark.repeat(200_000 / mark.len());
        let (output, diagnostics) = build(&source(with_lesson(&body)), &options());
        match output {
            Some(output) => {
                let length = text(&output, page).len() - empty;
                assert!(length <= 20 * body.len(), "{mark}: {length} bytes");
            }
            None => assert!(
                diagnostics.iter().any(|found| found.code == "nesting"),
                "{mark}"
            ),
        }
    }
}

#[test]
fn a_list_of_fifteen_hundred_levels_is_an_error() {
    let levels = (0..1500).map(|level| format!("{}- x\n", "  ".repeat(level)));
    let codes = found(with_lesson(&levels.collect::<String>()), LESSON);
    assert!(matches!(codes.as_slice(), [(_, _, "nesting")]), "{codes:?}");
}

#[test]
fn front_matter_that_nests_or_repeats_itself_is_an_error() {
    let deep = 20_000;
    let aliases: String = (0..60).map(|_| ", *a".to_owned()).collect();
    for (fence, data) in [
        (
            "+++",
            format!("title = {}{}", "[".repeat(deep), "]".repeat(deep)),
        ),
        ("+++", format!("title = {}", "{ a = ".repeat(deep))),
        ("+++", format!("{}a = 1", "a.".repeat(deep))),
        (
            "---",
            format!("title: {}{}", "[".repeat(deep), "]".repeat(deep)),
        ),
        ("---", format!("title: {}", "{a: ".repeat(deep))),
        (
            "---",
            format!(
                "a: &a {}\nb: &b [*a{aliases}]\nc: [*b, *b, *b, *b]",
                "x".repeat(100_000)
            ),
        ),
    ] {
        let file = format!("{fence}\n{data}\n{fence}\nText.\n");
        let mut files = shop_with("");
        files.insert("content/pages/deep.md".to_owned(), file.into_bytes().into());
        let (output, diagnostics) = build(&source(files), &options());
        let first = data.chars().take(20).collect::<String>();
        assert!(
            output.is_none() && diagnostics.iter().any(Diagnostic::is_error),
            "{first}"
        );
    }
}

#[test]
fn a_mark_of_byte_order_and_line_ends_of_windows_change_nothing() {
    let plain = "+++\ntitle = \"Hostile\"\n+++\n# One\n\n```text\na\nb\n```\n\n- x\n- y\n";
    let windows = format!("\u{feff}{}", plain.replace('\n', "\r\n"));
    let page = |text: &str| {
        let mut files = shop_with("");
        files.insert(LESSON.to_owned(), text.as_bytes().into());
        built(files)
    };
    assert_eq!(page(plain), page(&windows));
}

#[test]
fn bytes_that_are_no_utf_8_are_told_by_their_place() {
    let mut files = shop_with("");
    let latin = b"+++\ntitle = \"Hostile\"\n+++\ncaf\xe9\n".as_slice();
    files.insert(LESSON.to_owned(), latin.into());
    let report = complaints(files);
    assert!(
        report.starts_with(&format!("{LESSON}:4:4: error[encoding]")) && report.contains("byte 29"),
        "{report}"
    );
}

#[test]
fn a_direction_mark_in_code_is_a_warning_at_its_place() {
    let codes = found(with_lesson("```rust\nlet a = \"\u{202e}\";\n```"), LESSON);
    assert_eq!(codes, [(5, 10, "bidi-control")]);
}
