//! What became of all samples, in numbers and as one line.

use std::{collections::BTreeMap, fmt, iter};

use tuition_site::{Diagnostic, Group, Place};

use super::verdict::Failure;
use crate::report;

/// What became of samples.
#[derive(Debug, Default)]
pub(super) struct Counts {
    all: usize,
    passed: usize,
    seen: usize,
    failed: usize,
    ignored: usize,
    /// Different ones that were really run.
    pub(super) ran: usize,
}

/// What became of one key.
pub(super) enum Fate {
    Passed,
    Seen,
    Failed(Failure),
    /// It could not be tried; why is told elsewhere.
    Untried,
}

impl Counts {
    /// Counts the samples of a group by what became of their keys, and tells of those that failed.
    pub(super) fn take(&mut self, group: &Group, fates: &BTreeMap<&str, Fate>) -> Vec<Diagnostic> {
        self.ignored += group.ignored;
        let mut diagnostics = Vec::new();
        // Where a failure has been told in full, by key.
        let mut told: BTreeMap<&str, &Place> = BTreeMap::new();
        for sample in &group.samples {
            self.all += 1;
            match fates.get(sample.key.as_str()) {
                Some(Fate::Passed) => self.passed += 1,
                Some(Fate::Seen) => {
                    self.passed += 1;
                    self.seen += 1;
                }
                Some(Fate::Failed(failure)) => {
                    self.failed += 1;
                    let place = &sample.place;
                    diagnostics.push(match told.get(sample.key.as_str()) {
                        None => place.error("sample", &failure.message, &failure.hint),
                        Some(first) => failure.again(place, first),
                    });
                    told.entry(&sample.key).or_insert(place);
                }
                Some(Fate::Untried) | None => {}
            }
        }
        diagnostics
    }
}

impl Failure {
    /// The failure of the same code elsewhere, as after a translation; its lines are those of the first.
    fn again(&self, place: &Place, first: &Place) -> Diagnostic {
        let what = self.message.lines().next().unwrap_or_default();
        let Place { path, line, .. } = first;
        let message = format!("{what}; it is the code of {path}:{line}, where more is said");
        place.error("sample", message, &self.hint)
    }
}

/// `42 samples: 40 passed (38 seen before), 2 failed; 5 marked ignore`.
impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seen = match self.seen {
            0 => String::new(),
            seen => format!(" ({seen} seen before)"),
        };
        let passed = format!("{} passed{seen}", self.passed);
        let some = |count: usize, what: &str| (count > 0).then(|| format!("{count} {what}"));
        let untried = self.all - self.passed - self.failed;
        let parts = iter::once(Some(passed))
            .chain([some(self.failed, "failed"), some(untried, "not tried")]);
        let parts: Vec<_> = parts.flatten().collect();
        write!(
            f,
            "{}: {}",
            report::plural(self.all, "sample"),
            parts.join(", ")
        )?;
        match self.ignored {
            0 => Ok(()),
            ignored => write!(f, "; {ignored} marked ignore"),
        }
    }
}
