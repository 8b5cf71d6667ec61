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

use crate::{Drawings, diagnostic::Diagnostic, links::Links, model::Model};

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
    /// Whether anything refers to a file.
    fn contains(&self, path: &str) -> bool {
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
    let used = references::check(model, links, drawings, report);
    orphans::check(model, links.files(), &used, report);
    used
}
