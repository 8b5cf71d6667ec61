//! A folder with a new site, and the binary to run in it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;

/// A site made by `tuition new`, deleted when dropped.
pub(crate) struct Sandbox {
    folder: TempDir,
}

impl Sandbox {
    /// Makes the site.
    pub(crate) fn new() -> Self {
        let sandbox = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let made = tuition(&["new", &shown(&sandbox.site())]);
        assert_eq!(code(&made), 0, "{}", errors(&made));
        sandbox
    }

    /// Folder of the site.
    pub(crate) fn site(&self) -> PathBuf {
        self.folder.path().join("site")
    }

    /// A path below the site.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.site().join(name)
    }

    /// Writes a file of the site.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// A command on the site, not yet run.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tuition"));
        command.args(arguments).arg("--site").arg(self.site());
        command
    }

    /// Runs a command on the site.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        let site = shown(&self.site());
        tuition(&[arguments, &["--site", &site]].concat())
    }
}

/// The lines of a text that hold a word.
pub(crate) fn lines_with(text: &str, word: &str) -> Vec<String> {
    let lines = text.lines().filter(|line| line.contains(word));
    lines.map(str::to_owned).collect()
}

/// Runs the binary.
pub(crate) fn tuition(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tuition"))
        .args(arguments)
        .output()
        .unwrap()
}

pub(crate) fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

pub(crate) fn errors(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub(crate) fn shown(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

/// Every file below a folder with its bytes, sorted.
pub(crate) fn snapshot(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => files.push((
                    shown(path.strip_prefix(folder).unwrap()),
                    fs::read(&path).unwrap(),
                )),
            }
        }
    }
    files.sort();
    files
}
