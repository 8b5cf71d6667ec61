//! What pages tell of the past of their texts.

use std::sync::Arc;

use tuition_site::{Commit, Commits, Diagnostic, Files, History, Output, Source, build};

use crate::{
    archive,
    support::{SHOP, options, shown, source, text},
};

/// Commits, newest first: day of May, author, subject and what was touched, below `content/`.
fn history(commits: &[(i8, &str, &str, &[&str])]) -> History {
    let mut known = Commits::default();
    for (position, (day, author, subject, touched)) in commits.iter().enumerate() {
        let touched: Vec<_> = touched
            .iter()
            .map(|path| format!("content/{path}"))
            .collect();
        for path in &touched {
            let positions = known.of_file.entry(path.clone()).or_default();
            positions.push(position);
        }
        known.all.push(Commit {
            at: format!("2026-05-{day:02}T09:30:00Z").parse().unwrap(),
            author: (*author).to_owned(),
            subject: (*subject).to_owned(),
            touched,
        });
    }
    History::Known(known)
}

fn shop() -> History {
    history(&[
        (
            20,
            "Ann",
            "Paid zq again",
            &["courses/rust/01-start/02-traits.md"],
        ),
        (
            19,
            "Bo",
            "Free & paid zq",
            &[
                "courses/rust/01-start/01-open.md",
                "courses/rust/01-start/03-last.md",
            ],
        ),
        (
            18,
            "Bo",
            "Listing zq",
            &[
                "courses/rust/01-start/01-open.md",
                "courses/rust/01-start/code/zq.rs",
            ],
        ),
        (
            17,
            "Bo",
            "Gone zq",
            &[
                "courses/gone/01-a/01-b.md",
                "pages/about.md",
                "courses/rust/01-start/01-open.md",
            ],
        ),
        (
            16,
            "Ann",
            "Clear up <b>",
            &[
                "courses/rust/01-start/01-open.md",
                "courses/manual/01-a/01-install.md",
                "courses/manual/01-a/pic.png",
            ],
        ),
        (
            15,
            "Ann",
            "Paid zq",
            &["courses/rust/01-start/02-traits.md"],
        ),
        (
            14,
            "Ann",
            "Correct the landing page",
            &["courses/rust/course.md"],
        ),
        (
            13,
            "Cy",
            "Write",
            &[
                "courses/rust/01-start/01-open.md",
                "pages/about.md",
                "posts/2026-03-01-first.md",
                "courses/manual/01-a/01-install.md",
            ],
        ),
        (
            12,
            "Cy",
            "Translate",
            &["courses/rust/01-start/01-open.zh.md"],
        ),
    ])
}

/// Builds the shop with `[git]` in `site.toml` and a history.
fn built(git: &str, history: History) -> (Option<Output>, Vec<Diagnostic>) {
    build(&with(archive::parse(SHOP), git, history), &options())
}

fn with(mut files: Files, git: &str, history: History) -> Source {
    let site = String::from_utf8(files["content/site.toml"].to_vec()).unwrap();
    let site = site.replace(
        "[checks]",
        &format!("{git}\n[checks]\nstale-translation = \"off\""),
    );
    files.insert("content/site.toml".to_owned(), site.into_bytes().into());
    Source {
        history: Arc::new(history),
        ..source(files)
    }
}

const ALL: &str = "[git]\nauthors = true\nedit_url = \"https://forge.example/edit/main/{path}\"\n";

fn footer(output: &Output, path: &str) -> String {
    let html = text(output, path);
    match html.split_once("<footer>") {
        Some((_, rest)) => rest.split("</footer>").next().unwrap().to_owned(),
        None => String::new(),
    }
}

#[test]
fn each_reader_is_told_what_they_may_know() {
    let (output, report) = built(ALL, shop());
    let output = output.unwrap_or_else(|| panic!("{}", shown(&report)));
    let mut all = String::new();
    for path in [
        "public/courses/rust/open/index.html",
        "members/rust/courses/rust/open/index.html",
        "public/courses/rust/traits/index.html",
        "members/rust/courses/rust/traits/index.html",
        "public/zh/courses/rust/open/index.html",
        "public/courses/rust/index.html",
        "public/courses/manual/install/index.html",
        "public/about/index.html",
        "public/posts/first/index.html",
    ] {
        all.push_str(&format!(
            "== {path}\n{}\n",
            footer(&output, path).trim_end()
        ));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn search_engines_and_feeds_are_told_when_a_page_was_changed() {
    let (output, _) = built("", shop());
    let output = output.unwrap();
    let sitemap = text(&output, "public/sitemap.xml");
    for entry in [
        "/courses/rust/traits/</loc><lastmod>2026-05-20T09:30:00Z</lastmod>",
        "/about/</loc><lastmod>2026-05-17T09:30:00Z</lastmod>",
        "/pricing/</loc><xhtml",
    ] {
        assert!(sitemap.contains(entry), "{entry} in {sitemap}");
    }
    let feed = text(&output, "public/feed.xml");
    let entry =
        "<published>2026-03-01T00:00:00Z</published>\n<updated>2026-05-13T09:30:00Z</updated>";
    assert!(feed.contains(entry), "{feed}");
    assert!(
        feed.contains("<updated>2026-05-13T09:30:00Z</updated>\n<author>"),
        "{feed}"
    );
    let lesson = text(&output, "public/courses/rust/traits/index.html");
    assert!(
        lesson.contains("\"dateModified\":\"2026-05-20T09:30:00Z\""),
        "{lesson}"
    );
    let course = text(&output, "public/courses/rust/index.html");
    assert!(
        course.contains("\"dateModified\":\"2026-05-20T09:30:00Z\""),
        "{course}"
    );
}

#[test]
fn a_site_can_keep_its_past_to_itself() {
    let (output, _) = built("[git]\ndates = false\nchanges = false\n", shop());
    let output = output.unwrap();
    for (path, bytes) in &output.files {
        let text = String::from_utf8_lossy(bytes);
        assert!(
            !text.contains("<footer>") && !text.contains("2026-05-1") && !text.contains("lastmod"),
            "{path}: {text}"
        );
    }
}

#[test]
fn what_was_done_to_paid_texts_leaves_the_public_tree_as_it_is() {
    let public = |history: History| {
        let (output, _) = built(ALL, history);
        let mut files = output.unwrap().files;
        files.retain(|path, _| path.starts_with("public/"));
        files
    };
    let before = public(shop());
    for (path, bytes) in &before {
        let text = String::from_utf8_lossy(bytes).replace("/courses/rust/traits/#inside-zq", "");
        assert!(!text.contains("zq"), "{path}: {text}");
    }
    let History::Known(mut commits) = shop() else {
        panic!("a history")
    };
    for commit in &mut commits.all {
        if commit.subject.contains("zq") {
            commit.subject = "another subject".to_owned();
        }
    }
    assert_eq!(public(History::Known(commits)), before);
    let (output, _) = built(ALL, shop());
    let whole = output.unwrap();
    let whole = text(&whole, "members/rust/courses/rust/traits/index.html");
    assert!(whole.contains("Paid zq again"), "{whole}");
}

#[test]
fn a_subject_that_two_courses_pay_for_is_told_to_nobody() {
    let files = archive::parse(&format!(
        "{SHOP}-- content/courses/go/course.md --\n+++\ntitle = \"Go\"\nprices = {{ USD = \"9.00\" }}\n+++\n\
         -- content/courses/go/01-a/module.md --\n+++\ntitle = \"A\"\n+++\n\
         -- content/courses/go/01-a/01-b.md --\n+++\ntitle = \"B\"\n+++\nText\n"
    ));
    let commits = history(&[
        (
            3,
            "Ann",
            "In both",
            &[
                "courses/go/01-a/01-b.md",
                "courses/rust/01-start/02-traits.md",
            ],
        ),
        (2, "Ann", "Two", &["courses/rust/01-start/02-traits.md"]),
        (
            1,
            "Ann",
            "One",
            &["courses/rust/01-start/02-traits.md", "courses/go/course.md"],
        ),
    ]);
    let (output, report) = build(&with(files, "", commits), &options());
    let output = output.unwrap_or_else(|| panic!("{}", shown(&report)));
    let past = footer(&output, "members/rust/courses/rust/traits/index.html");
    assert!(
        past.contains("2026-05-03") && past.contains("Two") && past.contains("One"),
        "{past}"
    );
    assert!(!past.contains("In both"), "{past}");
}

#[test]
fn a_translation_that_stayed_behind_is_told() {
    let check = |checks: &str, history: History| {
        let mut files = archive::parse(SHOP);
        let site = String::from_utf8(files["content/site.toml"].to_vec()).unwrap();
        let site = format!("{site}{checks}\n");
        files.insert("content/site.toml".to_owned(), site.into_bytes().into());
        let source = Source {
            history: Arc::new(history),
            ..source(files)
        };
        shown(&build(&source, &options()).1)
    };
    insta::assert_snapshot!(check("", shop()));
    assert_eq!(check("stale-translation = \"off\"", shop()), "");
    assert!(check("stale-translation = \"error\"", shop()).contains("error[stale-translation]"));
    let (original, translation) = (
        "courses/rust/01-start/01-open.md",
        "courses/rust/01-start/01-open.zh.md",
    );
    let together = history(&[
        (2, "A", "Both", &[original, translation]),
        (1, "A", "One", &[original]),
    ]);
    assert_eq!(check("", together), "");
    let one: &[&str] = &[original];
    let mut often = vec![(3, "A", "Again", one); 50];
    let other: &[&str] = &[translation];
    often.push((1, "A", "Translate", other));
    assert!(check("", history(&often)).contains("was changed 50 times or more since"));
}

#[test]
fn a_history_that_is_not_there_is_told_once() {
    for (history, expected) in [
        (
            History::Shallow,
            "content/site.toml:1:1: warning[shallow-history]: the repository was cloned without its history",
        ),
        (
            History::Unreadable("dubious ownership".to_owned()),
            "content/site.toml:1:1: warning[unreadable-history]: git can't read the history of the site: dubious ownership",
        ),
    ] {
        let (output, report) = built("", history);
        assert!(shown(&report).starts_with(expected), "{}", shown(&report));
        assert_eq!(report.len(), 1);
        let lesson = text(
            output.as_ref().unwrap(),
            "public/courses/rust/open/index.html",
        )
        .to_owned();
        assert!(!lesson.contains("<footer>"), "{lesson}");
    }
}

#[test]
fn an_address_to_edit_must_be_one() {
    for (written, wrong) in [
        ("http://forge.example/{path}", "https://"),
        ("https:///{path}", "https://"),
        ("https://forge.example/edit", "{path} once"),
        ("https://forge.example/{path}/{path}", "{path} once"),
        ("https://forge.example/a b/{path}", "character"),
        ("javascript:alert(1)//{path}", "https://"),
    ] {
        let (output, report) = built(
            &format!("[git]\nedit_url = '{written}'\nauthor = true\n"),
            History::None,
        );
        let report = shown(&report);
        assert!(output.is_none());
        assert!(
            report.contains("\"edit_url\"") && report.contains(wrong),
            "{written}: {report}"
        );
        assert!(report.contains("did you mean \"authors\"?"), "{report}");
    }
}
