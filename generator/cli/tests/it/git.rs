//! What pages tell of the past of their texts, read from real repositories.

use std::{fs, path::Path, process::Command};

use crate::sandbox::{Sandbox, code, errors, shown, tuition};

const LESSON: &str = "content/courses/first-course/01-start/01-welcome.md";
const PAGE: &str = "dist/public/courses/first-course/welcome/index.html";

/// Runs git as somebody, at a moment.
fn git_as(folder: &Path, who: &str, when: &str, arguments: &[&str]) {
    let done = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args([
            "-c",
            "protocol.file.allow=always",
            "-c",
            "core.hooksPath=/nonexistent",
        ])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/nonexistent/config")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_AUTHOR_NAME", who)
        .env("GIT_AUTHOR_EMAIL", format!("{who}@example.com"))
        .env("GIT_COMMITTER_NAME", "somebody")
        .env("GIT_COMMITTER_EMAIL", "somebody@example.com")
        .env("GIT_AUTHOR_DATE", "2020-01-01T00:00:00Z")
        .env("GIT_COMMITTER_DATE", when)
        .output()
        .unwrap();
    assert!(done.status.success(), "{arguments:?}: {}", errors(&done));
}

fn git(folder: &Path, arguments: &[&str]) {
    git_as(folder, "ann", "2026-01-01T12:00:00Z", arguments);
}

fn commit(folder: &Path, who: &str, when: &str, subject: &str) {
    git_as(folder, who, when, &["add", "--all"]);
    git_as(folder, who, when, &["commit", "-qm", subject]);
}

fn init(folder: &Path) {
    git(folder, &["init", "-q", "-b", "main"]);
}

fn add(sandbox: &Sandbox, name: &str, text: &str) {
    let before = fs::read_to_string(sandbox.path(name)).unwrap();
    sandbox.write(name, &format!("{before}{text}"));
}

/// Builds the site and returns the page of its first lesson.
fn page(sandbox: &Sandbox) -> String {
    let built = sandbox.run(&["build"]);
    assert_eq!(
        (code(&built), errors(&built).contains("warning")),
        (0, false),
        "{}",
        errors(&built)
    );
    fs::read_to_string(sandbox.path(PAGE)).unwrap()
}

#[test]
fn renames_mail_map_time_zone_and_uncommitted_changes() {
    let sandbox = Sandbox::new();
    let site = sandbox.site();
    init(&site);
    sandbox.write(".mailmap", "Ann of the Map <ann@example.com>\n");
    add(
        &sandbox,
        "content/site.toml",
        "\n[git]\nauthors = true\nedit_url = \"https://forge.example/edit/{path}\"\n",
    );
    let old = LESSON.replace("01-welcome", "09-greeting");
    let lesson = fs::read_to_string(sandbox.path(LESSON)).unwrap();
    fs::remove_file(sandbox.path(LESSON)).unwrap();
    commit(
        &site,
        "di",
        "2025-12-01T12:00:00Z",
        "A commit of paid texts is told to nobody",
    );
    sandbox.write(&old, &lesson);
    commit(&site, "ann", "2026-01-01T12:00:00Z", "Write <it>");
    add(&sandbox, &old, "\nMore.\n");
    // Still the 2nd of January in UTC.
    commit(&site, "bo", "2026-01-03T01:00:00+08:00", "Say more");
    fs::rename(sandbox.path(&old), sandbox.path(LESSON)).unwrap();
    commit(&site, "cy", "2026-02-01T00:00:00Z", "Only a name");
    add(&sandbox, LESSON, "\nNot committed.\n");
    let html = page(&sandbox);
    for part in [
        "Last changed <time datetime=\"2026-01-02T17:00:00Z\">2 January 2026</time>",
        "Written by bo, Ann of the Map",
        "<a href=\"https://forge.example/edit/content/courses/first-course/01-start/01-welcome.md\">Edit this page</a>",
        "<span>Write &lt;it&gt;</span>",
        "Not committed.",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    assert!(!html.contains("Only a name"), "{html}");
    assert!(html.find("Say more") < html.find("Write &lt;it"), "{html}");
}

#[test]
fn without_a_repository_or_a_commit_pages_say_nothing() {
    let sandbox = Sandbox::new();
    assert!(!page(&sandbox).contains("Last changed"));
    init(&sandbox.site());
    assert!(!page(&sandbox).contains("Last changed"));
    let site = shown(&sandbox.site());
    let without_git = Command::new(env!("CARGO_BIN_EXE_tuition"))
        .args(["check", "--site", &site])
        .env("PATH", "/nonexistent")
        .output()
        .unwrap();
    assert_eq!((code(&without_git), errors(&without_git).as_str()), (0, ""));
}

#[test]
fn a_clone_without_its_past_is_told_and_no_wrong_date_shown() {
    let sandbox = Sandbox::new();
    let site = sandbox.site();
    init(&site);
    commit(&site, "ann", "2026-01-01T12:00:00Z", "One");
    add(&sandbox, LESSON, "\nMore.\n");
    commit(&site, "ann", "2026-01-02T12:00:00Z", "Two");
    let folder = tempfile::tempdir().unwrap();
    let url = format!("file://{}", shown(&site));
    git(folder.path(), &["clone", "-q", "--depth=1", &url, "clone"]);
    let clone = folder.path().join("clone");
    let built = tuition(&["build", "--site", &shown(&clone)]);
    assert_eq!(code(&built), 0, "{}", errors(&built));
    assert!(
        errors(&built).contains("warning[shallow-history]"),
        "{}",
        errors(&built)
    );
    assert!(
        errors(&built).contains("fetch-depth: 0"),
        "{}",
        errors(&built)
    );
    assert!(
        !fs::read_to_string(clone.join(PAGE))
            .unwrap()
            .contains("Last changed")
    );
}

#[test]
fn a_site_in_a_folder_of_a_repository_and_a_course_in_a_submodule_are_read() {
    let sandbox = Sandbox::new();
    let course = tempfile::tempdir().unwrap();
    init(course.path());
    let from = sandbox.path("content/courses/first-course");
    for file in [
        "course.md",
        "01-start/module.md",
        "01-start/01-welcome.md",
        "01-start/02-paid.md",
    ] {
        fs::create_dir_all(course.path().join("01-start")).unwrap();
        fs::copy(from.join(file), course.path().join(file)).unwrap();
    }
    commit(course.path(), "ann", "2026-03-03T00:00:00Z", "The course");
    fs::remove_dir_all(&from).unwrap();

    let root = sandbox.site();
    let root = root.parent().unwrap();
    init(root);
    let url = format!("file://{}", shown(course.path()));
    git(
        root,
        &[
            "submodule",
            "add",
            "-q",
            &url,
            "site/content/courses/first-course",
        ],
    );
    commit(root, "ann", "2026-04-04T00:00:00Z", "The site");
    assert!(page(&sandbox).contains("<time datetime=\"2026-03-03T00:00:00Z\">"));
    let about = fs::read_to_string(sandbox.path("dist/public/about/index.html")).unwrap();
    assert!(
        about.contains("<time datetime=\"2026-04-04T00:00:00Z\">"),
        "{about}"
    );
}

#[test]
fn git_is_asked_once_for_the_whole_site_and_not_of_the_repository_of_a_hook() {
    let sandbox = Sandbox::new();
    let site = sandbox.site();
    init(&site);
    for number in 0..20 {
        sandbox.write(
            &format!("content/pages/p{number}.md"),
            "+++\ntitle = \"P\"\n+++\nText.\n",
        );
    }
    commit(&site, "ann", "2026-01-01T12:00:00Z", "One");
    let trace = sandbox.path("../trace");
    let built = Command::new(env!("CARGO_BIN_EXE_tuition"))
        .args(["build", "--site", &shown(&site)])
        .env("GIT_TRACE", &trace)
        .env("GIT_DIR", "/nonexistent/.git")
        .output()
        .unwrap();
    assert_eq!(code(&built), 0, "{}", errors(&built));
    let trace = fs::read_to_string(trace).unwrap();
    let commands = trace
        .lines()
        .filter(|line| line.contains("trace: built-in: git"));
    assert_eq!(commands.count(), 3, "{trace}");
    let page = fs::read_to_string(sandbox.path("dist/public/p7/index.html")).unwrap();
    assert!(page.contains("Last changed"), "{page}");
}

#[test]
fn a_translation_that_stayed_behind_is_a_warning() {
    let sandbox = Sandbox::new();
    let site = sandbox.site();
    init(&site);
    let toml = fs::read_to_string(sandbox.path("content/site.toml")).unwrap();
    sandbox.write(
        "content/site.toml",
        &toml.replace("[\"en\"]", "[\"en\", \"zh\"]"),
    );
    sandbox.write(
        "content/pages/about.zh.md",
        "+++\ntitle = \"关于\"\n+++\n文字。\n",
    );
    commit(&site, "ann", "2026-01-01T12:00:00Z", "Both");
    assert_eq!(errors(&sandbox.run(&["check"])), "");
    add(&sandbox, "content/pages/about.md", "\nMore.\n");
    // The same second, as after a rebase: the order of the commits counts.
    commit(&site, "ann", "2026-01-01T12:00:00Z", "The original alone");
    let checked = sandbox.run(&["check"]);
    assert_eq!(code(&checked), 0);
    assert!(
        errors(&checked).starts_with("content/pages/about.zh.md:1:1: warning[stale-translation]: the original was changed once since: it is of 2026-01-01"),
        "{}",
        errors(&checked)
    );
}

#[test]
fn a_clone_without_contents_has_dates_and_fetches_nothing() {
    let sandbox = Sandbox::new();
    let site = sandbox.site();
    init(&site);
    let name = LESSON.replace("01-welcome", "09-greeting");
    fs::rename(sandbox.path(LESSON), sandbox.path(&name)).unwrap();
    commit(&site, "ann", "2026-01-01T12:00:00Z", "One");
    add(&sandbox, &name, "\nMore.\n");
    commit(&site, "ann", "2026-01-02T12:00:00Z", "Two");
    fs::rename(sandbox.path(&name), sandbox.path(LESSON)).unwrap();
    commit(&site, "ann", "2026-01-03T12:00:00Z", "Only a name");
    git(&site, &["config", "uploadpack.allowFilter", "true"]);
    let folder = tempfile::tempdir().unwrap();
    let url = format!("file://{}", shown(&site));
    let clone = ["clone", "-q", "--filter=blob:none", &url, "clone"];
    git(folder.path(), &clone);
    // From now on there is nobody to fetch from.
    fs::rename(site.join(".git"), site.join("gone")).unwrap();
    let clone = folder.path().join("clone");
    let built = tuition(&["build", "--site", &shown(&clone)]);
    assert_eq!(
        (code(&built), errors(&built).contains("warning")),
        (0, false),
        "{}",
        errors(&built)
    );
    let html = fs::read_to_string(clone.join(PAGE)).unwrap();
    assert!(
        html.contains("<time datetime=\"2026-01-02T12:00:00Z\">"),
        "{html}"
    );
}
