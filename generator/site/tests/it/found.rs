//! What others find a site by: structured data, feeds, the list for programs that read.

use serde_json::Value;
use tuition_site::Output;

use crate::{
    archive,
    support::{SHOP, built, shop_with, text},
};

/// A course that says everything a search engine asks for, and questions.
const COMPLETE: &str = r#"-- content/courses/complete/course.md --
+++
title = "Complete </script>"
summary = "All there is & more"
level = "beginner"
duration = "1h 30m"
prices = { USD = "10.00", JPY = "1500" }
objectives = ["Know <it>"]
instructors = ["The author"]
tags = ["rust"]

[[questions]]
question = "Why?"
answer = "Because."
+++
Text.
-- content/courses/complete/01-a/module.md --
+++
title = "A"
+++
-- content/courses/complete/01-a/01-one.md --
+++
title = "One"
+++
Teaser.

<!-- more -->

Hidden zq.
"#;

/// Members that somebody requires, by type: schema.org, and Google's pages on Course info, Course list, Breadcrumb,
/// Article, FAQ and paywalled content (<https://developers.google.com/search/docs/appearance/structured-data>).
const REQUIRED: &[(&str, &[&str])] = &[
    (
        "WebSite",
        &["/name", "/url", "/inLanguage", "/publisher/name"],
    ),
    (
        "Course",
        &[
            "/name",
            "/description",
            "/provider/name",
            "/offers/0/category",
            "/hasCourseInstance/0/courseMode",
            "/isAccessibleForFree",
        ],
    ),
    (
        "ItemList",
        &["/itemListElement/0/position", "/itemListElement/0/url"],
    ),
    (
        "BreadcrumbList",
        &[
            "/itemListElement/0/name",
            "/itemListElement/0/item",
            "/itemListElement/1/position",
        ],
    ),
    (
        "Article",
        &[
            "/headline",
            "/author/name",
            "/datePublished",
            "/dateModified",
            "/mainEntityOfPage",
        ],
    ),
    (
        "FAQPage",
        &["/mainEntity/0/name", "/mainEntity/0/acceptedAnswer/text"],
    ),
    (
        "LearningResource",
        &["/name", "/url", "/isPartOf/name", "/isAccessibleForFree"],
    ),
];

/// What a page says to machines.
fn nodes(output: &Output, path: &str) -> Vec<Value> {
    let html = text(output, path);
    let Some((_, rest)) = html.split_once("<script type=\"application/ld+json\">") else {
        return Vec::new();
    };
    let (json, _) = rest.split_once("</script>").unwrap();
    let document: Value = serde_json::from_str(json).unwrap();
    assert_eq!(document["@context"], "https://schema.org");
    document["@graph"].as_array().unwrap().clone()
}

fn node(output: &Output, path: &str, kind: &str) -> Value {
    let found = nodes(output, path);
    let named = found.iter().find(|node| node["@type"] == kind);
    named
        .unwrap_or_else(|| panic!("no {kind} on {path}: {found:?}"))
        .clone()
}

#[test]
fn structured_data_has_what_search_engines_require_of_each_type() {
    let output = built(shop_with(COMPLETE));
    let mut seen = Vec::new();
    for path in output.files.keys().filter(|path| path.ends_with(".html")) {
        for node in nodes(&output, path) {
            let kind = node["@type"].as_str().unwrap().to_owned();
            let (_, required) = REQUIRED
                .iter()
                .find(|(known, _)| *known == kind)
                .unwrap_or_else(|| panic!("{kind} on {path} has no row"));
            for member in *required {
                let is_there = node
                    .pointer(member)
                    .is_some_and(|value| !value.is_null() && *value != "");
                assert!(is_there, "{path}: {kind} lacks {member}: {node}");
            }
            seen.push(kind);
        }
    }
    for (kind, _) in REQUIRED {
        assert!(seen.iter().any(|seen| seen == kind), "no page has {kind}");
    }
}

#[test]
fn a_course_says_what_it_costs_how_long_it_takes_and_what_people_ask() {
    let output = built(shop_with(COMPLETE));
    let page = "public/courses/complete/index.html";
    let course = node(&output, page, "Course");
    assert_eq!(course["name"], "Complete </script>");
    assert_eq!(course["hasCourseInstance"][0]["courseWorkload"], "PT1H30M");
    assert_eq!(
        course["hasCourseInstance"][0]["instructor"][0]["name"],
        "The author"
    );
    let offers = course["offers"].as_array().unwrap();
    let price = |currency: &str| {
        let of = |offer: &&Value| offer["priceCurrency"] == currency;
        offers.iter().find(of).unwrap()["price"].clone()
    };
    assert_eq!(
        (price("USD"), price("JPY")),
        ("10.00".into(), "1500".into())
    );
    let asked = node(&output, page, "FAQPage");
    assert_eq!(asked["mainEntity"][0]["acceptedAnswer"]["text"], "Because.");
    let crumbs = node(&output, page, "BreadcrumbList");
    assert_eq!(
        crumbs["itemListElement"][1]["item"],
        "https://courses.example/courses/complete/"
    );
}

#[test]
fn a_paid_lesson_names_the_part_that_is_paid_and_its_length_is_no_secret_told() {
    let output = built(shop_with(COMPLETE));
    let teaser = "public/courses/complete/one/index.html";
    let lesson = node(&output, teaser, "LearningResource");
    assert_eq!(lesson["isAccessibleForFree"], false);
    assert_eq!(lesson["hasPart"]["cssSelector"], ".paywall");
    // Nobody has said how long this course takes, and its texts must be paid for.
    let course = node(&output, "public/courses/rust/index.html", "Course");
    assert_eq!(course["hasCourseInstance"][0].get("courseWorkload"), None);
    // Of a free one it is what its texts take.
    let free = node(&output, "public/courses/manual/index.html", "Course");
    assert!(free["hasCourseInstance"][0]["courseWorkload"].is_string());
}

#[test]
fn feeds_are_read_by_a_reader_of_feeds() {
    let output = built(archive::parse(SHOP));
    for (path, language, entries) in [
        ("public/feed.xml", "en", &["Second", "First: a post"][..]),
        ("public/zh/feed.xml", "zh", &["第二篇"]),
    ] {
        let feed = feed_rs::parser::parse(text(&output, path).as_bytes()).unwrap();
        assert_eq!(feed.feed_type, feed_rs::model::FeedType::Atom);
        assert_eq!(feed.language.as_deref(), Some(language), "{path}");
        assert!(feed.updated.is_some() && !feed.authors.is_empty(), "{path}");
        let titles = feed.entries.iter().map(|entry| {
            assert!(entry.published.is_some() && entry.updated.is_some());
            assert!(entry.summary.is_some() && entry.links.len() == 1);
            entry.title.as_ref().unwrap().content.as_str()
        });
        assert_eq!(titles.collect::<Vec<_>>(), entries, "{path}");
    }
}

#[test]
fn a_list_for_programs_that_read_names_what_is_public_in_each_language() {
    let output = built(archive::parse(SHOP));
    insta::assert_snapshot!("llms", text(&output, "public/llms.txt"));
    insta::assert_snapshot!("llms-zh", text(&output, "public/zh/llms.txt"));
    let off = shop_with(&SHOP.replace("[checks]", "[features]\nllms = false\n\n[checks]"));
    let output = built(off);
    assert!(!output.files.keys().any(|path| path.ends_with("llms.txt")));
}
