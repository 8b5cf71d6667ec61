//! What is written for a whole site.

use tuition_catalog::Catalog;
use tuition_site::build;

use crate::{
    archive,
    support::{SHOP, built, complaints, options, shop_with, source, text},
};

#[test]
fn every_file_of_both_trees_is_where_the_contract_says() {
    let output = built(archive::parse(SHOP));
    let names: Vec<_> = output.files.keys().map(String::as_str).collect();
    insta::assert_snapshot!(names.join("\n"));
}

#[test]
fn pages_hold_what_the_views_promise() {
    let output = built(archive::parse(SHOP));
    for (name, path) in [
        ("home", "public/index.html"),
        ("home-zh", "public/zh/index.html"),
        ("course", "public/courses/rust/index.html"),
        ("free-lesson", "public/courses/rust/open/index.html"),
        ("teaser", "public/courses/rust/traits/index.html"),
        ("teaser-without-mark", "public/courses/rust/last/index.html"),
        (
            "whole-lesson",
            "members/rust/courses/rust/traits/index.html",
        ),
        ("pricing", "public/pricing/index.html"),
        ("search", "public/search/index.html"),
        ("post", "public/posts/first/index.html"),
        ("page", "public/about/index.html"),
    ] {
        insta::assert_snapshot!(name, text(&output, path));
    }
}

#[test]
fn catalog_feed_sitemap_and_robots_are_complete() {
    let output = built(archive::parse(SHOP));
    let json = text(&output, "catalog.json");
    assert_eq!(Catalog::from_json(json.as_bytes()).unwrap(), output.catalog);
    insta::assert_snapshot!("catalog", json);
    insta::assert_snapshot!("feed", text(&output, "public/feed.xml"));
    insta::assert_snapshot!("feed-zh", text(&output, "public/zh/feed.xml"));
    insta::assert_snapshot!("sitemap", text(&output, "public/sitemap.xml"));
    insta::assert_snapshot!("robots", text(&output, "public/robots.txt"));
}

#[test]
fn the_same_input_gives_the_same_bytes_on_any_number_of_threads() {
    let drawn = include_str!("cases/drawn.txt");
    let first = built(shop_with(drawn));
    assert!(
        text(&first, "public/drawn/index.html")
            .matches("<svg")
            .count()
            >= 3
    );
    // What earlier builds have drawn is known to one and not to another.
    let warm = options();
    for threads in [1, 2, 7, 7] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let pool = pool.build().unwrap();
        for options in [&options(), &warm] {
            let (output, _) = pool.install(|| build(&source(shop_with(drawn)), options));
            assert!(output.as_ref() == Some(&first), "{threads} threads");
        }
    }
}

#[test]
fn drafts_and_what_is_for_later_wait() {
    let files = shop_with(
        "-- content/posts/later.md --\n+++\ntitle = \"Later\"\ndate = 2026-06-02\n+++\nx\n\
         -- content/posts/draft.md --\n+++\ntitle = \"Draft\"\ndate = 2026-01-01\ndraft = true\n+++\nx\n\
         -- content/courses/rust/01-start/04-soon.md --\n+++\ntitle = \"Soon\"\npublish_at = 2026-06-01T12:00:01Z\n+++\nx\n\
         -- content/courses/rust/01-start/05-now.md --\n+++\ntitle = \"Now\"\npublish_at = 2026-06-01T12:00:00Z\n+++\nx\n",
    );
    let has = |drafts: bool, path: &str| {
        let options = tuition_site::Options {
            drafts,
            ..options()
        };
        let (output, _) = build(&source(files.clone()), &options);
        output.unwrap().files.contains_key(path)
    };
    for path in [
        "public/posts/later/index.html",
        "public/posts/draft/index.html",
        "public/courses/rust/soon/index.html",
    ] {
        assert!(!has(false, path) && has(true, path), "{path}");
    }
    assert!(has(false, "public/courses/rust/now/index.html"));
}

#[test]
fn pages_are_linked_by_name() {
    let output = built(shop_with(include_str!("cases/names-of-pages.txt")));
    let html = text(&output, "public/names/index.html");
    for link in [
        "<a href=\"/courses/rust/traits/\">Traits</a>",
        "<a href=\"/courses/rust/last/\">Last</a>",
        "#more\">more</a>",
        "<a href=\"/courses/rust/\">Rust</a>",
        "<a href=\"/about/\">About</a>",
        "<a href=\"/posts/first/\">First: a post</a>",
        "<a href=\"mailto:a.b@mail.example\">",
        "<a href=\"mailto:c@mail.example\">",
        "<a href=\"https://other.example/x\">https://other.example/x</a>.",
    ] {
        assert!(html.contains(link), "{link} in {html}");
    }
    let own = text(&output, "public/courses/manual/open/index.html");
    assert!(
        own.contains("<a href=\"/courses/manual/open/\">Open here</a>"),
        "{own}"
    );
}

#[test]
fn content_is_never_a_template() {
    let files = shop_with(
        "-- content/pages/braces.md --\n+++\ntitle = \"{{ 7*7 }} {% include 'x' %}\"\n+++\n{{ 7*7 }} {% raw %} <% x %> ![{{ 7*7 }}](team.png)\n",
    );
    let output = built(files);
    let html = text(&output, "public/braces/index.html");
    assert!(
        html.contains("<h1>{{ 7*7 }} {% include &#x27;x&#x27; %}</h1>")
            || html.contains("<h1>{{ 7*7 }} {% include &#39;x&#39; %}</h1>"),
        "{html}"
    );
    assert!(
        html.contains("{{ 7*7 }} {% raw %}") && html.contains("alt=\"{{ 7*7 }}\""),
        "{html}"
    );
}

#[test]
fn another_base_url_changes_absolute_links_only_there() {
    let options = tuition_site::Options {
        base_url: Some("http://127.0.0.1:8080".to_owned()),
        ..options()
    };
    let (output, _) = build(&source(archive::parse(SHOP)), &options);
    let output = output.unwrap();
    assert!(
        text(&output, "public/sitemap.xml").contains("<loc>http://127.0.0.1:8080/about/</loc>")
    );
    assert_eq!(output.catalog.site.base_url, "http://127.0.0.1:8080");
}

#[test]
fn a_sites_own_theme_overrides_single_files() {
    let files = shop_with(
        "-- themes/mine/templates/page.html --\n{% extends \"base.html\" %}{% block main %}MINE {{ title }} {{ t(key=\"posts\") }} {{ t(key=\"pricing\") }}{% endblock main %}\n-- themes/mine/strings/en.toml --\nposts = \"Essays\"\n",
    );
    let mut files = files;
    let site = String::from_utf8(files["content/site.toml"].to_vec())
        .unwrap()
        .replacen("currency", "theme = \"mine\"\ncurrency", 1);
    files.insert("content/site.toml".to_owned(), site.into_bytes().into());
    let output = built(files);
    assert!(text(&output, "public/about/index.html").contains("MINE About Essays Pricing"));
    assert!(text(&output, "public/posts/first/index.html").contains("<h1>First: a post</h1>"));
}

#[test]
fn a_file_without_an_extension_is_handed_out_under_one_that_the_gate_lets_through() {
    let output = built(shop_with(
        "-- content/courses/manual/01-a/02-build.md --\n+++\ntitle = \"Build\"\n+++\n\
         See [the makefile](code/Makefile) and [what git leaves out](code/.gitignore).\n\
         -- content/courses/manual/01-a/code/Makefile --\nall:\n\
         -- content/courses/manual/01-a/code/.gitignore --\ntarget\n",
    ));
    let page = text(&output, "public/courses/manual/build/index.html");
    let folder = "/courses/manual/files/01-a/code";
    for name in ["Makefile.txt", ".gitignore"] {
        assert!(
            page.contains(&format!("href=\"{folder}/{name}\"")),
            "{page}"
        );
        assert!(
            output.files.contains_key(&format!("public{folder}/{name}")),
            "{name}"
        );
    }
}

#[test]
fn a_file_whose_name_no_address_can_hold_is_told() {
    let told = complaints(shop_with(
        "-- content/courses/manual/01-a/02-odd.md --\n+++\ntitle = \"Odd\"\n+++\n\
         ![all of it](100%25.png) and ![inside](_Members;x/a.png).\n\
         -- content/courses/manual/01-a/100%.png --\nPNG\n\
         -- content/courses/manual/01-a/_Members;x/a.png --\nPNG\n",
    ));
    assert_eq!(told.matches("error[file-name]").count(), 2, "{told}");
}

#[test]
fn beside_a_lesson_of_a_long_course_the_other_modules_are_names() {
    let long = |lessons: usize| {
        let mut files =
            String::from("-- content/courses/long/course.md --\n+++\ntitle = \"Long\"\n+++\n");
        for (folder, name) in [("01-a", "First"), ("02-b", "Second")] {
            files.push_str(&format!(
                "-- content/courses/long/{folder}/module.md --\n+++\ntitle = \"{name}\"\n+++\n"
            ));
            for lesson in 0..lessons {
                files.push_str(&format!(
                    "-- content/courses/long/{folder}/{lesson:02}-{folder}{lesson}.md --\n+++\ntitle = \"L\"\nduration = \"1m\"\n+++\nText.\n"
                ));
            }
        }
        built(shop_with(&files))
    };
    let lesson = "public/courses/long/02-b0/index.html";
    let whole = long(12);
    assert!(
        text(&whole, lesson).contains("<h2>First: 12 of 12</h2>\n<h2>Second here: 12 of 12</h2>")
    );
    let short = long(13);
    assert!(
        text(&short, lesson).contains("<h2>First: 0 of 13</h2>\n<h2>Second here: 13 of 13</h2>")
    );
    let landing = text(&short, "public/courses/long/index.html");
    assert!(
        landing.contains("<h2>1 First (13, 13 min)</h2>\n<p>1 "),
        "{landing}"
    );
    assert!(landing.contains("<p>26 "), "{landing}");
}

#[test]
fn an_offer_tells_what_its_courses_cost_one_by_one() {
    let files = shop_with(
        "-- content/courses/go/course.md --\n+++\ntitle = \"Go\"\nprices = { USD = \"40.00\" }\n+++\n\
         -- content/courses/go/01-a/module.md --\n+++\ntitle = \"A\"\n+++\n\
         -- content/courses/go/01-a/01-go.md --\n+++\ntitle = \"Go\"\nduration = \"90m\"\n+++\nText.\n\
         -- content/offers.toml --\n[[offers]]\nid = \"two\"\nkind = \"bundle\"\ntitle = \"Two\"\ncourses = [\"rust\", \"go\"]\n\
         prices = { USD = \"79.00\", CNY = \"500.00\" }\n\
         [[offers]]\nid = \"dear\"\nkind = \"bundle\"\ntitle = \"Dear\"\ncourses = [\"rust\", \"go\"]\nprices = { USD = \"89.00\" }\n\
         [[offers]]\nid = \"monthly\"\nkind = \"subscription\"\ntitle = \"All\"\ncourses = \"*\"\nprices = { USD = \"9.00\" }\nterm = \"month\"\n",
    );
    let output = built(files);
    let pricing = text(&output, "public/pricing/index.html");
    // Go has no price in yuan, a price that is no lower saves nothing, and a month is no sale.
    for line in [
        "two bundle : $79.00 (else $89.00) ¥500.00 4, ? ",
        "dear bundle : $89.00 4, ? ",
        "monthly subscription month: $9.00 4, ? ",
        "go course : $40.00 1, 1 h 30 min ",
    ] {
        assert!(pricing.contains(line), "{line}\n{pricing}");
    }
}

#[test]
fn a_course_answers_questions_and_a_half_one_is_placed() {
    let course = |questions: &str| {
        shop_with(&format!(
            "-- content/courses/manual/course.md --\n+++\ntitle = \"User manual\"\n{questions}+++\nText.\n"
        ))
    };
    let whole = "[[questions]]\nquestion = \"Why <this>?\"\nanswer = \"Because.\"\n";
    let output = built(course(whole));
    assert!(
        text(&output, "public/courses/manual/index.html")
            .contains("<p>Why &lt;this&gt;? Because.</p>")
    );

    let half = format!("{whole}[[questions]]\nquestion = \"Who?\"\n");
    let told = complaints(course(&half));
    assert!(
        told.starts_with("content/courses/manual/course.md:6:1: error[missing-key]: a question is asked and answered"),
        "{told}"
    );
}
