//! Runs the real program and looks at what a user would see.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, SystemTime};

/// A folder of its own, and `tally` ready to run there.
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
        // Keeps out what may stand in a folder above.
        fs::write(folder.join(".tally.toml"), "").unwrap();
        Self { folder }
    }

    fn file(self, path: &str, text: &str) -> Self {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
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
fn a_folder_is_counted_by_language() {
    let seen = Sandbox::new("languages")
        .file("src/main.rs", "fn main() {}\n")
        .file("src/deep/er/lib.rs", "\n\n\n")
        .file("Cargo.toml", "[package]\nname = \"x\"\n")
        .file("LICENSE", "do as you like\n")
        .run(&[]);
    let expected = "\
language       files      code  comments    blanks
TOML               1         2         0         0
Rust               2         1         0         3
total              3         3         0         3
other              1
";
    assert_eq!(seen.stderr, "");
    assert_eq!(seen.stdout, expected);
    assert_eq!(seen.code, Some(0));
}

#[test]
fn version_1_of_the_json_is_frozen() {
    let sandbox = Sandbox::new("json")
        .file("a.rs", "x();\n\n// c\n")
        .file("b.toml", "x = 1\ny = 2\n")
        .file("LICENSE", "\n");
    let seen = sandbox.run(&["--format", "json"]);
    let expected = concat!(
        r#"{"version":1,"complete":true,"languages":["#,
        r#"{"name":"TOML","files":1,"code":2,"comments":0,"blanks":0},"#,
        r#"{"name":"Rust","files":1,"code":1,"comments":1,"blanks":1}],"#,
        r#""total":{"files":2,"code":3,"comments":1,"blanks":1},"#,
        r#""other":1}"#,
        "\n"
    );
    assert_eq!(seen.stdout, expected);
    assert_eq!((seen.code, seen.stderr.as_str()), (Some(0), ""));
}

#[test]
fn what_is_incomplete_says_so_in_the_data() {
    let seen = Sandbox::new("json-incomplete").run(&["--format=json", "x.rs"]);
    assert!(seen.stdout.starts_with(r#"{"version":1,"complete":false,"#));
    assert!(seen.stderr.starts_with("tally: cannot find x.rs: "));
    assert_eq!(seen.code, Some(1));
}

#[test]
fn no_escape_goes_where_no_terminal_is() {
    let sandbox = Sandbox::new("color").file("a.rs", "x();\n");
    let seen = sandbox.run(&["a.rs", "nosuch"]);
    assert!(!format!("{seen:?}").contains(r"\u{1b}"), "{seen:?}");
    let seen = sandbox.run(&["--color=always", "a.rs", "nosuch"]);
    assert!(seen.stdout.starts_with("\x1b[1mlanguage"), "{seen:?}");
    assert!(seen.stderr.starts_with("\x1b[1;31mtally:\x1b[0m cannot"));
}

#[test]
fn colours_change_no_column() {
    let sandbox = Sandbox::new("columns").file("a.rs", "x();\n");
    let plain = sandbox.run(&[]).stdout;
    let painted = sandbox.run(&["--color=always"]).stdout;
    assert_eq!(painted.replace("\x1b[1m", "").replace("\x1b[0m", ""), plain);
}

#[test]
fn a_name_can_not_steer_the_terminal_or_forge_a_message() {
    let seen = Sandbox::new("evil").run(&["no\x1b[2J\nsuch"]);
    let start = r"tally: cannot find no\u{1b}[2J\nsuch: ";
    assert!(seen.stderr.starts_with(start), "{seen:?}");
}

#[test]
fn when_nobody_listens_to_errors_the_work_is_still_done() {
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    let output = Sandbox::new("deaf")
        .file("a.rs", "x();\n")
        .command(&["nosuch", "a.rs"])
        .stdout(Stdio::piped())
        .stderr(writer)
        .output()
        .unwrap();
    let seen = Seen::from(output);
    assert!(seen.stdout.contains("Rust               1         1 "));
    assert_eq!(seen.code, Some(1));
}

#[test]
fn with_a_cache_the_output_is_the_same_whatever_is_in_it() {
    let sandbox = Sandbox::new("cache")
        .file("src/a.rs", "x();\n// c\n")
        .file("src/b.py", "x\n\n");
    let expected = sandbox.run(&["src"]);
    let check = || {
        assert_eq!(sandbox.run(&["--cache", "c", "src"]), expected);
        fs::read(sandbox.folder.join("c")).unwrap()
    };
    let fresh = check();
    assert_eq!(check(), fresh);
    for rubbish in [&b""[..], b"tally", &fresh[1..], &[0; 4096]] {
        fs::write(sandbox.folder.join("c"), rubbish).unwrap();
        assert_eq!(check(), fresh);
    }
    let files = fs::read_dir(&sandbox.folder).unwrap().count();
    assert_eq!(files, 3, "src, the cache, .tally.toml and nothing else");
}

#[test]
fn a_file_from_the_future_is_not_remembered() {
    let sandbox = Sandbox::new("cache-future").file("a.rs", "x();\n");
    let path = sandbox.folder.join("a.rs");
    let file = fs::File::options().write(true).open(path).unwrap();
    let tomorrow = SystemTime::now() + Duration::from_secs(86_400);
    file.set_modified(tomorrow).unwrap();
    sandbox.run(&["--cache", "c"]);
    let cache = fs::read(sandbox.folder.join("c")).unwrap();
    assert_eq!(cache.len(), 16, "which program, a checksum, no file");
}

#[test]
fn a_cache_that_can_not_be_written_spoils_no_count() {
    let sandbox = Sandbox::new("cache-nowhere").file("a.rs", "x();\n");
    let args = ["--format=json", "--cache", "no/such/folder"];
    let seen = sandbox.run(&args);
    assert!(seen.stdout.starts_with(r#"{"version":1,"complete":true,"#));
    let start = "tally: cannot write no/such/folder: ";
    assert!(seen.stderr.starts_with(start), "{seen:?}");
    assert_eq!(seen.code, Some(1));
}

/// What bash offers at the end of these words, when it has our completions.
#[cfg(unix)]
fn offered(sandbox: &Sandbox, words: &str) -> Vec<String> {
    let script = format!(
        "eval \"$(\"$TALLY\" --generate bash)\"; COMP_WORDS=({words}); \
         COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); _tally; \
         printf '%s\\n' \"${{COMPREPLY[@]}}\""
    );
    let output = Command::new("bash")
        .args(["-c", &script])
        .env("TALLY", env!("CARGO_BIN_EXE_tally"))
        .current_dir(&sandbox.folder)
        .output()
        .unwrap();
    let seen = Seen::from(output);
    assert_eq!(seen.stderr, "");
    let words = seen.stdout.split_whitespace();
    let mut words: Vec<String> = words.map(str::to_owned).collect();
    words.sort();
    words
}

#[cfg(unix)]
#[test]
fn bash_offers_options_words_and_files() {
    let sandbox = Sandbox::new("bash").file("src/a.rs", "").file("stop", "");
    let check = |words: &str, expected: &[&str]| {
        assert_eq!(offered(&sandbox, words), expected, "after {words}");
    };
    check("tally --so", &["--sort"]);
    check("tally --no-", &["--no-config", "--no-ignore"]);
    check("tally --sort ''", &["code", "name"]);
    check("tally --sort = n", &["name"]);
    check("tally --sort =", &["code", "name"]);
    check("tally --threads ''", &[]);
    check("tally --cache s", &["src", "stop"]);
    check("tally --sort name s", &["src", "stop"]);
}

#[test]
fn by_name_means_by_name() {
    let sandbox = Sandbox::new("by-name")
        .file("a.c", "1\n")
        .file("b.rs", "1\n2\n");
    let names = |seen: Seen| -> Vec<String> {
        let rows = seen.stdout.lines().skip(1);
        rows.map(|row| row.split_whitespace().next().unwrap().to_owned())
            .collect()
    };
    assert_eq!(names(sandbox.run(&[])), ["Rust", "C", "total"]);
    let by_name = sandbox.run(&["--sort", "name"]);
    assert_eq!(names(by_name), ["C", "Rust", "total"]);
}

#[test]
fn a_project_says_what_it_skips_and_what_a_header_is() {
    let sandbox = Sandbox::new("config")
        .file(".tally.toml", "skip = ['gen']\n[extensions]\nh = 'C++'\n")
        .file("src/a.h", "1\n")
        .file("gen/b.h", "1\n2\n");
    let seen = sandbox.run(&[]);
    assert!(seen.stdout.contains("C++                1         1 "));
    let named = sandbox.run(&["gen"]);
    assert!(named.stdout.contains("C++                1         2 "));
    let without = sandbox.run(&["--no-config"]);
    assert!(without.stdout.contains("C                  2         3 "));
}

#[test]
fn what_the_project_ignores_is_not_counted() {
    let sandbox = Sandbox::new("ignore")
        .file(".gitignore", "*.gen.rs\n/out/\n")
        .file(".tally.toml", "skip = ['vendor/', '/docs/*.rs']\n")
        .file("src/a.rs", "1\n")
        .file("src/a.gen.rs", "1\n2\n")
        .file("out/b.rs", "1\n2\n3\n")
        .file("src/vendor/c.rs", "1\n2\n3\n4\n")
        .file("docs/d.rs", "1\n2\n3\n4\n5\n");
    let lines = |args: &[&str]| {
        let seen = sandbox.run(args);
        assert_eq!(seen.stderr, "");
        let total = seen.stdout.lines().last().unwrap().to_owned();
        total.split_whitespace().nth(2).unwrap().to_owned()
    };
    assert_eq!(lines(&[]), "1");
    assert_eq!(lines(&["--no-ignore"]), "6");
    assert_eq!(lines(&["--no-config"]), "10");
    assert_eq!(lines(&["--no-config", "--no-ignore"]), "15");
    // What you name is what you get.
    assert_eq!(lines(&["out"]), "3");
    assert_eq!(lines(&["docs/d.rs", "src/a.gen.rs"]), "7");
}

#[test]
fn a_wrong_configuration_counts_nothing_and_shows_all_mistakes() {
    let seen = Sandbox::new("config-wrong")
        .file(".tally.toml", "sotr = 'name'\nskip = 'target'\n")
        .file("a.rs", "1\n")
        .run(&[]);
    let expected = Seen {
        code: Some(2),
        stdout: String::new(),
        stderr: "\
tally: .tally.toml:1:1: unknown setting \"sotr\"
    sotr = 'name'
    ^^^^
  hint: there are: sort, skip
tally: .tally.toml:2:8: a list is expected, not a string
    skip = 'target'
           ^^^^^^^^
  hint: [\"target\"] is a list of one
"
        .to_owned(),
    };
    assert_eq!(seen, expected);
}

#[test]
fn the_nearest_configuration_above_is_used() {
    let sandbox = Sandbox::new("config-above")
        .file(".tally.toml", "sort = 'name'\n")
        .file("deep/er/a.c", "1\n")
        .file("deep/er/b.rs", "1\n2\n")
        .file("other.toml", "sort = 'code'\n");
    let first = |args: &[&str]| {
        let mut command = sandbox.command(args);
        command.current_dir(sandbox.folder.join("deep/er"));
        let seen = Seen::from(command.output().unwrap());
        let row = seen.stdout.lines().nth(1).unwrap().to_owned();
        row.split(' ').next().unwrap().to_owned()
    };
    assert_eq!(first(&[]), "C");
    assert_eq!(first(&["--sort", "code"]), "Rust");
    assert_eq!(first(&["--no-config"]), "Rust");
    assert_eq!(first(&["--config", "../../other.toml"]), "Rust");
}

#[test]
fn a_configuration_that_was_named_must_exist_and_be_text() {
    let sandbox =
        Sandbox::new("config-bytes").file("ok.toml", "sort = 'name'\n");
    let missing = sandbox.run(&["--config", "nosuch.toml"]);
    assert!(
        missing
            .stderr
            .starts_with("tally: cannot read nosuch.toml: ")
    );
    assert_eq!(missing.code, Some(2));
    fs::write(sandbox.folder.join("bad.toml"), b"# caf\xe9\n").unwrap();
    let bad = sandbox.run(&["--config", "bad.toml"]);
    assert!(bad.stderr.starts_with("tally: bad.toml:1:6: from here on"));
    assert_eq!(bad.code, Some(2));
}

#[test]
fn hidden_files_count_only_when_named() {
    let sandbox = Sandbox::new("hidden")
        .file(".git/hook.sh", "1\n")
        .file("seen.sh", "1\n2\n");
    let seen = sandbox.run(&[]);
    assert!(seen.stdout.contains("Shell              1         2 "));
    let named = sandbox.run(&[".git"]);
    assert!(named.stdout.contains("Shell              1         1 "));
}

#[test]
fn a_path_named_twice_counts_once() {
    let sandbox = Sandbox::new("twice").file("src/a.rs", "1\n");
    let seen = sandbox.run(&["src", "src/a.rs", "src"]);
    assert!(seen.stdout.contains("Rust               1         1 "));
}

#[cfg(unix)]
#[test]
fn a_link_to_a_folder_above_ends_nowhere() {
    let sandbox = Sandbox::new("loop").file("src/a.rs", "1\n");
    std::os::unix::fs::symlink("..", sandbox.folder.join("src/up")).unwrap();
    let seen = sandbox.run(&[]);
    assert!(seen.stdout.contains("Rust               1         1 "));
    assert_eq!((seen.code, seen.stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_missing_path_does_not_stop_the_others() {
    let seen = Sandbox::new("missing")
        .file("a.rs", "1\n")
        .run(&["nosuch", "a.rs"]);
    assert!(seen.stdout.contains("Rust               1         1 "));
    assert!(seen.stderr.starts_with("tally: cannot find nosuch: "));
    assert_eq!(seen.code, Some(1));
}

#[test]
fn a_usage_error_is_two_and_says_how_to_mend_it() {
    let seen = Sandbox::new("usage").run(&["--srot", "name", "src"]);
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
    assert!(seen.stdout.starts_with("Count code, comments"));
    assert_eq!((seen.code, seen.stderr.as_str()), (Some(0), ""));
}

#[test]
fn a_reader_that_left_is_no_failure() {
    let (reader, writer) = io::pipe().unwrap();
    drop(reader);
    let output = Sandbox::new("pipe")
        .command(&[])
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
        .command(&[])
        .stdout(full)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    let seen = Seen::from(output);
    assert_eq!(seen.code, Some(1));
    assert!(seen.stderr.starts_with("tally: cannot write the result: "));
}

#[test]
fn the_number_of_threads_changes_nothing_that_is_printed() {
    let mut sandbox = Sandbox::new("threads");
    for number in 0..50 {
        sandbox =
            sandbox.file(&format!("{number}.rs"), &"x();\n".repeat(number));
    }
    let alone = sandbox.run(&["--threads", "1"]);
    assert!(alone.stdout.contains("Rust              50      1225 "));
    for threads in ["2", "3", "8", "64"] {
        let together = sandbox.run(&["--threads", threads]);
        assert_eq!(together, alone, "with {threads} threads");
    }
}
