//! `tuition build` and `tuition check`.

use std::fs;

use crate::sandbox::{Sandbox, code, errors, shown, snapshot, tuition};

#[test]
fn exit_codes_tell_mistakes_usage_and_machine_apart() {
    let sandbox = Sandbox::new();
    sandbox.write("content/pages/a.md", "no front matter");
    assert_eq!(code(&sandbox.run(&["check"])), 1);
    assert_eq!(code(&sandbox.run(&["build"])), 1);
    assert_eq!(code(&sandbox.run(&["build", "--base-url", "not a url"])), 2);
    assert_eq!(code(&tuition(&["bake"])), 2);
    assert_eq!(code(&tuition(&["build", "--site", "/nonexistent/site"])), 3);
}

#[test]
fn a_warning_is_no_error() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "content/pages/a.md",
        "+++\ntitle = \"A\"\n+++\n\n```pyhton\nx\n```\n",
    );
    let built = sandbox.run(&["build"]);
    assert_eq!(code(&built), 0);
    assert!(
        errors(&built).contains("content/pages/a.md:5:4: warning[unknown-language]"),
        "{}",
        errors(&built)
    );
}

#[test]
fn the_last_good_output_stays_when_the_site_breaks() {
    let sandbox = Sandbox::new();
    assert_eq!(
        code(&sandbox.run(&["build", "--now", "2026-06-01T00:00:00Z"])),
        0
    );
    let before = snapshot(&sandbox.path("dist"));
    sandbox.write("content/pages/a.md", "+++\ntitle = \"A\n+++\n");
    sandbox.write(
        "content/courses/first-course/course.md",
        "+++\ntitle = \"A\"\nprices = { USD = \"49.001\" }\n+++\n",
    );
    sandbox.write(
        "content/courses/first-course/01-start/03-paid.md",
        "+++\ntitle = \"A\"\n+++\n[x](nowhere.md)\n",
    );
    let built = sandbox.run(&["build"]);
    assert_eq!(code(&built), 1);
    for line in [
        "content/courses/first-course/01-start/03-paid.md:1:1: error[duplicate-slug]",
        "content/courses/first-course/01-start/03-paid.md:4:5: error[link]",
        "content/courses/first-course/course.md:3:18: error[price]",
        "content/pages/a.md:2:11: error[front-matter]",
    ] {
        assert!(
            errors(&built).contains(line),
            "{line} in {}",
            errors(&built)
        );
    }
    assert_eq!(errors(&built).matches("  hint: ").count(), 4);
    assert_eq!(snapshot(&sandbox.path("dist")), before);
}

#[test]
fn the_same_moment_gives_the_same_bytes() {
    let sandbox = Sandbox::new();
    for out in ["one", "two"] {
        let out = shown(&sandbox.path(out));
        assert_eq!(
            code(&sandbox.run(&["build", "--now", "2026-06-01T00:00:00Z", "--out", &out])),
            0
        );
    }
    assert_eq!(
        snapshot(&sandbox.path("one")),
        snapshot(&sandbox.path("two"))
    );
}

#[test]
fn an_output_folder_with_other_things_is_not_replaced() {
    let sandbox = Sandbox::new();
    let out = shown(&sandbox.path("content"));
    let refused = sandbox.run(&["build", "--out", &out]);
    assert_eq!(code(&refused), 3);
    assert!(
        errors(&refused).contains("no built site"),
        "{}",
        errors(&refused)
    );
    assert!(sandbox.path("content/site.toml").is_file());
}

#[cfg(unix)]
#[test]
fn links_out_of_the_site_and_loops_are_refused_but_links_inside_work() {
    use std::os::unix::fs::symlink;

    let sandbox = Sandbox::new();
    fs::write(sandbox.path("../outside.png"), "secret").unwrap();
    sandbox.write("content/pages/real.png", "picture");
    symlink(
        sandbox.path("content/pages/real.png"),
        sandbox.path("content/pages/inside.png"),
    )
    .unwrap();
    sandbox.write(
        "content/pages/a.md",
        "+++\ntitle = \"A\"\n+++\n![x](inside.png)\n",
    );
    assert_eq!(code(&sandbox.run(&["check"])), 0);
    symlink(
        sandbox.path("../outside.png"),
        sandbox.path("content/pages/outside.png"),
    )
    .unwrap();
    symlink(sandbox.path("content"), sandbox.path("content/pages/loop")).unwrap();
    let checked = sandbox.run(&["check"]);
    assert_eq!(code(&checked), 1);
    for path in ["outside.png", "loop"] {
        let line = format!("content/pages/{path}:1:1: error[link-out]");
        assert!(
            errors(&checked).contains(&line),
            "{line} in {}",
            errors(&checked)
        );
    }
}
