//! A small site in which one thing is the fuzzer's.

use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

use tuition_site::{Diagnostic, Files, Options, Output, Source, build};

/// The part of the site that the fuzzer writes.
#[derive(Debug, Clone, Copy)]
pub enum Part {
    /// A lesson.
    Lesson,
    /// The course, which has prices.
    Course,
    /// A module.
    Module,
    /// A post.
    Post,
    /// `site.toml`.
    Site,
    /// `offers.toml`.
    Offers,
}

impl Part {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Lesson,
        Self::Course,
        Self::Module,
        Self::Post,
        Self::Site,
        Self::Offers,
    ];

    fn path(self) -> &'static str {
        match self {
            Self::Lesson => "content/courses/c/01-m/01-l.md",
            Self::Course => "content/courses/c/course.md",
            Self::Module => "content/courses/c/01-m/module.md",
            Self::Post => "content/posts/p.md",
            Self::Site => "content/site.toml",
            Self::Offers => "content/offers.toml",
        }
    }
}

/// Stands in files that no page may show.
const OUTSIDE: &str = "qz-outside-qz";

/// Stands in a paid lesson.
const PAID: &str = "qz-paid-qz";

/// Files of the site, and the theme of the generator's own tests: few lines, every template.
static SITE: LazyLock<Files> = LazyLock::new(|| archive(include_str!("site.txt")));
static THEME: LazyLock<Files> = LazyLock::new(|| {
    archive(include_str!(
        "../../../generator/site/tests/it/cases/theme.txt"
    ))
});

/// Builds the site twice with `text` in the place of a part; panics where a promise is broken.
pub fn check(part: Part, text: &[u8]) {
    let mut files = SITE.clone();
    files.insert(part.path().to_owned(), text.into());
    // A carriage return ends a line too.
    let lines = text.iter().filter(|byte| b"\n\r".contains(byte)).count() + 1;
    let source = Source {
        files,
        theme: THEME.clone(),
        ..Source::default()
    };
    let options = Options {
        now: jiff::Timestamp::UNIX_EPOCH,
        drafts: true,
        base_url: None,
        tested: BTreeMap::new(),
        require_tested: false,
        drawings: Arc::default(),
    };
    let (output, diagnostics) = build(&source, &options);
    // Templates are read anew each time, which takes most of it: one input in four is enough.
    if text.len().is_multiple_of(4) {
        let again = build(&source, &options);
        assert!(
            again == (output.clone(), diagnostics.clone()),
            "two builds differ"
        );
    }

    let broken = diagnostics.iter().any(Diagnostic::is_error);
    assert_eq!(
        output.is_none(),
        broken,
        "an output exactly when nothing is wrong"
    );
    for diagnostic in &diagnostics {
        place(diagnostic, part, lines);
    }
    if let Some(output) = &output {
        secrets(output, part, text);
    }
}

/// Line and column are in the file.
fn place(diagnostic: &Diagnostic, part: Part, lines: usize) {
    assert!(
        diagnostic.line >= 1 && diagnostic.column >= 1,
        "{diagnostic}"
    );
    let is_inside = diagnostic.path != part.path() || diagnostic.line <= lines;
    assert!(
        is_inside,
        "beyond the {lines} lines of the file: {diagnostic}"
    );
    let width = diagnostic.excerpt.chars().count();
    assert!(
        diagnostic.excerpt.is_empty() || diagnostic.column <= width + 1,
        "beyond the line: {diagnostic}"
    );
}

/// Nothing that stands outside of `content/` is shown, and nothing paid to everyone.
fn secrets(output: &Output, part: Part, written: &[u8]) {
    // The fuzzer sees what its output is compared with, and then writes it itself.
    let writes = |secret: &str| String::from_utf8_lossy(written).contains(secret);
    for (path, bytes) in &output.files {
        let html = String::from_utf8_lossy(bytes);
        assert!(
            !html.contains(OUTSIDE) || writes(OUTSIDE),
            "{path} shows a file from outside"
        );
        // A course without a price is free, all of it.
        let is_free = !path.starts_with("public/") || matches!(part, Part::Course);
        assert!(
            is_free || !html.contains(PAID) || writes(PAID),
            "{path} shows paid text"
        );
    }
}

/// `-- path --` on a line of its own begins a file.
fn archive(text: &str) -> Files {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    let mut current = String::new();
    for line in text.split_inclusive('\n') {
        let name = line
            .trim_end()
            .strip_prefix("-- ")
            .and_then(|rest| rest.strip_suffix(" --"));
        match name {
            Some(name) => current = name.to_owned(),
            None => files.entry(current.clone()).or_default().push_str(line),
        }
    }
    files.remove("");
    files
        .into_iter()
        .map(|(path, text)| (path, text.into_bytes().into()))
        .collect()
}
