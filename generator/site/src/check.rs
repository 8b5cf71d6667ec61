//! What two parts of a site must agree on. Reports, and learns which files are used where.

mod duplicates;
mod lessons;
mod offers;
mod orphans;
mod prerequisites;
mod references;
mod translations;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use prerequisites::find as find_course;

use crate::{
    Drawings,
    diagnostic::Diagnostic,
    links::Links,
    model::{Model, Preview},
};

/// Files that pages refer to, by who may see them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct UsedFiles {
    /// Referred to by something that everyone may read.
    pub(crate) public: BTreeSet<String>,
    /// By the position of a priced course: all that its learners need.
    pub(crate) members: BTreeMap<usize, BTreeSet<String>>,
    /// Shown by code fences; not copied.
    pub(crate) included: BTreeSet<String>,
}

impl UsedFiles {
    /// All files that have to be copied somewhere; some are named more than once.
    pub(crate) fn all(&self) -> impl Iterator<Item = &str> {
        let members = self.members.values().flatten();
        self.public.iter().chain(members).map(String::as_str)
    }

    /// Whether anything refers to a file.
    pub(crate) fn contains(&self, path: &str) -> bool {
        self.public.contains(path)
            || self.included.contains(path)
            || self.members.values().any(|files| files.contains(path))
    }
}

/// Checks the whole model.
pub(crate) fn check(
    model: &Model,
    links: &Links<'_>,
    drawings: &Drawings,
    report: &mut Vec<Diagnostic>,
) -> UsedFiles {
    duplicates::check(model, report);
    prerequisites::check(model, report);
    offers::check(model, report);
    references::check_navigation(model, links, report);
    lessons::check(model, report);
    translations::check(model, links.files(), report);
    let all = 0..model.courses.len();
    let used = references::check(model, links, drawings, all, report);
    orphans::check(model, links.files(), &used, report);
    used
}

/// Checks what could keep a preview of these courses from being as it will be.
pub(crate) fn check_preview(
    preview: &Preview,
    links: &Links<'_>,
    drawings: &Drawings,
    report: &mut Vec<Diagnostic>,
) -> UsedFiles {
    duplicates::check(&preview.model, report);
    let courses = preview.courses.iter().copied();
    references::check(&preview.model, links, drawings, courses, report)
}
