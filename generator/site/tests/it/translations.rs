//! Pages under `/<language>/`.

use crate::{
    archive,
    support::{SHOP, built, complaints, shop_with, text},
};

#[test]
fn a_lesson_that_is_not_translated_falls_back_so_that_links_hold() {
    let output = built(archive::parse(SHOP));
    let translated = text(&output, "public/zh/courses/rust/open/index.html");
    assert!(
        translated.contains("href=\"/zh/courses/rust/traits/\""),
        "{translated}"
    );
    assert!(translated.contains("<article lang=\"zh\""));
    let fallback = text(&output, "public/zh/courses/rust/last/index.html");
    assert!(
        fallback.contains("<html lang=\"zh\"") && fallback.contains("<article lang=\"en\""),
        "{fallback}"
    );
    assert!(
        fallback.contains(
            "<link rel=\"canonical\" href=\"https://courses.example/courses/rust/last/\">"
        ),
        "{fallback}"
    );
    assert!(!text(&output, "public/sitemap.xml").contains("/zh/courses/rust/last/"));
}

#[test]
fn a_course_without_translation_is_linked_in_its_own_language() {
    let output = built(archive::parse(SHOP));
    let home = text(&output, "public/zh/index.html");
    assert!(
        home.contains("href=\"/courses/manual/\"") && home.contains("href=\"/zh/courses/rust/\""),
        "{home}"
    );
    assert!(home.contains("免费"), "{home}");
    assert!(
        !output
            .files
            .contains_key("public/zh/courses/manual/index.html")
    );
}

#[test]
fn alternates_name_each_other() {
    let output = built(archive::parse(SHOP));
    for path in [
        "public/courses/rust/open/index.html",
        "public/zh/courses/rust/open/index.html",
    ] {
        let html = text(&output, path);
        for alternate in [
            "hreflang=\"en\" href=\"/courses/rust/open/\"",
            "hreflang=\"zh\" href=\"/zh/courses/rust/open/\"",
        ] {
            assert!(html.contains(alternate), "{path}: {html}");
        }
    }
}

#[test]
fn facts_stand_in_the_original_only() {
    let report = complaints(shop_with(
        "-- content/courses/rust/01-start/01-open.zh.md --\n+++\ntitle = \"x\"\nfree = true\n+++\n\
         -- content/courses/rust/01-start/02-traits.fr.md --\n+++\ntitle = \"x\"\n+++\n\
         -- content/pages/about.en.md --\n+++\ntitle = \"x\"\n+++\n\
         -- content/pages/alone.zh.md --\n+++\ntitle = \"x\"\n+++\n",
    ));
    insta::assert_snapshot!(report);
}
