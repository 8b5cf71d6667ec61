//! Facts that stand in more than one place, and must agree before a release.

use std::fs;
use std::path::Path;
use std::process::Command;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(path).unwrap()
}

#[test]
fn the_changelog_begins_with_this_version() {
    let changelog = read("CHANGELOG.md");
    let newest = changelog.lines().find_map(|line| line.strip_prefix("## "));
    assert_eq!(newest, Some(env!("CARGO_PKG_VERSION")));
}

#[test]
fn the_readme_shows_the_help_as_it_is() {
    let help = Command::new(env!("CARGO_BIN_EXE_tally"))
        .arg("--help")
        .output()
        .unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    assert!(read("README.md").contains(&format!("```text\n{help}```")));
}

#[test]
fn the_oldest_rust_is_the_same_everywhere() {
    let oldest = env!("CARGO_PKG_RUST_VERSION");
    assert!(read("README.md").contains(&format!("Rust {oldest} or newer")));
    let workflow = read("release.yml");
    let used: Vec<&str> = workflow
        .split_whitespace()
        .filter(|word| word.trim_start_matches('+').starts_with("1."))
        .map(|word| word.trim_start_matches('+'))
        .collect();
    assert_eq!(used, [oldest; 3]);
}

#[cfg(unix)]
#[test]
fn the_script_can_be_read_by_bash() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("release.sh");
    let status = Command::new("bash").arg("-n").arg(script).status();
    assert!(status.unwrap().success());
}
