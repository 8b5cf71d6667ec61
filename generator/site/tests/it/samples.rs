//! Which code of a site is run, and which pages say that it was.

use std::collections::BTreeMap;

use tuition_site::{Files, Group, Must, Options, Output, Sample, Tested, build, samples};

use crate::{
    archive,
    support::{complaints, options, shop_with, source, text},
};

fn groups(files: Files, drafts: bool) -> Vec<Group> {
    let options = Options {
        drafts,
        ..options()
    };
    let (groups, diagnostics) = samples(&source(files), &options);
    assert_eq!(diagnostics, []);
    groups
}

fn site() -> Files {
    archive::parse(include_str!("cases/samples.txt"))
}

#[test]
fn fences_become_samples_with_all_that_decides_about_them() {
    let groups = groups(site(), false);
    let mut shown = String::new();
    for group in &groups {
        let dependencies: Vec<_> = group
            .dependencies
            .iter()
            .map(|dependency| {
                format!("{} = {}", dependency.name, dependency.table).replace('\n', "; ")
            })
            .collect();
        shown.push_str(&format!(
            "{:?}: {} s, {} ignored, listed at {:?}\n{}\n",
            group.course,
            group.timeout,
            group.ignored,
            group
                .dependencies_place
                .as_ref()
                .map(|place| (&place.path, place.line)),
            dependencies.join("\n"),
        ));
        for sample in &group.samples {
            shown.push_str(&format!(
                "  {}:{}:{} code from {:?}, {} by {:?}, must {:?}, prints {:?}: {:?}\n",
                sample.place.path,
                sample.place.line,
                sample.place.column,
                sample.first_line,
                sample.file,
                sample.program,
                sample.must,
                sample.stdout,
                sample.code,
            ));
        }
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn drafts_are_samples_when_they_are_published() {
    let count = |drafts| {
        let groups = groups(site(), drafts);
        groups
            .iter()
            .map(|group| group.samples.len())
            .sum::<usize>()
    };
    assert_eq!(count(true), count(false) + 1);
}

#[test]
fn mistakes_are_placed_at_the_fence_or_the_key() {
    insta::assert_snapshot!(complaints(shop_with(include_str!(
        "cases/sample-mistakes.txt"
    ))));
}

/// Keys of the samples of the course, with the file of one path replaced.
fn keys(path: &str, from: &str, to: &str) -> Vec<String> {
    let mut files = site();
    let text = String::from_utf8(files[path].to_vec()).unwrap();
    assert!(text.contains(from), "{path}");
    files.insert(path.to_owned(), text.replace(from, to).into_bytes().into());
    let groups = groups(files, false);
    let samples = groups[0].samples.iter();
    samples.map(|sample| sample.key.clone()).collect()
}

fn changed(path: &str, from: &str, to: &str) -> usize {
    let before = keys(path, from, from);
    let after = keys(path, from, to);
    assert_eq!(before.len(), after.len());
    before.iter().zip(&after).filter(|(a, b)| a != b).count()
}

#[test]
fn a_key_changes_with_what_decides_and_with_nothing_else() {
    let (course, lesson) = (
        "content/courses/c/course.md",
        "content/courses/c/01-a/01-one.md",
    );
    let rust = groups(site(), false)[0]
        .samples
        .iter()
        .filter(|sample| matches!(sample.program, tuition_site::Program::Rust { .. }))
        .count();
    let all = groups(site(), false)[0].samples.len();
    assert_eq!(
        changed(lesson, "- In a list:", "Moved down.\n\n- In a list:"),
        0
    );
    assert_eq!(changed(lesson, "# fn hidden() {}", "# fn covered() {}"), 1);
    assert_eq!(changed(lesson, "expect=\"4\"", "expect=\"5\""), 1);
    assert_eq!(changed(lesson, "E0382,E0499", "E0382"), 1);
    assert_eq!(changed(course, "edition2018", "edition2021"), 1);
    assert_eq!(
        changed(course, "rand = \"0.8.5\"", "rand = \"0.8.6\""),
        rust
    );
    assert_eq!(
        changed("content/courses/c/code/own/Cargo.toml", "own", "other"),
        rust
    );
    assert_eq!(changed(course, "timeout = 3", "timeout = 4"), all);
}

#[test]
fn the_same_code_in_two_languages_has_one_key() {
    let groups = groups(site(), false);
    let four: Vec<&Sample> = groups[0]
        .samples
        .iter()
        .filter(|sample| sample.code.contains("2 + 2"))
        .collect();
    assert_eq!((four.len(), &four[0].key), (2, &four[1].key));
}

/// A record for each sample whose place passes; the further down, the later.
fn records(files: &Files, passes: impl Fn(&Sample) -> bool) -> BTreeMap<String, Tested> {
    let groups = groups(files.clone(), false);
    let samples = groups.iter().flat_map(|group| &group.samples);
    samples
        .filter(|sample| passes(sample))
        .map(|sample| {
            let day = 10 + sample.place.line % 19;
            let tested = Tested {
                at: format!("2026-05-{day}T23:30:00Z").parse().unwrap(),
                commit: Some("a1b2c3d".to_owned()),
            };
            (sample.key.clone(), tested)
        })
        .collect()
}

fn built(files: Files, tested: BTreeMap<String, Tested>) -> Output {
    let options = Options {
        tested,
        ..options()
    };
    build(&source(files), &options).0.unwrap()
}

const TEASER: &str = "public/courses/c/one/index.html";
const WHOLE: &str = "members/c/courses/c/one/index.html";

#[test]
fn a_lesson_says_when_all_its_samples_were_tested() {
    let all = records(&site(), |_| true);
    let output = built(site(), all);
    assert!(
        text(&output, TEASER).contains("<p>3 tested on 2026-05-14 (14 May 2026) at a1b2c3d</p>"),
        "{}",
        text(&output, TEASER)
    );
    assert!(
        text(&output, WHOLE).contains("<p>9 tested on "),
        "{}",
        text(&output, WHOLE)
    );
    let zh = text(&output, "members/c/zh/courses/c/one/index.html");
    assert!(
        zh.contains("<p>1 tested on ") && zh.contains("2026年5月"),
        "{zh}"
    );
}

#[test]
fn the_front_page_and_the_course_tell_of_free_lessons_that_were_tested() {
    let mut files = site();
    let free = "+++\ntitle = \"Free\"\nfree = true\n+++\n```py expect=\"6\"\nprint(3 + 3)\n```\n";
    let lesson = "content/courses/c/01-a/03-free.md";
    files.insert(lesson.to_owned(), free.as_bytes().into());
    let (home, course) = ("public/index.html", "public/courses/c/index.html");

    let output = built(files.clone(), records(&files, |_| true));
    assert!(text(&output, home).contains("<p>1 tested on 2026-05-"));
    assert!(text(&output, course).contains(", 1 tested</p>"));

    let only_paid = records(&files, |sample| sample.place.path != lesson);
    let output = built(files, only_paid);
    assert!(!text(&output, home).contains(" tested on "));
    assert!(!text(&output, course).contains(" tested</p>"));
}

#[test]
fn one_sample_without_a_record_is_enough_to_say_nothing() {
    let but_one = records(&site(), |sample| sample.must != Must::Panic);
    let output = built(site(), but_one);
    assert!(text(&output, TEASER).contains(" tested on "));
    assert!(!text(&output, WHOLE).contains(" tested on "));
    let only_paid = records(&site(), |sample| sample.must == Must::Panic);
    assert!(!text(&built(site(), only_paid), TEASER).contains(" tested on "));
}

#[test]
fn what_becomes_of_paid_samples_does_not_show_in_public() {
    let public = |output: &Output| -> Files {
        let files = output.files.iter();
        let public = files.filter(|(path, _)| path.starts_with("public/"));
        public
            .map(|(path, bytes)| (path.clone(), bytes.clone()))
            .collect()
    };
    let lesson = "content/courses/c/01-a/01-one.md";
    let before = site();
    let original = String::from_utf8(before[lesson].to_vec()).unwrap();
    let (free, paid) = original.split_once("<!-- more -->").unwrap();
    let tested = records(&before, |_| true);
    let expected = public(&built(before.clone(), tested.clone()));
    assert!(String::from_utf8_lossy(&expected[TEASER]).contains(" tested on "));
    let others = [
        "\n\nNo code.\n".to_owned(),
        "\n\n```text output\nof nothing\n```\n".replace(" output", ""),
        paid.replace("wrong", "wrong again")
            .replace("exit 3", "exit 4"),
    ];
    for other in others {
        let mut files = before.clone();
        let text = format!("{free}<!-- more -->{other}");
        files.insert(lesson.to_owned(), text.into_bytes().into());
        assert_eq!(public(&built(files, tested.clone())), expected);
    }
    let without_paid = records(&before, |sample| sample.place.line < 24);
    assert_eq!(public(&built(before, without_paid)), expected);
}

#[test]
fn a_build_can_insist_on_tested_samples() {
    let tested = records(&site(), |sample| sample.must != Must::Panic);
    let options = Options {
        tested,
        require_tested: true,
        ..options()
    };
    let (output, diagnostics) = build(&source(site()), &options);
    assert!(output.is_none());
    let told: Vec<_> = diagnostics.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "content/courses/c/01-a/01-one.md:55:1: error[untested]: the sample has not been tested as it stands here\n  hint: run `tuition test`"
        ]
    );
    let all = Options {
        tested: records(&site(), |_| true),
        ..options
    };
    assert!(build(&source(site()), &all).0.is_some());
}
