//! A whole book to a course: files in, files and notes out. Touches no disk.

use std::collections::{BTreeMap, BTreeSet};

use tuition_site::{Diagnostic, Files, slugify};

use super::{
    anchor,
    chapter::{self, Setting},
    config::{self, Config},
    course_files::{course_file, lesson_file, module_file, site_file},
    front_matter,
    include::{self, Expanded},
    left_behind,
    note::Notes,
    plan, redirects, summary,
    target::Targets,
};

/// The edition of Rust that samples are tested with when the book names none.
pub(super) const NEWEST_EDITION: &str = "2024";

/// What else decides about the course.
#[derive(Debug, Clone, Default)]
pub(super) struct Options {
    /// Folder of the course; by default from the book's title.
    pub(super) course: Option<String>,
    /// Address of the published book: links that lead out of it are made absolute with it.
    pub(super) published: Option<String>,
    /// Whether the site is there already, so that only the course is added.
    pub(super) into_site: bool,
    /// The site's list of redirects, empty if there is none.
    pub(super) redirects: String,
}

/// An imported book.
#[derive(Debug)]
pub(super) struct Imported {
    /// Files of the site, by path below its folder.
    pub(super) files: Files,
    /// Folder of the course below the site's.
    pub(super) folder: String,
    pub(super) modules: usize,
    pub(super) lessons: usize,
    pub(super) redirects: usize,
    /// What could not be carried over, by path and line.
    pub(super) notes: Vec<Diagnostic>,
}

/// The folder holds no book.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum BookError {
    /// There is no table of contents.
    #[error("there is no {0}; name the folder that holds book.toml")]
    NoSummary(String),
    /// None of its chapters is there.
    #[error("{0} lists no chapter that is there")]
    Empty(String),
}

/// Makes a course of the files of a book.
///
/// # Errors
/// [`BookError`] when there is no book. All else becomes notes.
pub(super) fn import(files: &Files, options: &Options) -> Result<Imported, BookError> {
    let mut notes = Notes::default();
    let text = |path: &str| {
        let text = String::from_utf8_lossy(files.get(path)?).replace("\r\n", "\n");
        Some(
            text.strip_prefix('\u{feff}')
                .map(str::to_owned)
                .unwrap_or(text),
        )
    };
    let config = Config::read(text(config::PATH).as_deref(), &mut notes);
    let in_source = |path: &str| match config.source.as_str() {
        "" => path.to_owned(),
        source => format!("{source}/{path}"),
    };
    let contents_path = in_source(summary::NAME);
    let contents =
        text(&contents_path).ok_or_else(|| BookError::NoSummary(contents_path.clone()))?;
    let exists = |path: &str| files.contains_key(&in_source(path));
    let plan = plan::read(
        &contents,
        &contents_path,
        &config.language,
        &exists,
        &mut notes,
    );
    if plan.lessons.is_empty() {
        return Err(BookError::Empty(contents_path));
    }
    let chapters: Vec<Source> = plan
        .lessons
        .iter()
        .map(|lesson| {
            let path = in_source(&lesson.chapter);
            let text = text(&path).unwrap_or_default();
            let (text, front) = front_matter::take(&text, &path, &mut notes);
            let expanded = include::expand(&text, &path, files, &mut notes);
            Source {
                title: front.or_else(|| expanded.title.clone()),
                path,
                expanded,
            }
        })
        .collect();
    let anchors: Vec<_> = chapters
        .iter()
        .map(|chapter| anchor::all(&chapter.expanded.text))
        .collect();
    let titles: Vec<_> = chapters
        .iter()
        .map(|chapter| anchor::title(&chapter.expanded.text))
        .collect();
    let published = options
        .published
        .as_deref()
        .map(|address| address.trim_end_matches('/'));
    let targets = Targets {
        plan: &plan,
        anchors: &anchors,
        titles: &titles,
        files,
        source: &config.source,
        published,
        site_url: &config.site_url,
    };
    note_edition(&config, &mut notes);
    let title = config.title.clone().unwrap_or_else(|| "Course".to_owned());
    let slug = match options.course.clone().unwrap_or_else(|| slugify(&title)) {
        slug if slug.is_empty() => "course".to_owned(),
        slug => slug,
    };
    let folder = format!("content/courses/{slug}");

    let mut out = BTreeMap::new();
    let mut put = |path: String, bytes: &[u8]| {
        out.insert(path, bytes.into());
    };
    if !options.into_site {
        put(
            "content/site.toml".to_owned(),
            site_file(&config, &title).as_bytes(),
        );
        put(".gitignore".to_owned(), b"/dist/\n/.tuition/\n");
    }
    put(
        format!("{folder}/course.md"),
        course_file(&config, &title).as_bytes(),
    );
    for module in &plan.modules {
        put(
            format!("{folder}/{}/module.md", module.folder),
            module_file(module).as_bytes(),
        );
    }
    let mut used = BTreeSet::new();
    for (number, (lesson, source)) in plan.lessons.iter().zip(&chapters).enumerate() {
        let setting = Setting {
            targets: &targets,
            lesson: number,
            path: &source.path,
        };
        let converted = chapter::convert(&source.expanded, &setting, &mut notes);
        if config.mathjax && source.expanded.text.contains("\\\\(") {
            notes.line(
                &source.path,
                1,
                "import-math",
                "formulas between \\\\( and \\\\) are not carried over",
                "write them between $ and add math = true to the front matter",
            );
        }
        let text = lesson_file(lesson, source, &converted, &config, &mut notes);
        put(format!("{folder}/{}", lesson.file), text.as_bytes());
        used.extend(converted.assets);
    }
    for asset in &used {
        if let Some(bytes) = files.get(&in_source(asset)) {
            put(format!("{folder}/{asset}"), bytes);
        }
    }
    let config_text = text(config::PATH).unwrap_or_default();
    let redirects = redirects::list(&targets, &config, &config_text, &slug, &mut notes);
    let list = redirects::add(&redirects, &options.redirects, &mut notes);
    let (list, redirects) = list.unwrap_or_default();
    if redirects > 0 {
        put(redirects::PATH.to_owned(), list.as_bytes());
    }
    left_behind::note(files, &config, &plan, &chapters, &used, &mut notes);
    Ok(Imported {
        files: out,
        folder,
        modules: plan.modules.len(),
        lessons: plan.lessons.len(),
        redirects,
        notes: notes.into_sorted(),
    })
}

/// A chapter as it was read.
pub(super) struct Source {
    pub(super) path: String,
    /// Title by front matter or `{{#title}}`.
    pub(super) title: Option<String>,
    pub(super) expanded: Expanded,
}

fn note_edition(config: &Config, notes: &mut Notes) {
    if config.edition.is_none() {
        let message = format!(
            "the book names no edition of Rust: samples are tested with {NEWEST_EDITION}, mdBook took 2015"
        );
        let hint = "change edition below [tests] in course.md, or add edition2021 to the fences that need it";
        notes.line(config::PATH, 1, "import-config", message, hint);
    }
}
