//! `tuition new`.

use std::fs;

use crate::sandbox::{Sandbox, code, errors, shown, tuition};

#[test]
fn a_new_site_builds_without_a_word_of_complaint() {
    let sandbox = Sandbox::new();
    let checked = sandbox.run(&["check"]);
    assert_eq!((code(&checked), errors(&checked).as_str()), (0, ""));
    assert_eq!(code(&sandbox.run(&["build"])), 0);
    for file in [
        "dist/public/index.html",
        "dist/members/first-course/courses/first-course/paid/index.html",
        "dist/catalog.json",
        ".gitignore",
    ] {
        assert!(sandbox.path(file).is_file(), "{file}");
    }
    let teaser =
        fs::read_to_string(sandbox.path("dist/public/courses/first-course/paid/index.html"))
            .unwrap();
    assert!(
        teaser.contains("/api/checkout/sessions")
            && !teaser.contains("no byte of it is in the public pages"),
        "{teaser}"
    );
}

#[test]
fn a_folder_that_holds_something_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.txt"), "mine").unwrap();
    let refused = tuition(&["new", &shown(folder.path())]);
    assert_eq!(code(&refused), 3);
    assert!(
        errors(&refused).contains("already holds something"),
        "{}",
        errors(&refused)
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
