//! Builds archives with a theme of few lines.

use std::{collections::BTreeMap, sync::Arc};

use tuition_site::{Diagnostic, Files, Options, Output, Source, build};

use crate::archive;

/// The moment of every build.
pub(crate) const NOW: &str = "2026-06-01T12:00:00Z";

/// A site with a free course, a paid one, pages, posts and offers, in two languages.
pub(crate) const SHOP: &str = include_str!("cases/shop.txt");

pub(crate) fn options() -> Options {
    Options {
        now: NOW.parse().unwrap(),
        drafts: false,
        base_url: None,
        tested: BTreeMap::new(),
        require_tested: false,
        drawings: std::sync::Arc::default(),
    }
}

pub(crate) fn source(files: Files) -> Source {
    Source {
        files,
        theme: archive::parse(include_str!("cases/theme.txt")),
        history: Arc::default(),
    }
}

/// The shop with files added or replaced.
pub(crate) fn shop_with(archive: &str) -> Files {
    let mut files = archive::parse(SHOP);
    files.extend(archive::parse(archive));
    files
}

/// Builds what must build without an error.
pub(crate) fn built(files: Files) -> Output {
    let (output, diagnostics) = build(&source(files), &options());
    output.unwrap_or_else(|| panic!("{}", shown(&diagnostics)))
}

/// The diagnostics of files, as a terminal shows them.
pub(crate) fn complaints(files: Files) -> String {
    let (output, diagnostics) = build(&source(files), &options());
    let has_error = diagnostics.iter().any(Diagnostic::is_error);
    assert_eq!(
        output.is_none(),
        has_error,
        "there is an output exactly when there is no error"
    );
    shown(&diagnostics)
}

/// The text of an output file.
pub(crate) fn text<'a>(output: &'a Output, path: &str) -> &'a str {
    let names = || output.files.keys().cloned().collect::<Vec<_>>().join("\n");
    let bytes = output
        .files
        .get(path)
        .unwrap_or_else(|| panic!("no {path} among\n{}", names()));
    std::str::from_utf8(bytes).unwrap()
}

/// Diagnostics as a terminal shows them.
pub(crate) fn shown(diagnostics: &[Diagnostic]) -> String {
    diagnostics
        .iter()
        .map(|diagnostic| format!("{diagnostic}\n"))
        .collect()
}
