//! `[checks]` in `site.toml`: how bad each kind of finding is for this site.

use std::collections::BTreeMap;

use crate::{
    diagnostic::{Diagnostic, Severity},
    load::fields::Fields,
    nearest::did_you_mean,
};

/// How a finding counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    Error,
    Warning,
    Off,
}

const LEVELS: [(&str, Level); 3] = [
    ("error", Level::Error),
    ("warning", Level::Warning),
    ("off", Level::Off),
];

/// What an author may judge differently, by the code that stands in brackets behind `error` or `warning`, with what
/// holds when `site.toml` says nothing. Whatever is not here has no sensible output, or would give paid text away.
const CHECKS: &[(&str, Level)] = &[
    ("anchor", Level::Error),
    ("bidi-control", Level::Warning),
    ("diagram-layout", Level::Warning),
    ("draft", Level::Off),
    ("duplicate-anchor", Level::Error),
    ("external-link", Level::Error),
    ("external-link-moved", Level::Warning),
    ("external-link-unsure", Level::Warning),
    ("fence-attribute", Level::Warning),
    ("foreign-notation", Level::Warning),
    ("heading-level", Level::Warning),
    ("html", Level::Warning),
    ("image-alt", Level::Warning),
    ("include-part", Level::Error),
    ("link", Level::Error),
    ("link-kind", Level::Error),
    ("link-unpublished", Level::Error),
    ("link-text", Level::Off),
    ("long-line", Level::Off),
    ("math-look-alike", Level::Warning),
    ("math-off", Level::Warning),
    ("misplaced-file", Level::Warning),
    ("missing-image", Level::Error),
    ("objectives", Level::Off),
    ("orphan-file", Level::Warning),
    ("prerequisite", Level::Error),
    ("prerequisite-cycle", Level::Error),
    ("reading-time", Level::Off),
    ("shallow-history", Level::Warning),
    ("stale-translation", Level::Warning),
    ("teaser-reference", Level::Warning),
    ("unknown-alert", Level::Warning),
    ("unknown-language", Level::Warning),
    ("unreadable-history", Level::Warning),
];

/// The levels of one site.
#[derive(Debug, Clone, Default)]
pub(crate) struct Checks {
    /// Only those that `site.toml` names.
    chosen: BTreeMap<&'static str, Level>,
    /// Characters of the longest line of code that is not long.
    pub(crate) line_width: usize,
    /// How addresses begin that are not asked whether they are there.
    pub(crate) external_ignore: Vec<String>,
    /// Whether hosts of this machine and of private networks are asked, too.
    pub(crate) external_private: bool,
}

/// Characters; code of more wraps or scrolls on most screens.
const LINE_WIDTH: u32 = 100;

impl Checks {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        let mut checks = Self {
            line_width: LINE_WIDTH as usize,
            ..Self::default()
        };
        let Some(table) = fields.table("checks") else {
            return checks;
        };
        let mut inner = Fields::new(fields.text, table.value, fields.report);
        for &(code, _) in CHECKS {
            let Some(word) = inner.text(code) else {
                continue;
            };
            match LEVELS.iter().find(|(name, _)| *name == word.value) {
                Some((_, level)) => {
                    checks.chosen.insert(code, *level);
                }
                None => {
                    let names = LEVELS.iter().map(|(name, _)| *name);
                    let hint = did_you_mean(&word.value, names, "write error, warning or off");
                    inner.wrong::<()>(word.at, code, "is no level", &hint);
                }
            }
        }
        checks.line_width = inner.count("line_width").unwrap_or(LINE_WIDTH) as usize;
        let prefixes = inner.texts("external_ignore");
        checks.external_ignore = prefixes.into_iter().map(|prefix| prefix.value).collect();
        let private = inner.flag("external_private");
        checks.external_private = private.is_some_and(|private| private.value);
        inner.finish();
        checks
    }

    /// Whether a finding is worth looking for.
    pub(crate) fn is_on(&self, code: &str) -> bool {
        self.level(code) != Some(Level::Off)
    }

    /// Gives every finding the level that this site wants.
    pub(crate) fn apply(&self, report: &mut Vec<Diagnostic>) {
        report.retain_mut(|diagnostic| {
            match self.chosen.get(diagnostic.code) {
                Some(Level::Error) => diagnostic.severity = Severity::Error,
                Some(Level::Warning) => diagnostic.severity = Severity::Warning,
                Some(Level::Off) => return false,
                None => return self.is_on(diagnostic.code),
            }
            true
        });
    }

    fn level(&self, code: &str) -> Option<Level> {
        self.chosen.get(code).copied().or_else(|| {
            CHECKS
                .iter()
                .find(|(known, _)| *known == code)
                .map(|(_, level)| *level)
        })
    }
}
