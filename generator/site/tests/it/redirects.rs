//! Old addresses.

use crate::{
    archive,
    support::{SHOP, built, complaints, shop_with, text},
};

const OLD: &str = r##"-- content/redirects.toml --
# Where pages were before.
"/book/ch01.html" = "/courses/rust/open/#more"
"/book" = "/book/ch01.html"
"/book/%E6%97%A7/" = "/zh/courses/rust/open/"
"/elsewhere/" = 'https://else.example/?a=1&b="2"'
"/courses/rust/old/" = "/courses/rust/traits/"
"/pt-BR/courses/rust/old.html" = "/courses/rust/"
"/courses/manual/old/" = "/courses/manual/"
-- content/posts/aliased.md --
+++
title = "Aliased"
date = 2026-03-02
aliases = ["/2026/03/aliased.html", "/blog/aliased/"]
+++
Text.
-- content/posts/aliased.zh.md --
---
title: 别名
aliases: [/zh/blog/aliased/]
---
文字。
-- content/courses/rust/01-start/04-new.md --
+++
title = "New"
aliases = ["/courses/rust/newer/"]
+++
Text zq.
-- content/courses/go/course.md --
+++
title = "Go"
aliases = ["/golang/"]
+++
Go.
-- content/courses/go/01-a/module.md --
+++
title = "A"
+++
-- content/courses/go/01-a/01-b.md --
+++
title = "B"
+++
Text.
"##;

#[test]
fn an_old_address_is_a_page_that_sends_on() {
    let output = built(shop_with(OLD));
    for (page, to) in [
        ("public/book/ch01.html", "/courses/rust/open/#more"),
        ("public/book/index.html", "/courses/rust/open/#more"),
        ("public/book/旧/index.html", "/zh/courses/rust/open/"),
        (
            "public/elsewhere/index.html",
            "https://else.example/?a=1&amp;b=%222%22",
        ),
        ("public/2026/03/aliased.html", "/posts/aliased/"),
        ("public/blog/aliased/index.html", "/posts/aliased/"),
        ("public/zh/blog/aliased/index.html", "/zh/posts/aliased/"),
        ("public/golang/index.html", "/courses/go/"),
    ] {
        let html = text(&output, page);
        let base = if to.starts_with('/') {
            "https://courses.example"
        } else {
            ""
        };
        for part in [
            format!("<meta http-equiv=\"refresh\" content=\"0; url={to}\">"),
            format!("<link rel=\"canonical\" href=\"{base}{to}\">"),
            "<meta name=\"robots\" content=\"noindex\">".to_owned(),
            format!("<a href=\"{to}\">"),
        ] {
            assert!(html.contains(&part), "{page}: {part} in {html}");
        }
    }
    let sitemap = text(&output, "public/sitemap.xml");
    assert!(
        !sitemap.contains("/book") && !sitemap.contains("/golang"),
        "{sitemap}"
    );
    assert!(
        output
            .catalog
            .paths
            .iter()
            .all(|path| !path.contains("old"))
    );
}

#[test]
fn an_old_address_behind_the_gate_is_in_both_trees() {
    let output = built(shop_with(OLD));
    for gated in [
        "courses/rust/old/index.html",
        "courses/rust/newer/index.html",
        "pt-BR/courses/rust/old.html",
    ] {
        let public = text(&output, &format!("public/{gated}"));
        assert_eq!(public, text(&output, &format!("members/rust/{gated}")));
    }
    let members: Vec<_> = output
        .files
        .keys()
        .filter(|path| path.starts_with("members/") && !path.contains("/courses/rust/"))
        .collect();
    assert!(members.is_empty(), "{members:?}");
    assert!(
        output
            .files
            .contains_key("public/courses/manual/old/index.html")
    );
}

#[test]
fn the_address_of_a_draft_is_none() {
    let files = shop_with(
        "-- content/pages/draft.md --\n+++\ntitle = \"Draft\"\ndraft = true\naliases = [\"/was/\"]\n+++\nx\n",
    );
    let output = built(files);
    assert!(!output.files.keys().any(|path| path.contains("/was/")));
}

#[test]
fn old_addresses_that_can_not_be_are_placed() {
    insta::assert_snapshot!(complaints(shop_with(include_str!("cases/redirects.txt"))));
}

#[test]
fn the_order_of_the_lines_does_not_show() {
    let lines = [
        "\"/a/\" = \"/b/\"",
        "\"/b/\" = \"/about/\"",
        "\"/c.html\" = \"/a/\"",
    ];
    let with = |lines: &[&str]| {
        let redirects = format!("-- content/redirects.toml --\n{}\n", lines.join("\n"));
        built(archive::parse(&format!("{SHOP}{redirects}")))
    };
    let mut reversed = lines;
    reversed.reverse();
    let output = with(&lines);
    assert_eq!(output, with(&reversed));
    assert!(text(&output, "public/c.html").contains("url=/about/"));
}
