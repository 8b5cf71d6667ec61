//! What was promised with version 1.0. Lines are added here. A line is
//! changed or taken away in one case only: the first number of the version
//! has changed.

use std::fs;
use std::path::Path;
use std::process::Command;

// ANCHOR: promises
/// What a script could have relied on when 1.0 came out.
const COMMANDS: [(&str, i32); 20] = [
    ("", 0),
    ("src", 0),
    ("src/a.rs nosuch", 1),
    ("--help", 0),
    ("-h", 0),
    ("--version", 0),
    ("-V", 0),
    ("--sort size", 0),
    ("--sort=size", 0),
    ("--sort name src", 0),
    ("--sort date", 2),
    ("--threads 2", 0),
    ("--threads 0", 2),
    ("--color never --format table", 0),
    ("--color=always --format=json", 0),
    ("--no-config --no-ignore", 0),
    ("--config .tally.toml --cache c", 0),
    ("--config nosuch.toml", 2),
    ("--generate man", 0),
    ("-- --help", 1),
];

#[test]
fn commands_of_version_1_0_end_as_they_did() {
    let folder = sandbox("commands");
    for (args, code) in COMMANDS {
        let (seen, ..) = run(&folder, args);
        assert_eq!(seen, Some(code), "tally {args}");
    }
}

#[test]
fn members_of_version_1_are_where_they_were() {
    let folder = sandbox("members");
    let (_, json) = run(&folder, "--format json");
    for member in [
        r#"{"version":1"#,
        r#""complete":true"#,
        r#""languages":[{"name":"Rust""#,
        r#""files":1"#,
        r#""code":1"#,
        r#""comments":1"#,
        r#""blanks":1"#,
        r#""total":{"#,
        r#""other":1"#,
    ] {
        assert!(json.contains(member), "{member} in {json}");
    }
}
// ANCHOR_END: promises

/// Each promise is about a project whose settings are of 1.0, too.
fn sandbox(name: &str) -> impl AsRef<Path> {
    let name = format!("promises-{name}");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("src")).unwrap();
    let settings =
        "sort = 'size'\nskip = ['*.gen.rs']\n[extensions]\nx = 'C'\n";
    fs::write(folder.join(".tally.toml"), settings).unwrap();
    fs::write(folder.join("src/a.rs"), "x();\n// c\n\n").unwrap();
    fs::write(folder.join("src/b.gen.rs"), "x();\n").unwrap();
    fs::write(folder.join("LICENSE"), "\n").unwrap();
    folder
}

fn run(folder: impl AsRef<Path>, args: &str) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_tally"))
        .args(args.split_whitespace())
        .current_dir(folder)
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    (output.status.code(), stdout)
}
