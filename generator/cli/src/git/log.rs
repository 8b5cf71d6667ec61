//! The output of `git log -z --name-status` to commits and the files that they changed, renames followed backwards.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use tuition_site::{Commit, Commits, LONGEST};

/// What `git log` is asked to print of a commit; a NUL follows.
pub(super) const FORMAT: &str = "@%ct%x00%aN%x00%s";

/// Commits of one repository, newest first.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Log {
    commits: Vec<Commit>,
    /// By the path of today: positions of the commits.
    changes: BTreeMap<String, Vec<usize>>,
}

/// Reads the output. `below_root` is the path, below the root of the repository, of the folder whose path below the
/// site's folder is `below_site`; both end with a slash unless they are empty. What lies elsewhere is passed over.
pub(super) fn parse(output: &[u8], below_root: &str, below_site: &str) -> Log {
    let mut reader = Reader {
        tokens: output.split(|byte| *byte == 0).peekable(),
    };
    let mut log = Log::default();
    // The name of today by each earlier one.
    let mut names: HashMap<String, String> = HashMap::new();
    while let Some((mut commit, changed)) = reader.commit() {
        let position = log.commits.len();
        let mut before: Vec<(String, String)> = Vec::new();
        for Changed { path, was, is_same } in changed {
            let today = match &was {
                Some(_) => names.remove(&path).unwrap_or(path),
                None => names.get(&path).cloned().unwrap_or(path),
            };
            if let Some(below) = today.strip_prefix(below_root) {
                let path = format!("{below_site}{below}");
                if !is_same {
                    log.changes.entry(path.clone()).or_default().push(position);
                }
                commit.touched.push(path);
            }
            before.extend(was.map(|was| (was, today)));
        }
        // Only now, so that two files can change names with each other.
        names.extend(before);
        log.commits.push(commit);
    }
    log
}

impl Log {
    /// Adds what is known about `files` to the commits of a site. Commits that touched none of its files are left out.
    pub(super) fn add_to(&self, commits: &mut Commits, files: &BTreeSet<&str>) {
        let changes: Vec<(&String, &[usize])> = self
            .changes
            .iter()
            .filter(|(path, _)| files.contains(path.as_str()))
            .map(|(path, positions)| {
                let newest = positions.get(..LONGEST);
                (path, newest.unwrap_or(positions.as_slice()))
            })
            .collect();
        let kept: BTreeSet<usize> = changes
            .iter()
            .flat_map(|(_, positions)| positions.iter().copied())
            .collect();
        let first = commits.all.len();
        let renumbered: HashMap<usize, usize> = kept
            .iter()
            .enumerate()
            .map(|(new, old)| (*old, first + new))
            .collect();
        let used = kept
            .iter()
            .filter_map(|position| self.commits.get(*position));
        commits.all.extend(used.cloned());
        commits
            .of_file
            .extend(changes.into_iter().map(|(path, positions)| {
                let positions = positions.iter().filter_map(|old| renumbered.get(old));
                (path.clone(), positions.copied().collect())
            }));
    }
}

/// A file that a commit changed.
struct Changed {
    path: String,
    /// Its name before, if the commit renamed it.
    was: Option<String>,
    /// Whether it has only another name now.
    is_same: bool,
}

struct Reader<'a, I: Iterator<Item = &'a [u8]>> {
    tokens: std::iter::Peekable<I>,
}

impl<'a, I: Iterator<Item = &'a [u8]>> Reader<'a, I> {
    fn commit(&mut self) -> Option<(Commit, Vec<Changed>)> {
        let seconds = self.text()?.strip_prefix('@')?.parse().ok()?;
        let (author, subject) = (self.text()?, self.text()?);
        let mut changed = Vec::new();
        while let Some(status) = self.tokens.next_if(|token| !token.starts_with(b"@")) {
            // The first stands on a line of its own.
            let status = status.strip_prefix(b"\n").unwrap_or(status);
            let was = match status.first() {
                None => continue,
                Some(b'R') => Some(self.text()?),
                Some(_) => None,
            };
            changed.push(Changed {
                path: self.text()?,
                was,
                is_same: status == b"R100",
            });
        }
        let commit = Commit {
            at: Timestamp::from_second(seconds).ok()?,
            author,
            subject,
            touched: Vec::new(),
        };
        Some((commit, changed))
    }

    fn text(&mut self) -> Option<String> {
        Some(String::from_utf8_lossy(self.tokens.next()?).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, below_root: &str) -> Commits {
        let mut commits = Commits::default();
        let log = parse(text.as_bytes(), below_root, "");
        let paths: Vec<String> = log.changes.keys().cloned().collect();
        log.add_to(&mut commits, &paths.iter().map(String::as_str).collect());
        commits
    }

    #[test]
    fn names_are_followed_back_and_other_folders_passed_over() {
        let commits = read(
            "@300\0B\0third\0\nM\0site/content/new.md\0M\0README.md\0\
             @250\0B\0empty\0\
             @200\0A\0second\0\nR090\0site/content/old.md\0site/content/new.md\0A\0site/content/old.md\0\
             @100\0A\0first @ all\0\nA\0site/content/old.md\0A\0else.md\0",
            "site/",
        );
        let subjects: Vec<_> = commits.all.iter().map(|commit| &commit.subject).collect();
        assert_eq!(subjects, ["third", "second", "first @ all"]);
        assert_eq!(commits.of_file["content/new.md"], [0, 1, 2]);
        assert_eq!(commits.of_file["content/old.md"], [1]);
        assert_eq!(commits.all[2].touched, ["content/new.md"]);
        assert_eq!(commits.all[0].at.to_string(), "1970-01-01T00:05:00Z");
    }

    #[test]
    fn two_files_can_change_names_with_each_other() {
        let commits = read(
            "@200\0A\0swap\0\nR100\0a.md\0b.md\0R100\0b.md\0a.md\0@100\0A\0a\0\nA\0a.md\0@50\0A\0b\0\nA\0b.md\0",
            "",
        );
        // Another name alone is no change of the text.
        assert_eq!(commits.of_file["b.md"], [0]);
        assert_eq!(commits.of_file["a.md"], [1]);
        assert_eq!(commits.all[0].subject, "a");
    }

    #[test]
    fn a_long_history_is_cut() {
        let text: String = (0..LONGEST + 10)
            .map(|number| format!("@{}\0A\0s\0\nM\0a.md\0", 1000 - number))
            .collect();
        let commits = read(&text, "");
        assert_eq!(commits.of_file["a.md"].len(), LONGEST);
        assert_eq!(commits.all.len(), LONGEST);
    }
}
