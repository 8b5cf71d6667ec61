//! What version control knows about the files of a site: data that somebody else has read.
//!
//! Where the facts come from is not known here; only who may see which. A commit's subject may quote what it changed,
//! so that one that touched a paid text is paid itself. Its date is not.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{links::Links, model::Model};

/// What is known about the past of a site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum History {
    /// Nothing: the site lies in no repository, or nobody asked.
    #[default]
    None,
    /// The repository was cloned without its past, so that every date in it would be wrong.
    Shallow,
    /// The repository could not be read; why, in one line.
    Unreadable(String),
    /// All of it.
    Known(Commits),
}

/// Commits, and which files each of them changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Commits {
    /// Newest first: no commit stands before one that follows it.
    pub all: Vec<Commit>,
    /// By path of a file: positions in `all` of what changed it, under whatever name it had then; ascending, so
    /// newest first, and at most [`LONGEST`].
    pub of_file: BTreeMap<String, Vec<usize>>,
}

/// The most commits that are kept of one file.
pub const LONGEST: usize = 50;

/// One commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// When it was made part of the history (the committer's date).
    pub at: Timestamp,
    /// Name of the author, as the mail map has it.
    pub author: String,
    /// First line of the message.
    pub subject: String,
    /// Paths of all files below the site's folder that it changed, as they were called then.
    pub touched: Vec<String>,
}

/// Who may read the subject of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readers {
    Everyone,
    /// Learners of the course at this position.
    Members(usize),
    Nobody,
}

impl Readers {
    /// Whether members of `course` are among them; with `None`, everyone.
    pub(crate) fn include(self, course: Option<usize>) -> bool {
        match self {
            Self::Everyone => true,
            Self::Members(own) => course == Some(own),
            Self::Nobody => false,
        }
    }
}

impl Commits {
    /// The commits that changed a file, newest first; positions with them.
    pub(crate) fn of(&self, path: &str) -> impl Iterator<Item = (usize, &Commit)> {
        let positions = self
            .of_file
            .get(path)
            .map(Vec::as_slice)
            .unwrap_or_default();
        positions
            .iter()
            .filter_map(|position| Some((*position, self.all.get(*position)?)))
    }

    /// When a file was last changed.
    pub(crate) fn last_change(&self, path: &str) -> Option<Timestamp> {
        self.of(path).next().map(|(_, commit)| commit.at)
    }
}

impl History {
    /// The commits, where they are known.
    pub(crate) fn commits(&self) -> Option<&Commits> {
        match self {
            Self::Known(commits) => Some(commits),
            Self::None | Self::Shallow | Self::Unreadable(_) => None,
        }
    }
}

impl Commit {
    /// Who may read its subject: who may read all that it touched. What is below the folder of a course and isn't
    /// known to be free counts as paid: drafts, lessons that are gone, code, folders of another name.
    fn readers(&self, model: &Model, links: &Links<'_>) -> Readers {
        let mut readers = Readers::Everyone;
        for path in &self.touched {
            let Some(below) = path.strip_prefix(COURSES) else {
                continue;
            };
            let folder = below.split_once('/').map(|(folder, _)| folder);
            let owner = model
                .courses
                .iter()
                .position(|course| course.folder.strip_prefix(COURSES) == folder);
            let course = owner.and_then(|owner| model.courses.get(owner));
            readers = match (owner, course, readers) {
                (_, Some(course), _) if !course.priced => continue,
                (Some(_), _, _) if links.is_free_text(path) => continue,
                (Some(owner), _, Readers::Everyone) => Readers::Members(owner),
                (Some(owner), _, Readers::Members(other)) if owner == other => continue,
                _ => return Readers::Nobody,
            };
        }
        readers
    }
}

const COURSES: &str = "content/courses/";

/// For each commit, who may read its subject.
pub(crate) fn readers(model: &Model, links: &Links<'_>) -> Vec<Readers> {
    let commits = model.history.commits().map(|commits| &commits.all);
    commits
        .into_iter()
        .flatten()
        .map(|commit| commit.readers(model, links))
        .collect()
}
