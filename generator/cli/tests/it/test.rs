//! `tuition test`, and what `build` makes of it.

use std::{
    fs,
    time::{Duration, Instant},
};

use crate::sandbox::{Sandbox, code, errors, lines_with};

const LESSON: &str = "content/courses/first-course/01-start/03-code.md";
const NOW: [&str; 2] = ["--now", "2026-11-22T10:00:00Z"];

/// A site whose only samples are those of one free lesson.
fn site(samples: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(
        "content/courses/first-course/01-start/01-welcome.md",
        "+++\ntitle = \"Welcome\"\nfree = true\n+++\n[On](02-paid.md)\n",
    );
    sandbox.write(LESSON, &lesson(samples));
    sandbox
}

fn lesson(samples: &str) -> String {
    format!("+++\ntitle = \"Code\"\nfree = true\n+++\n{samples}")
}

fn test(sandbox: &Sandbox, arguments: &[&str]) -> (i32, String) {
    let output = sandbox.run(&[&["test"], &NOW[..], arguments].concat());
    (code(&output), errors(&output))
}

/// The message of the fence at a line, with what a tool said and the hint.
fn at(told: &str, line: usize) -> String {
    let start = format!("{LESSON}:{line}:1: ");
    let after = told.lines().skip_while(|line| !line.starts_with(&start));
    let message: Vec<&str> = after
        .enumerate()
        .take_while(|(number, line)| *number == 0 || line.starts_with("  "))
        .map(|(_, line)| line)
        .collect();
    assert!(!message.is_empty(), "nothing at line {line} in\n{told}");
    message.join("\n").replacen(&start, "", 1)
}

#[test]
fn rust_does_what_its_words_say_or_fails_at_its_fence() {
    let sandbox = site(concat!(
        "```rust\n# fn twice(n: u8) -> u8 { n * 2 }\nassert_eq!(twice(2), 4);\n```\n",
        "```rust,should_panic\npanic!(\"on purpose\");\n```\n",
        "```rust,compile_fail,E0382\nlet s = String::new();\nlet t = s;\nprintln!(\"{s}{t}\");\n```\n",
        "```rust,no_run\nloop {}\n```\n",
        "```rust test_harness\n#[test]\nfn fine() {}\n```\n",
        "```rust should_fail expect=\"said\"\nprintln!(\"said\");\nstd::process::exit(4);\n```\n",
        "```rust edition2018\nlet async_ = 1; fn dyn_(_: &'static str) {}\n```\n",
        "```rust\nlet n: u8 = \"7\".parse()?;\nprintln!(\"{n}\");\nOk::<(), std::num::ParseIntError>(())\n```\n```text output\n7\n```\n",
        // From here on all are wrong.
        "```rust\nlet n: u8 = \"seven\";\n```\n",
        "```rust\n\nlet empty: Vec<u8> = Vec::new();\nprintln!(\"{}\", empty[3]);\n```\n",
        "```rust,compile_fail,E0499\nlet n: u8 = \"seven\";\n```\n",
        "```rust,compile_fail\nlet n = 7;\n```\n",
        "```rust,should_panic\nlet n = 7;\n```\n",
        "```rust\nloop {}\n```\n",
        "```rust test_harness\n#[test]\nfn wrong() { assert!(false); }\n```\n",
    ));
    sandbox.write(
        "content/courses/first-course/course.md",
        "+++\ntitle = \"C\"\nprices = { USD = \"1.00\" }\n[tests]\ntimeout = 1\n+++\n",
    );
    let (exit, told) = test(&sandbox, &[]);
    assert_eq!(exit, 1, "{told}");
    assert!(told.ends_with("15 samples: 8 passed, 7 failed\n"), "{told}");
    let wrong = at(&told, 39);
    assert!(
        wrong.starts_with(
            "error[sample]: it does not compile\n  | error[E0308]: mismatched types\n"
        ),
        "{wrong}"
    );
    assert!(
        wrong.contains(&format!("--> {LESSON}:40:13\n"))
            && wrong.contains("\n  | 40 | let n: u8 = \"seven\";\n"),
        "{wrong}"
    );
    assert!(wrong.contains("\n  hint: "), "{wrong}");
    let panics = at(&told, 42);
    assert!(
        panics.starts_with("error[sample]: it panics\n")
            && panics.contains(&format!("panicked at {LESSON}:45:21")),
        "{panics}"
    );
    assert!(
        at(&told, 47)
            .starts_with("error[sample]: it does not compile, but not for the reason E0499\n")
    );
    assert!(
        at(&told, 50)
            .starts_with("error[sample]: it compiles, but compile_fail says that it must not\n")
    );
    assert!(
        at(&told, 53)
            .starts_with("error[sample]: it ends well, but should_panic says that it panics\n")
    );
    assert!(at(&told, 56).starts_with("error[sample]: it did not end within 1 s and was killed"));
    assert!(at(&told, 59).starts_with("error[sample]: a test of it fails"));

    // What passed is neither compiled nor run again; moving it changes nothing.
    let text = fs::read_to_string(sandbox.path(LESSON)).unwrap();
    let passing = text.split("```rust\nlet n: u8 = \"seven\"").next().unwrap();
    sandbox.write(
        LESSON,
        &passing.replace("+++\n```rust\n#", "+++\nA line.\n\n```rust\n#"),
    );
    fs::remove_dir_all(sandbox.path(".tuition/tests")).unwrap();
    let (exit, told) = test(&sandbox, &[]);
    assert_eq!(
        (exit, told.as_str()),
        (0, "8 samples: 8 passed (8 seen before)\n")
    );
    let workspace = sandbox.path(".tuition/tests/first-course");
    assert!(!workspace.exists(), "cargo was started for nothing");
}

#[test]
fn a_new_site_has_a_sample_that_passes() {
    let (exit, told) = test(&Sandbox::new(), &[]);
    assert_eq!((exit, told.as_str()), (0, "1 sample: 1 passed\n"));
}

#[cfg(unix)]
#[test]
fn the_same_code_in_a_translation_is_told_once_in_full() {
    let sandbox = site("```bash test\necho said; false\n```\n");
    let site = fs::read_to_string(sandbox.path("content/site.toml")).unwrap();
    sandbox.write(
        "content/site.toml",
        &site.replace("[\"en\"]", "[\"en\", \"zh\"]"),
    );
    let translation = LESSON.replace(".md", ".zh.md");
    sandbox.write(
        &translation,
        "+++\ntitle = \"码\"\n+++\n\n```bash test\necho said; false\n```\n",
    );
    let (exit, told) = test(&sandbox, &[]);
    assert_eq!(exit, 1);
    assert!(told.ends_with("2 samples: 0 passed, 2 failed\n"), "{told}");
    let again = format!(
        "{translation}:5:1: error[sample]: it ends with exit status 1; it is the code of {LESSON}:5, where more is said\n  hint:"
    );
    assert!(
        told.contains(&again) && told.matches("| said").count() == 1,
        "{told}"
    );
}

#[test]
fn crates_of_the_course_can_be_used_and_one_that_can_not_be_built_is_told_once() {
    let sandbox = site(
        "```rust\nassert_eq!(own::two(), 2);\n```\n\n```rust\nassert_eq!(own::two(), 1 + 1);\n```\n",
    );
    let course = |path: &str| {
        let text = format!(
            "+++\ntitle = \"C\"\nprices = {{ USD = \"1.00\" }}\n[tests.dependencies]\nown = {{ path = \"{path}\" }}\n+++\n"
        );
        sandbox.write("content/courses/first-course/course.md", &text);
    };
    course("code/own");
    let code = "content/courses/first-course/code/own";
    sandbox.write(
        &format!("{code}/Cargo.toml"),
        "[package]\nname = \"own\"\nversion = \"0.1.0\"\nedition = \"2024\"\n",
    );
    sandbox.write(&format!("{code}/src/lib.rs"), "pub fn two() -> u8 { 2 }\n");
    let (exit, told) = test(&sandbox, &[]);
    assert_eq!((exit, told.as_str()), (0, "2 samples: 2 passed\n"));

    sandbox.write(
        &format!("{code}/src/lib.rs"),
        "pub fn two() -> u8 { \"2\" }\n",
    );
    let (exit, told) = test(&sandbox, &[]);
    assert_eq!(exit, 1);
    assert!(told.starts_with("content/courses/first-course/course.md:4:1: error[dependency]: the dependencies can't be built\n  | error[E0308]"), "{told}");
    assert!(
        told.ends_with("1 error\n2 samples: 0 passed, 2 not tried\n"),
        "{told}"
    );
    course("code/none");
    let (exit, told) = test(&sandbox, &[]);
    assert!(
        exit == 1 && told.contains("has no crate at content/courses/first-course/code/none"),
        "{told}"
    );
}

#[cfg(unix)]
#[test]
fn scripts_are_run_in_a_folder_of_their_own_and_judged() {
    let sandbox = site(concat!(
        "```bash test\necho $((6 * 7))\n```\n```text output\n42\n```\n",
        "```bash test\n[ \"$PWD\" != \"$HOME\" ] && [ -z \"$(ls -A)\" ] && touch here \"$HOME/a\" \"$TMPDIR/b\"\n```\n",
        "```sh test\n[ -z \"$TUITION_SECRET\" ] && [ \"$LANG\" = C.UTF-8 ]\n```\n",
        "```text cmd=\"grep -c rain $FILE && cat poem.txt\" file=\"poems/poem.txt\"\nrain\n```\n```text output\n1\nrain\n```\n",
        "```bash should_fail\nfalse | true\n```\n",
        "```bash no_run\nsleep 100\n```\n",
        "```bash compile_fail\nif\n```\n",
        // From here on all are wrong.
        "```bash expect=\"two\"\necho one\n```\n",
        "```bash test\n\nno-such-program\n```\n",
        "```bash should_fail\ntrue\n```\n",
        "```bash no_run\nif\n```\n",
    ));
    let (exit, told) = test(&sandbox, &["--jobs", "3"]);
    assert_eq!(exit, 1, "{told}");
    assert!(told.ends_with("11 samples: 7 passed, 4 failed\n"), "{told}");
    let wrong = at(&told, 33);
    assert!(wrong.starts_with("error[sample]: it prints something else\n  | - expected\n  | + printed\n  | -two\n  | +one\n  hint: "), "{wrong}");
    let missing = at(&told, 36);
    assert!(
        missing.contains(&format!(
            "exit status 127\n  | {LESSON}: line 38: no-such-program: command not found"
        )),
        "{missing}"
    );
    assert!(at(&told, 40).starts_with("error[sample]: it ends well, but should_fail"));
    assert!(
        at(&told, 43).starts_with("error[sample]: it has a mistake that keeps it from being run\n")
    );
    let order: Vec<_> = lines_with(&told, "error[sample]");
    assert!(order.is_sorted() && order.len() == 4, "{order:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_sample_that_does_not_end_is_killed_with_its_children() {
    // A number that no other sleeping program has.
    let seconds = format!("600.{}", std::process::id());
    let sandbox = site(&format!(
        "```bash test\nsleep {seconds} &\necho begun\nsleep {seconds}\n```\n"
    ));
    sandbox.write(
        "content/courses/first-course/course.md",
        "+++\ntitle = \"C\"\nprices = { USD = \"1.00\" }\n[tests]\ntimeout = 1\n+++\n",
    );
    let start = Instant::now();
    let (exit, told) = test(&sandbox, &[]);
    assert!(
        exit == 1 && start.elapsed() < Duration::from_secs(60),
        "{told}"
    );
    let killed = at(&told, 5);
    assert!(
        killed.contains("did not end within 1 s") && killed.contains("| begun"),
        "{killed}"
    );
    let is_alive = fs::read_dir("/proc").unwrap().flatten().any(|entry| {
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(&seconds)
    });
    assert!(!is_alive, "a grandchild lives on");
}

#[cfg(target_os = "linux")]
#[test]
fn a_sample_can_not_write_out_of_its_folder() {
    let outside = tempfile::tempdir().unwrap();
    let file = outside.path().join("file");
    let sandbox = site(&format!("```bash test\necho x > {}\n```\n", file.display()));
    let (exit, told) = test(&sandbox, &[]);
    if told.contains("can't keep samples from writing") {
        // A kernel without Landlock; the note is what is promised there.
        return;
    }
    assert!(exit == 1 && !file.exists(), "{told}");
    assert!(
        told.contains("hint: a sample may write in the folder it is started in"),
        "{told}"
    );
}

#[test]
fn a_missing_interpreter_is_told_at_the_fence() {
    let sandbox = site("```bash test\ntrue\n```\n");
    let empty = tempfile::tempdir().unwrap();
    let output = sandbox
        .command(&["test"])
        .env("PATH", empty.path())
        .output()
        .unwrap();
    assert_eq!(code(&output), 1);
    let told = errors(&output);
    assert!(
        told.starts_with(&format!(
            "{LESSON}:5:1: error[sample]: this machine has no bash to run it\n  hint: install bash"
        )),
        "{told}"
    );

    sandbox.write(LESSON, &lesson("```rust\n1 + 1;\n```\n"));
    let output = sandbox
        .command(&["test"])
        .env("PATH", empty.path())
        .output()
        .unwrap();
    assert_eq!(
        code(&output),
        3,
        "without a compiler the machine is at fault"
    );
    assert!(errors(&output).contains("rustup.rs"), "{}", errors(&output));
}

#[cfg(unix)]
#[test]
fn what_passed_is_run_again_when_it_changed_or_when_asked_for() {
    let sandbox = site("");
    let sample = |word: &str| {
        lesson(&format!(
            "```bash test\necho {word}\n```\n\n```bash test\nfalse\n```\n"
        ))
    };
    sandbox.write(LESSON, &sample("one"));
    assert!(
        test(&sandbox, &[])
            .1
            .ends_with("2 samples: 1 passed, 1 failed\n")
    );
    assert!(
        test(&sandbox, &[])
            .1
            .ends_with("2 samples: 1 passed (1 seen before), 1 failed\n")
    );
    assert!(
        test(&sandbox, &["--fresh"])
            .1
            .ends_with("2 samples: 1 passed, 1 failed\n")
    );
    sandbox.write(LESSON, &sample("two"));
    assert!(
        test(&sandbox, &[])
            .1
            .ends_with("2 samples: 1 passed, 1 failed\n")
    );
    let records = fs::read_to_string(sandbox.path(".tuition/tests.json")).unwrap();
    assert_eq!(
        records.matches("\"at\"").count(),
        1,
        "of what is gone and of what failed nothing is kept: {records}"
    );
    assert!(
        records.contains("\"at\": \"2026-11-22T10:00:00Z\"")
            && records.contains("\"tool\": \"bash "),
        "{records}"
    );
    let other = records.replace("\"tool\": \"bash ", "\"tool\": \"bash of old ");
    sandbox.write(".tuition/tests.json", &other);
    assert!(
        test(&sandbox, &[])
            .1
            .ends_with("2 samples: 1 passed, 1 failed\n"),
        "another bash proves nothing"
    );
}

#[cfg(unix)]
#[test]
fn a_build_tells_what_was_tested_and_can_insist_on_it() {
    let sandbox = site("```bash test\ntrue\n```\n");
    let page = || {
        fs::read_to_string(sandbox.path("dist/public/courses/first-course/code/index.html"))
            .unwrap()
    };
    let build = |arguments: &[&str]| {
        let output = sandbox.run(&[&["build"], &NOW[..], arguments].concat());
        (code(&output), errors(&output))
    };
    let (exit, told) = build(&["--require-tested"]);
    assert_eq!(exit, 1);
    assert!(
        told.starts_with(&format!("{LESSON}:5:1: error[untested]: "))
            && told.contains("hint: run `tuition test`"),
        "{told}"
    );
    assert_eq!(build(&[]).0, 0);
    assert!(!page().contains("tested on"));
    assert_eq!(test(&sandbox, &[]).0, 0);
    assert_eq!(build(&["--require-tested"]).0, 0);
    let line = "The code sample of this lesson was tested on <time datetime=\"2026-11-22\">22 November 2026</time>.";
    assert!(page().contains(line), "{}", page());

    sandbox.write(".tuition/tests.json", "{\"version\": 1, \"pas");
    for arguments in [&["build"][..], &["check"], &["test"]] {
        let output = sandbox.run(arguments);
        assert_eq!(code(&output), 3);
        assert!(
            errors(&output).contains("tests.json is damaged"),
            "{}",
            errors(&output)
        );
    }
}

#[cfg(unix)]
#[test]
fn the_commit_is_named_when_all_content_is_in_it() {
    let sandbox = site("```bash test\ntrue\n```\n");
    let commit = || {
        assert_eq!(test(&sandbox, &["--fresh"]).0, 0);
        let records = fs::read_to_string(sandbox.path(".tuition/tests.json")).unwrap();
        let records: serde_json::Value = serde_json::from_str(&records).unwrap();
        records["passed"]
            .as_object()
            .unwrap()
            .values()
            .next()
            .unwrap()["commit"]
            .clone()
    };
    assert!(commit().is_null());
    let git = |arguments: &[&str]| {
        let mut command = std::process::Command::new("git");
        command
            .args(["-c", "user.name=x", "-c", "user.email=x@example.com"])
            .args(arguments);
        assert!(
            command
                .current_dir(sandbox.site())
                .output()
                .unwrap()
                .status
                .success()
        );
    };
    git(&["init", "-q"]);
    git(&["add", "-A"]);
    git(&["commit", "-qm", "x"]);
    let named = commit();
    assert!(named.as_str().unwrap().len() >= 7, "{named}");
    sandbox.write("content/pages/new.md", "+++\ntitle = \"New\"\n+++\n");
    assert!(commit().is_null(), "what was run is in no commit");
}

#[cfg(unix)]
#[test]
fn one_course_can_be_tested_alone_and_json_is_that_of_check() {
    let sandbox = site("```bash test\nfalse\n```\n");
    sandbox.write(
        "content/pages/code.md",
        "+++\ntitle = \"P\"\n+++\n```bash test\ntrue\n```\n```bash ignore\n```\n```go test\n```\n",
    );
    let (exit, told) = test(&sandbox, &["--course", "no-such"]);
    assert!(
        exit == 2 && told.contains("there is no course \"no-such\""),
        "{told}"
    );
    let (_, told) = test(&sandbox, &["--course", "first-course"]);
    assert!(told.ends_with("1 sample: 0 passed, 1 failed\n"), "{told}");
    let output = sandbox.run(&["test", "--json"]);
    assert_eq!(code(&output), 1);
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told[0]["path"], LESSON);
    assert_eq!(
        (&told[0]["line"], &told[0]["code"], &told[0]["message"]),
        (
            &5.into(),
            &"sample".into(),
            &"it ends with exit status 1".into()
        )
    );
    assert_eq!(
        (&told[1]["path"], &told[1]["line"]),
        (&"content/pages/code.md".into(), &9.into())
    );
    assert!(
        told[1]["message"]
            .as_str()
            .unwrap()
            .contains("nothing here runs \"go\"")
    );
}
