//! Finds the files below the paths that a user named. Opens none of them but
//! those that say what to leave out.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::file_error::{FileError, Step};
use crate::ignore::{self, Ignores};

#[derive(Debug, Default)]
pub struct Found {
    /// Sorted, each path once.
    pub files: Vec<PathBuf>,
    pub errors: Vec<FileError>,
}

/// What to leave out besides hidden files.
#[derive(Debug)]
pub struct Filter {
    /// What the settings say.
    pub skip: Ignores,
    /// Whether `.gitignore` files are asked.
    pub gitignore: bool,
}

/// A folder that is still to be listed.
struct Folder {
    /// As the user would spell it.
    path: PathBuf,
    /// As the rules need it: from the root of the file system.
    real: PathBuf,
    /// The rules from above it.
    ignores: Option<Rc<Ignores>>,
}

/// Lists all files below `roots`, without hidden ones, without what `filter`
/// leaves out, and without following links.
/// The roots themselves are taken as named, whatever they are.
pub fn walk(roots: &[PathBuf], filter: &Filter) -> Found {
    let mut found = Found::default();
    let mut folders = Vec::new();
    for root in roots {
        match enter(root, filter) {
            Ok(Some(folder)) => folders.push(folder),
            Ok(None) => found.files.push(root.clone()),
            Err(error) => found.errors.push(error),
        }
    }
    while let Some(folder) = folders.pop() {
        if let Err(error) =
            list(&folder, filter, &mut found.files, &mut folders)
        {
            found.errors.push(error);
        }
    }
    found.files.sort();
    found.files.dedup();
    found
}

/// The folder at `root`, or `None` if it is a file.
fn enter(root: &Path, filter: &Filter) -> Result<Option<Folder>, FileError> {
    let failed = |step| move |error| FileError::new(step, root, error);
    let metadata = fs::metadata(root).map_err(failed(Step::Find))?;
    if !metadata.is_dir() {
        return Ok(None);
    }
    let real = fs::canonicalize(root).map_err(failed(Step::Find))?;
    let ignores = if filter.gitignore {
        ignore::above_folder(&real).map_err(failed(Step::Ignore))?
    } else {
        None
    };
    let path = root.to_owned();
    Ok(Some(Folder {
        path,
        real,
        ignores,
    }))
}

/// Sorts the entries of one folder into files and further folders.
fn list(
    folder: &Folder,
    filter: &Filter,
    files: &mut Vec<PathBuf>,
    folders: &mut Vec<Folder>,
) -> Result<(), FileError> {
    let failed = |step| move |error| FileError::new(step, &folder.path, error);
    let above = folder.ignores.clone();
    let ignores = if filter.gitignore {
        ignore::in_folder(&folder.real, above).map_err(failed(Step::Ignore))?
    } else {
        None
    };
    for entry in fs::read_dir(&folder.path).map_err(failed(Step::List))? {
        let entry = entry.map_err(failed(Step::List))?;
        let name = entry.file_name();
        if is_hidden(&name) {
            continue;
        }
        let kind = entry.file_type().map_err(failed(Step::List))?;
        let real = folder.real.join(&name);
        let rules = [Some(&filter.skip), ignores.as_deref()];
        if rules
            .into_iter()
            .flatten()
            .any(|rules| rules.leaves_out(&real, kind.is_dir()))
        {
            continue;
        }
        if kind.is_dir() {
            folders.push(Folder {
                path: entry.path(),
                real,
                ignores: ignores.clone(),
            });
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
    Ok(())
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

#[cfg(all(test, unix))] // for names with a star and a blank in them
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::env;
    use std::process::{self, Command};

    const FILES: [&str; 16] = [
        "a.rs",
        "a.o",
        "b.o",
        "foo",
        "build/a.o",
        "build/b.rs",
        "build/c/d.rs",
        "src/a.rs",
        "src/a.o",
        "src/foo/a.rs",
        "src/build/a.rs",
        "src/x y",
        "src/x ",
        "src/a*b",
        "src/deep/er/foo/b.rs",
        "src/deep/a.rs",
    ];

    /// A new repository with `FILES` in it.
    fn repository(name: &str) -> PathBuf {
        let name = format!("tally-{}-{name}", process::id());
        let root = env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&root);
        for path in FILES {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        git(&root, &["init", "--quiet"]);
        root
    }

    fn git(folder: &Path, args: &[&str]) -> String {
        let mut command = Command::new("git");
        for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
            command.env_remove(variable);
        }
        let output = command.arg("-C").arg(folder).args(args).output();
        let output = output.expect("this test asks git, so it needs git");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// From `start`, git and `tally` must see the same files.
    fn check(root: &Path, start: &str, ignores: &[(&str, &str)]) {
        for (path, text) in ignores {
            fs::write(root.join(path), text).unwrap();
        }
        let start = root.join(start);
        let list = ["ls-files", "--others", "-z"];
        let rules = "--exclude-per-directory=.gitignore";
        let listed = git(&start, &[&list[..], &[rules]].concat());
        let is_hidden =
            |path: &&str| path.split('/').any(|name| name.starts_with('.'));
        let expected: BTreeSet<&str> = listed
            .split_terminator('\0')
            .filter(|path| !is_hidden(path))
            .collect();
        let filter = Filter {
            skip: Ignores::new(root, Vec::new(), None),
            gitignore: true,
        };
        let found = walk(std::slice::from_ref(&start), &filter);
        assert!(found.errors.is_empty(), "{:?}", found.errors);
        let seen: BTreeSet<&str> = found
            .files
            .iter()
            .map(|path| path.strip_prefix(&start).unwrap().to_str().unwrap())
            .collect();
        assert_eq!(seen, expected, "with {ignores:?}");
    }

    #[test]
    fn git_sees_the_same_files() {
        let root = repository("cases");
        #[rustfmt::skip]
        let cases = [
            "", "# foo", "\\# foo", "foo", "foo/", "/foo", "src/foo", " foo",
            "/src/foo/", "**/foo", "src/**/foo", "src/**/**/foo", "./foo",
            "src//foo", "foo\t", "\\!foo", "\u{feff}foo", "foo\r\n*.rs\r",
            "build", "build/", "/build", "build\n!build/b.rs",
            "build/*\n!build/b.rs", "src/**", "src/*", "deep/er",
            "src/**\n!src/a.rs", "src/deep/**/b.rs", "s*/", "s*/*/a.rs", "*/a.rs",
            "**/a.rs", "*.o", "*.o\n!a.o", "!a.o\n*.o", "/a.o", "/**/a.o", "a.?",
            "[ab].o", "[!a].o", "[^a].o", "[]a].o", "[a", "[a-", "a\\",
            "a*b", "a\\*b", "a**.rs", "**a", "a/**b", "*", "**", "***", "?",
            "*\n!*/\n!*.rs", "!", "/", "//", "**/",
            "x ", "x\\ ", "x\\\\ ", "x y", "x\\ y",
        ];
        for text in cases {
            check(&root, "", &[(".gitignore", text)]);
        }
        fs::remove_dir_all(root).unwrap();
    }

    #[test]
    fn the_deepest_file_has_the_last_word_and_those_above_are_heard() {
        let root = repository("nested");
        let files = [
            (".gitignore", "*.o\nfoo\n/src/build\n"),
            ("src/.gitignore", "!a.o\n/a.rs\n"),
            ("src/deep/.gitignore", "!foo\n"),
        ];
        for start in ["", "src", "src/deep", "src/deep/er"] {
            check(&root, start, &files);
        }
        fs::remove_dir_all(root).unwrap();
    }
}
