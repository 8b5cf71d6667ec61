//! What a page tells of the past of its text, and to whom: a date to everyone, what was done only to those who may read
//! all that was touched.

use jiff::{Timestamp, tz::TimeZone};

use super::{
    describe::Describe,
    jobs::{Job, Tree},
    pages::Renderer,
    views::{ChangeView, PastView},
};
use crate::{
    history::{Commit, Commits},
    model::{Course, Model, in_language},
};

/// Changes that a page lists.
const LISTED: usize = 10;

/// A text, and what of it a page shows.
pub(super) struct Text<'a> {
    /// Path of its file.
    pub(super) path: &'a str,
    /// Position of the priced course that it belongs to.
    pub(super) course: Option<usize>,
    /// Whether any of it must be paid for.
    pub(super) paid: bool,
}

impl<'a> Renderer<'a> {
    /// The past of a text, and the address where it is edited; `None` when there is nothing to tell.
    pub(super) fn past(&self, job: &Job<'a>, text: &Text<'_>) -> Option<PastView> {
        let git = &self.model.site.git;
        let is_teaser = text.paid && job.tree == Tree::Public;
        let edit_url = git.edit_url(text.path).filter(|_| !text.paid);
        let commits = self.model.history.commits();
        let past: Vec<(usize, &Commit)> = commits
            .into_iter()
            .flat_map(|commits| commits.of(text.path))
            .collect();
        let changed = past.first().map(|(_, commit)| commit.at);
        let mut authors: Vec<String> = Vec::new();
        if git.authors && !is_teaser {
            for (_, commit) in &past {
                if !authors.contains(&commit.author) {
                    authors.push(commit.author.clone());
                }
            }
        }
        let readers = text.course.filter(|_| job.tree != Tree::Public);
        let describe = self.describe(job);
        let told = past.iter().filter(|(position, _)| {
            let who = self.readers.get(*position);
            git.changes && !is_teaser && who.is_some_and(|who| who.include(readers))
        });
        let changes: Vec<ChangeView> = told
            .take(LISTED)
            .map(|(_, commit)| ChangeView {
                at: commit.at.to_string(),
                date_text: date_text(describe, commit.at),
                subject: commit.subject.clone(),
            })
            .collect();
        let view = PastView {
            at: changed.filter(|_| git.dates).map(|at| at.to_string()),
            date_text: changed
                .filter(|_| git.dates)
                .map(|at| date_text(describe, at)),
            authors,
            edit_url,
            // That a text was written once is no news.
            changes: if changes.len() > 1 {
                changes
            } else {
                Vec::new()
            },
        };
        view.is_something().then_some(view)
    }

    /// The past of a course's landing page: the last change of anything that it leads to.
    pub(super) fn course_past(
        &self,
        job: &Job<'a>,
        course: &Course,
        path: &str,
    ) -> Option<PastView> {
        let git = &self.model.site.git;
        let changed = course_change(self.model, course, job.language).filter(|_| git.dates);
        let view = PastView {
            at: changed.map(|at| at.to_string()),
            date_text: changed.map(|at| date_text(self.describe(job), at)),
            authors: Vec::new(),
            edit_url: git.edit_url(path),
            changes: Vec::new(),
        };
        view.is_something().then_some(view)
    }
}

/// When a text was last changed, if the site wants that told.
pub(crate) fn change(model: &Model, path: &str) -> Option<Timestamp> {
    commits(model)?.last_change(path)
}

/// When a course, or any of its lessons, was last changed in a language.
pub(super) fn course_change(model: &Model, course: &Course, language: &str) -> Option<Timestamp> {
    let (commits, default) = (commits(model)?, model.default_language());
    let landing = in_language(&course.texts, language, default).map(|(text, _)| &text.body);
    let lessons = course
        .lessons
        .iter()
        .filter_map(|lesson| in_language(&lesson.texts, language, default))
        .map(|(text, _)| &text.body);
    landing
        .into_iter()
        .chain(lessons)
        .filter_map(|body| commits.last_change(&body.file.path))
        .max()
}

fn commits(model: &Model) -> Option<&Commits> {
    model.history.commits().filter(|_| model.site.git.dates)
}

fn date_text(describe: Describe<'_>, at: Timestamp) -> String {
    describe.date(at.to_zoned(TimeZone::UTC).date())
}
