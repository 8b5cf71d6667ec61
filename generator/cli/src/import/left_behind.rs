//! What of a book has no place in the course.

use std::collections::BTreeSet;

use tuition_site::Files;

use super::{
    book::Source,
    config::{self, Config},
    note::Notes,
    plan::Plan,
    summary,
};

/// Notes the files of the folder of chapters that no lesson came from and none needs.
pub(super) fn note(
    files: &Files,
    config: &Config,
    plan: &Plan,
    chapters: &[Source],
    used: &BTreeSet<String>,
    notes: &mut Notes,
) {
    let included: BTreeSet<&String> = chapters
        .iter()
        .flat_map(|chapter| &chapter.expanded.used)
        .collect();
    let prefix = match config.source.as_str() {
        "" => String::new(),
        source => format!("{source}/"),
    };
    for path in files.keys().filter(|path| !included.contains(path)) {
        let Some(below) = path.strip_prefix(&prefix) else {
            continue;
        };
        let is_known = below == summary::NAME
            || path == config::PATH
            || used.contains(below)
            || plan.by_path.contains_key(below);
        if is_known {
            continue;
        }
        let (message, hint) = match below.ends_with(".md") {
            true => ("the text is in no table of contents", "it has no lesson"),
            false => (
                "no chapter refers to the file",
                "it is left behind: copy it beside a lesson that needs it",
            ),
        };
        notes.line(path, 1, "import-file", message, hint);
    }
}
