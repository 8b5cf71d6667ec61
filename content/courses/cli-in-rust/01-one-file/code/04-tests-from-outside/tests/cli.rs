//! Runs the real program and looks at what a user would see.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder with two files in it, and `tally` ready to run there.
struct Sandbox {
    folder: PathBuf,
}

impl Sandbox {
    /// `name` keeps tests apart that run at the same time.
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("three.txt"), "a\nb\nc\n").unwrap();
        fs::write(folder.join("one.txt"), "a").unwrap();
        Self { folder }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tally"));
        command.args(args).current_dir(&self.folder);
        command
    }

    fn run(&self, args: &[&str]) -> Seen {
        Seen::from(self.command(args).output().unwrap())
    }
}

/// What a run left behind.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

impl From<Output> for Seen {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

#[test]
fn largest_first_then_the_total() {
    let seen = Sandbox::new("largest").run(&["one.txt", "three.txt"]);
    assert_eq!(seen.stderr, "");
    assert_eq!(
        seen.stdout,
        "       3  three.txt\n       1  one.txt\n       4  total\n"
    );
    assert_eq!(seen.code, Some(0));
}

#[test]
fn one_file_needs_no_total() {
    let seen = Sandbox::new("single").run(&["one.txt"]);
    assert_eq!(seen.stdout, "       1  one.txt\n");
}

#[test]
fn a_missing_file_does_not_stop_the_others() {
    let seen = Sandbox::new("missing").run(&["nosuch.txt", "three.txt"]);
    assert_eq!(seen.stdout, "       3  three.txt\n");
    assert!(seen.stderr.starts_with("tally: cannot open nosuch.txt: "));
    assert_eq!(seen.code, Some(1));
}

#[test]
fn nothing_counted_means_nothing_on_stdout() {
    let seen = Sandbox::new("nothing").run(&["nosuch.txt", "neither.txt"]);
    assert_eq!(seen.stdout, "");
    assert_eq!(seen.code, Some(1));
}

#[test]
fn a_usage_error_is_two_and_says_how_to_mend_it() {
    let seen = Sandbox::new("usage").run(&["--srot", "name", "one.txt"]);
    let expected = Seen {
        code: Some(2),
        stdout: String::new(),
        stderr: "tally: unknown option --srot\n  hint: did you mean --sort?\n"
            .to_owned(),
    };
    assert_eq!(seen, expected);
}

#[test]
fn help_goes_to_stdout_because_it_was_asked_for() {
    let seen = Sandbox::new("help").run(&["--help"]);
    assert!(seen.stdout.starts_with("Count the lines of files."));
    assert_eq!((seen.code, seen.stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_reader_that_left_is_no_failure() {
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    let output = Sandbox::new("pipe")
        .command(&["one.txt", "three.txt"])
        .stdout(writer)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    let seen = Seen::from(output);
    assert_eq!((seen.code, seen.stderr.as_str()), (Some(0), ""));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_reported() {
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let output = Sandbox::new("full")
        .command(&["one.txt"])
        .stdout(full)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    let seen = Seen::from(output);
    assert_eq!(seen.code, Some(1));
    assert!(seen.stderr.starts_with("tally: cannot write the result: "));
}

#[test]
fn by_name_means_by_name() {
    let sandbox = Sandbox::new("by-name");
    fs::write(sandbox.folder.join("four.txt"), "a\nb\nc\nd\n").unwrap();
    fs::write(sandbox.folder.join("two.txt"), "a\nb\n").unwrap();
    let files = ["two.txt", "three.txt", "one.txt", "four.txt"];
    let seen = sandbox.run(&[&["--sort", "name"], &files[..]].concat());
    let rows: Vec<&str> = seen.stdout.lines().map(str::trim_start).collect();
    let expected = [
        "4  four.txt",
        "1  one.txt",
        "3  three.txt",
        "2  two.txt",
        "10  total",
    ];
    assert_eq!(rows, expected);
}
