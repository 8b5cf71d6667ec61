//! The same content gives the same bytes on any machine: wherever it lies, whenever its files were written, whatever the
//! machine thinks of time and language.

use std::{fs, path::Path, process::Command};

use crate::sandbox::{Sandbox, shown, snapshot};

const DRAWN: &str = include_str!("../../../site/tests/it/cases/drawn.txt");

#[test]
fn folder_order_of_files_time_zone_language_and_threads_do_not_show() {
    let sandbox = Sandbox::new();
    let (_, page) = DRAWN.split_once("-- content/pages/drawn.md --\n").unwrap();
    sandbox.write("content/pages/drawn.md", page);
    let expected = built(&sandbox.site(), &sandbox.path("one"), |command| {
        command.env("RAYON_NUM_THREADS", "1").env("TZ", "UTC");
    });
    assert!(expected.len() > 20, "{} files", expected.len());

    let elsewhere = tempfile::tempdir().unwrap();
    let copy = elsewhere.path().join("a folder with spaces/网站");
    let mut files = snapshot(&sandbox.path("content"));
    files.reverse();
    for (name, bytes) in files {
        let path = copy.join("content").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    for (threads, zone, language) in [
        ("2", "Pacific/Kiritimati", "zh_CN.UTF-8"),
        ("8", "America/St_Johns", "C"),
    ] {
        let actual = built(&copy, &elsewhere.path().join("out"), |command| {
            command
                .env("RAYON_NUM_THREADS", threads)
                .env("TZ", zone)
                .envs([
                    ("LANG", language),
                    ("LC_ALL", language),
                    ("LANGUAGE", language),
                ])
                .env("HOME", elsewhere.path())
                .current_dir(elsewhere.path());
        });
        let names = |files: &[(String, Vec<u8>)]| {
            files
                .iter()
                .map(|(name, _)| name.clone())
                .collect::<Vec<_>>()
        };
        assert_eq!(names(&actual), names(&expected));
        for ((name, actual), (_, expected)) in actual.iter().zip(&expected) {
            assert!(
                actual == expected,
                "{name} differs: {threads} threads, {zone}, {language}"
            );
        }
    }
}

/// Builds a site, and gives what was written.
fn built(site: &Path, out: &Path, with: impl FnOnce(&mut Command)) -> Vec<(String, Vec<u8>)> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tuition"));
    let (site, out_name) = (shown(site), shown(out));
    command.args([
        "build",
        "--now",
        "2026-06-01T00:00:00Z",
        "--site",
        &site,
        "--out",
        &out_name,
    ]);
    with(&mut command);
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    snapshot(out)
}
