//! Reads what git knows about the files of a site: one `git log` for the whole of a repository, never one for each file.
//!
//! Knows git's output, and nothing of what a page makes of it.

mod log;

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::{Arc, Mutex, PoisonError},
};

use tuition_site::{Commits, History};

use self::log::Log;

/// Reads histories, and remembers them for as long as no commit is made and no file comes or goes.
#[derive(Debug, Default)]
pub(crate) struct Git {
    logs: Mutex<BTreeMap<Repository, Arc<Log>>>,
    last: Mutex<Option<(Key, Arc<History>)>>,
}

/// What a history depends on.
#[derive(Debug, PartialEq, Eq)]
struct Key {
    repositories: Vec<Repository>,
    /// Files that are told apart.
    files: BTreeSet<String>,
}

/// A repository that holds files of the site, at a commit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Repository {
    /// A folder in it: the site's, or one below it.
    folder: PathBuf,
    /// Path of this folder below the site's, with a slash at the end; empty for the site's own.
    below_site: String,
    /// Path of this folder below the repository's root, with a slash at the end; empty for the root.
    below_root: String,
    /// The newest commit.
    head: String,
}

/// Why there is no history.
#[derive(Debug)]
pub(crate) enum Missing {
    /// No git, no repository, no commit yet: a site needs none.
    Repository,
    /// The past was not cloned.
    Shallow,
    /// Git refused, in its own words.
    Refused(String),
}

impl Git {
    /// Finds the repository of a folder below the site's (its own by ""), and reads its log. Knows no file of the
    /// site, so that it can run while these are read.
    ///
    /// # Errors
    /// [`Missing`]; only [`Missing::Repository`] is no trouble.
    pub(crate) fn open(&self, site: &Path, below_site: &str) -> Result<Repository, Missing> {
        let repository = Repository::find(site, below_site)?;
        let is_known = self.logs().contains_key(&repository);
        if !is_known {
            let output = repository.log().map_err(Missing::Refused)?;
            let log = log::parse(&output, &repository.below_root, &repository.below_site);
            let mut logs = self.logs();
            // Of one folder only its newest state is asked for again.
            logs.retain(|other, _| other.folder != repository.folder);
            logs.insert(repository.clone(), Arc::new(log));
        }
        Ok(repository)
    }

    /// What is known about `files`, the Markdown files of a site by their path below its folder.
    ///
    /// `own` is the site's own repository; `nested` are folders below the site's, by their path with a slash at the
    /// end, that are repositories themselves (submodules).
    pub(crate) fn history(
        &self,
        own: Result<Repository, Missing>,
        site: &Path,
        nested: &[String],
        files: BTreeSet<String>,
    ) -> Arc<History> {
        let mut repositories = Vec::new();
        let nested = nested.iter().map(|below_site| self.open(site, below_site));
        for opened in std::iter::once(own).chain(nested) {
            match opened {
                Ok(repository) => repositories.push(repository),
                Err(Missing::Repository) => {}
                Err(Missing::Shallow) => return Arc::new(History::Shallow),
                Err(Missing::Refused(why)) => return Arc::new(History::Unreadable(why)),
            }
        }
        let key = Key {
            repositories,
            files,
        };
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, history)) = last.as_ref().filter(|(known, _)| *known == key) {
            return Arc::clone(history);
        }
        let history = Arc::new(self.gather(&key));
        *last = Some((key, Arc::clone(&history)));
        history
    }

    fn gather(&self, key: &Key) -> History {
        if key.repositories.is_empty() {
            return History::None;
        }
        let mut commits = Commits::default();
        let logs = self.logs();
        for repository in &key.repositories {
            let Some(log) = logs.get(repository) else {
                continue;
            };
            let is_deeper = |path: &str| {
                key.repositories.iter().any(|other| {
                    other.below_site.len() > repository.below_site.len()
                        && path.starts_with(&other.below_site)
                })
            };
            let files = key
                .files
                .iter()
                .filter(|path| path.starts_with(&repository.below_site) && !is_deeper(path));
            log.add_to(&mut commits, &files.map(String::as_str).collect());
        }
        History::Known(commits)
    }

    fn logs(&self) -> std::sync::MutexGuard<'_, BTreeMap<Repository, Arc<Log>>> {
        self.logs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Repository {
    fn find(site: &Path, below_site: &str) -> Result<Self, Missing> {
        let folder = site.join(below_site);
        let arguments = [
            "rev-parse",
            "--is-shallow-repository",
            "--show-prefix",
            "HEAD",
        ];
        let output = git(&folder, &arguments).map_err(|_| Missing::Repository)?;
        let text = String::from_utf8_lossy(&output.stdout);
        let mut lines = text.lines();
        let (is_shallow, prefix, head) = (lines.next(), lines.next(), lines.next());
        match (output.status.success(), is_shallow, prefix, head) {
            (true, Some("true"), _, _) => Err(Missing::Shallow),
            (true, Some(_), Some(prefix), Some(head)) => Ok(Self {
                folder,
                below_site: below_site.to_owned(),
                below_root: prefix.to_owned(),
                head: head.to_owned(),
            }),
            _ => {
                let why = String::from_utf8_lossy(&output.stderr);
                match ["not a git repository", "ambiguous argument 'HEAD'"]
                    .iter()
                    .any(|known| why.contains(known))
                {
                    true => Err(Missing::Repository),
                    false => Err(Missing::Refused(first_line(&why))),
                }
            }
        }
    }

    /// All commits but merges, newest first, with the names of the files that each changed.
    fn log(&self) -> Result<Vec<u8>, String> {
        // A clone that fetches contents when they are asked for must not fetch them all: renamed files are then found
        // if nothing else about them changed.
        let promised = git(
            &self.folder,
            &["config", "--get-regexp", r"^remote\..*\.promisor$"],
        );
        let is_partial = promised.is_ok_and(|output| output.status.success());
        let renames = if is_partial {
            "--find-renames=100%"
        } else {
            "--find-renames"
        };
        let format = format!("--format={}", log::FORMAT);
        let output = git(
            &self.folder,
            &[
                "-c",
                "diff.renameLimit=1000",
                "log",
                "-z",
                "--date-order",
                "--no-merges",
                "--name-status",
                renames,
                "--no-relative",
                "--no-ext-diff",
                "--no-color",
                "--no-show-signature",
                "--encoding=UTF-8",
                &format,
                &self.head,
                "--",
            ],
        )
        .map_err(|error| error.to_string())?;
        match output.status.success() {
            true => Ok(output.stdout),
            false => Err(first_line(&String::from_utf8_lossy(&output.stderr))),
        }
    }
}

/// The short name of the newest commit, if all of the site's content is in it; `None` without git, a repository or a
/// commit.
pub(crate) fn commit_of_content(site: &Path) -> Option<String> {
    let said = |arguments: &[&str]| {
        let output = git(site, arguments).ok()?;
        let is_done = output.status.success();
        is_done.then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let changes = said(&["status", "--porcelain", "--", "content"])?;
    let commit = said(&["rev-parse", "--short", "HEAD"])?;
    changes.is_empty().then_some(commit)
}

/// Runs git in a folder, whatever repository the caller works in.
fn git(folder: &Path, arguments: &[&str]) -> io::Result<Output> {
    let mut command = Command::new("git");
    command
        .arg("--no-pager")
        .arg("-C")
        .arg(folder)
        .args(arguments)
        .stdin(Stdio::null())
        .env("LC_ALL", "C")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_NO_LAZY_FETCH", "1");
    // Set where a hook of git runs us; they name a repository by a path that may mean another from here.
    for name in [
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_PREFIX",
        "GIT_COMMON_DIR",
    ] {
        command.env_remove(name);
    }
    command.output()
}

fn first_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or("it gives no reason");
    line.trim_start_matches("fatal: ").to_owned()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_was_read_counts_until_a_commit_or_another_file() {
        let folder = tempfile::tempdir().unwrap();
        let site = folder.path();
        let run = |arguments: &[&str]| {
            let who = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
            let output = git(site, &[&who, arguments].concat()).unwrap();
            assert!(output.status.success(), "{output:?}");
        };
        let files = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        run(&["init", "-q"]);
        fs::write(site.join("a.md"), "a").unwrap();
        run(&["add", "a.md"]);
        run(&["commit", "-qm", "One"]);
        let git = Git::default();
        let history = |names: &[&str]| git.history(git.open(site, ""), site, &[], files(names));
        let first = history(&["a.md"]);
        assert!(Arc::ptr_eq(&first, &history(&["a.md"])));
        assert!(!Arc::ptr_eq(&first, &history(&["a.md", "b.md"])));
        fs::write(site.join("a.md"), "b").unwrap();
        assert_eq!(*history(&["a.md"]), *first);
        run(&["commit", "-qam", "Two"]);
        let History::Known(commits) = &*history(&["a.md"]) else {
            panic!("a history")
        };
        assert_eq!(commits.of_file["a.md"].len(), 2);
        assert_eq!(git.logs().len(), 1, "only the newest state is kept");
    }
}
