//! Courses with their drafts: private trees for authors, and not a byte elsewhere.

use tuition_site::{Files, Options, Output, build};

use crate::{
    archive,
    support::{SHOP, built, complaints, options, shop_with, shown, source, text},
};

const DRAFTS: &str = include_str!("cases/drafts.txt");

fn with_drafts() -> Output {
    built(shop_with(DRAFTS))
}

/// All but the private trees of drafts and the list of them.
fn published(output: &Output) -> Files {
    let files = output.files.iter();
    files
        .filter(|(path, _)| !path.contains(".drafts/") && *path != "catalog.json")
        .map(|(path, bytes)| (path.clone(), bytes.clone()))
        .collect()
}

/// Paths of one tree, below it.
fn tree<'a>(output: &'a Output, root: &str) -> Vec<&'a str> {
    let below = format!("{root}/");
    let paths = output.files.keys();
    paths.filter_map(|path| path.strip_prefix(&below)).collect()
}

#[test]
fn drafts_change_no_byte_that_anyone_else_may_see() {
    let without = built(archive::parse(SHOP));
    let with = with_drafts();
    assert_eq!(published(&with), published(&without));
    let mut catalog = with.catalog.clone();
    assert_eq!(catalog.drafts, ["manual", "rust", "wasm-qz"]);
    catalog.drafts.clear();
    assert_eq!(catalog, without.catalog);
    assert_eq!(
        without.files["catalog.json"],
        catalog.to_json().unwrap().into()
    );
}

#[test]
fn a_course_stands_in_its_tree_as_it_will_be() {
    let output = with_drafts();
    let next = text(
        &output,
        "members/rust.drafts/courses/rust/next-qz/index.html",
    );
    assert!(
        next.contains("Teaser qz") && next.contains("Paid qz"),
        "{next}"
    );
    assert!(next.contains("class=\"lesson members draft\""), "{next}");
    assert!(
        next.contains("href=\"/courses/wasm-qz/hello-qz/\""),
        "{next}"
    );
    let chinese = text(
        &output,
        "members/rust.drafts/zh/courses/rust/next-qz/index.html",
    );
    assert!(chinese.contains("草稿 qz"), "{chinese}");
    let last = text(&output, "members/rust.drafts/courses/rust/last/index.html");
    assert!(
        last.contains("Not this zq.")
            && last.contains("<a rel=\"next\" href=\"/courses/rust/next-qz/\">")
    );
    let landing = text(&output, "members/rust.drafts/courses/rust/index.html");
    assert!(landing.contains("Next qz</a> ? locked draft"), "{landing}");
    assert!(!landing.contains("Traits</a> ? locked draft"), "{landing}");
    for file in ["next-qz.png", "more-qz.png", "paid-zq.png", "open.png"] {
        let path = format!("members/rust.drafts/courses/rust/files/01-start/{file}");
        assert!(output.files.contains_key(&path), "{path}");
    }
}

#[test]
fn free_courses_and_courses_that_are_drafts_as_a_whole_have_trees_too() {
    let output = with_drafts();
    assert!(
        text(
            &output,
            "members/manual.drafts/courses/manual/later-qz/index.html"
        )
        .contains("Free qz")
    );
    assert!(
        output
            .files
            .contains_key("members/manual.drafts/courses/manual/files/01-a/pic.png")
    );
    let hello = text(
        &output,
        "members/wasm-qz.drafts/courses/wasm-qz/hello-qz/index.html",
    );
    assert!(hello.contains("Hello qz") && hello.contains("href=\"/courses/rust/traits/\""));
    assert!(
        text(&output, "members/wasm-qz.drafts/courses/wasm-qz/index.html").contains("Landing qz")
    );
    assert!(
        output
            .files
            .contains_key("members/wasm-qz.drafts/courses/wasm-qz/files/01-a/hello-qz.png")
    );
    assert!(
        !output
            .files
            .keys()
            .any(|path| path.starts_with("members/wasm-qz/"))
    );
}

#[test]
fn whatever_else_is_at_a_course_is_in_its_tree_of_drafts_too() {
    let mut files = shop_with(DRAFTS);
    let list = "\"/courses/rust/gone/\" = \"/courses/rust/\"\n\"/zh/courses/manual/gone/\" = \"/about/\"\n";
    files.insert("content/redirects.toml".to_owned(), list.as_bytes().into());
    let output = built(files);
    for (course, others) in [("rust", "members/rust"), ("manual", "public")] {
        let preview = tree(&output, &format!("members/{course}.drafts"));
        let inside = format!("courses/{course}/");
        let expected: Vec<_> = tree(&output, others)
            .into_iter()
            .filter(|path| path.contains(&inside))
            .collect();
        assert!(
            expected.iter().any(|path| path.contains("gone")),
            "{expected:?}"
        );
        for path in expected {
            assert!(preview.contains(&path), "{course}: {path}");
        }
    }
    assert!(tree(&output, "members/rust.drafts").contains(&"courses/rust/old-qz/index.html"));
    assert!(
        !output
            .files
            .contains_key("public/courses/rust/old-qz/index.html")
    );
}

#[test]
fn every_link_from_a_draft_to_a_course_leads_to_something_that_its_author_sees() {
    let output = with_drafts();
    let mut links = 0;
    for (path, page) in &output.files {
        if !(path.contains(".drafts/") && path.ends_with(".html")) {
            continue;
        }
        let page = std::str::from_utf8(page).unwrap();
        for target in page.split(['"', '#']).filter(|part| part.starts_with('/')) {
            let Some((before, rest)) = target.split_once("/courses/") else {
                continue;
            };
            let Some((course, _)) = rest.split_once('/') else {
                continue;
            };
            let file = match target.ends_with('/') {
                true => format!("{target}index.html"),
                false => target.to_owned(),
            };
            let tree = match output.catalog.drafts.iter().any(|slug| slug == course) {
                true => format!("members/{course}.drafts"),
                false => "public".to_owned(),
            };
            links += 1;
            assert!(
                before.len() <= 3 && output.files.contains_key(&format!("{tree}{file}")),
                "{path}: {target}"
            );
        }
    }
    assert!(links > 50, "{links}");
}

#[test]
fn a_lesson_is_published_when_its_time_comes_and_needs_no_preview_then() {
    let later = Options {
        now: "2026-07-01T00:00:00Z".parse().unwrap(),
        ..options()
    };
    let (output, diagnostics) = build(&source(shop_with(DRAFTS)), &later);
    let output = output.unwrap_or_else(|| panic!("{}", shown(&diagnostics)));
    assert!(text(&output, "public/courses/manual/later-qz/index.html").contains("Free qz"));
    assert_eq!(output.catalog.drafts, ["rust", "wasm-qz"]);
    assert!(tree(&output, "members/manual.drafts").is_empty());
}

#[test]
fn a_build_with_drafts_needs_no_previews() {
    let all = Options {
        drafts: true,
        ..options()
    };
    let (output, _) = build(&source(shop_with(DRAFTS)), &all);
    let output = output.unwrap();
    assert!(
        output
            .files
            .contains_key("members/rust/courses/rust/next-qz/index.html")
    );
    assert!(!output.files.keys().any(|path| path.contains(".drafts/")));
    assert!(output.catalog.drafts.is_empty());
}

#[test]
fn what_is_wrong_with_a_draft_is_told_and_stops_nothing() {
    let files = shop_with(
        "-- content/courses/rust/01-start/04-wrong.md --\n+++\ntitle = \"Wrong\"\ndraft = true\nfree = true\n+++\n\
         [nowhere](gone.md), [a draft](../../../posts/draft.md), ![shared](../../../shared.png) and ![used](../../../pages/team.png).\n\
         -- content/courses/rust/01-start/05-last.md --\n+++\ntitle = \"Last again\"\ndraft = true\n+++\nSame name.\n\
         -- content/posts/draft.md --\n+++\ntitle = \"Draft\"\ndate = 2026-01-01\ndraft = true\n+++\nNot yet.\n\
         -- content/shared.png --\nPNG\n",
    );
    insta::assert_snapshot!(complaints(files));
}
