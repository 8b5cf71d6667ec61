//! What an author is told, as a terminal shows it: every mistake of a site in one run.

use crate::{
    archive,
    support::{complaints, shop_with},
};

#[test]
fn a_correct_site_is_silent() {
    assert_eq!(complaints(shop_with("")), "");
}

#[test]
fn broken_front_matter_duplicate_slug_dead_link_and_wrong_price_are_told_in_one_run() {
    insta::assert_snapshot!(complaints(shop_with(include_str!(
        "cases/four-mistakes.txt"
    ))));
}

#[test]
fn wrong_keys_and_values_are_placed() {
    insta::assert_snapshot!(complaints(shop_with(include_str!(
        "cases/front-matter.txt"
    ))));
}

#[test]
fn wrong_prices_are_placed() {
    insta::assert_snapshot!(complaints(shop_with(include_str!("cases/prices.txt"))));
}

#[test]
fn dead_references_name_what_is_near() {
    insta::assert_snapshot!(complaints(shop_with(include_str!("cases/references.txt"))));
}

#[test]
fn formulas_are_checked_where_they_are_switched_on() {
    insta::assert_snapshot!(complaints(shop_with(include_str!("cases/math.txt"))));
}

#[test]
fn includes_stay_inside_the_content_and_show_nothing_paid() {
    insta::assert_snapshot!(complaints(shop_with(include_str!("cases/includes.txt"))));
}

#[test]
fn checks_count_as_the_site_wants() {
    let with = |checks: &str| {
        let mut files = shop_with(include_str!("cases/checks.txt"));
        let site = String::from_utf8(files["content/site.toml"].to_vec()).unwrap();
        let site = site.replace("orphan-file = \"off\"", checks);
        files.insert("content/site.toml".to_owned(), site.into_bytes().into());
        complaints(files)
    };
    insta::assert_snapshot!(with(
        "link = \"warning\"\nhtml = \"error\"\nlong-line = \"warning\"\nline_width = 20\n\
         objectives = \"warning\"\nreading-time = \"warning\"\ndraft = \"warning\""
    ));
    assert_eq!(
        with("link = \"off\"\nhtml = \"off\"\norphan-file = \"off\""),
        ""
    );
    let wrong =
        with("link = \"of\"\npaid-text-in-public = \"off\"\nhtml = \"off\"\norphan-file = \"off\"");
    assert!(
        wrong.contains("\"link\" is no level")
            && wrong.contains("unknown key \"paid-text-in-public\""),
        "{wrong}"
    );
}

#[test]
fn offers_are_checked_against_courses() {
    insta::assert_snapshot!(complaints(shop_with(include_str!("cases/offers.txt"))));
}

#[test]
fn names_that_clash_are_told_with_the_other() {
    insta::assert_snapshot!(complaints(shop_with(include_str!("cases/names.txt"))));
}

#[test]
fn a_wrong_theme_is_placed_in_the_theme() {
    insta::assert_snapshot!(complaints(shop_with(include_str!(
        "cases/theme-mistakes.txt"
    ))));
}

#[test]
fn a_broken_theme_string_is_found_when_it_is_used() {
    let template = "-- themes/default/templates/page.html --\n{% extends \"base.html\" %}\n{% block main %}{{ t(key=\"fre\") }}{% endblock main %}\n";
    insta::assert_snapshot!(complaints(shop_with(template)));
}

#[test]
fn without_a_site_there_is_one_clear_answer() {
    insta::assert_snapshot!(complaints(archive::parse("-- content/pages/a.md --\nx\n")));
}

#[test]
fn a_yaml_alias_bomb_is_refused_at_once() {
    let mut bomb = String::from("-- content/pages/bomb.md --\n---\na: &a [x,x,x,x,x,x,x,x,x]\n");
    for (name, before) in ('b'..='i').zip('a'..) {
        let items = vec![format!("*{before}"); 9].join(",");
        bomb.push_str(&format!("{name}: &{name} [{items}]\n"));
    }
    bomb.push_str("---\n");
    let report = complaints(shop_with(&bomb));
    assert!(
        report.starts_with("content/pages/bomb.md:4:")
            && report.contains("error[front-matter]: budget"),
        "{report}"
    );
}
