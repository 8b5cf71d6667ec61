//! A whole book to a course: files in, files and notes out. Touches no disk.

use std::collections::{BTreeMap, BTreeSet};

use pulldown_cmark::{Event, Parser, Tag, TagEnd};
use tuition_site::{Diagnostic, Files, slugify};

use super::{
    anchor,
    chapter::{self, Converted, Setting},
    config::{self, Config},
    front_matter,
    include::{self, Expanded},
    note::Notes,
    plan::{self, Plan},
    summary,
    target::Targets,
};

/// Lists old and new URLs, below the site's folder.
pub(super) const REDIRECTS: &str = "redirects.txt";

/// The edition of Rust that samples are tested with when they name none.
const NEWEST_EDITION: &str = "2024";

/// What else decides about the course.
#[derive(Debug, Clone, Default)]
pub(super) struct Options {
    /// Folder of the course; by default from the book's title.
    pub(super) course: Option<String>,
    /// Address of the published book: links that lead out of it are made absolute with it.
    pub(super) published: Option<String>,
    /// Whether the site is there already, so that only the course is added.
    pub(super) into_site: bool,
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
        .map(|chapter| title_id(&chapter.expanded.text))
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
    let edition = edition(&config, &mut notes);
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
        let text = format!("+++\ntitle = {}\n+++\n", quoted(&module.title));
        put(
            format!("{folder}/{}/module.md", module.folder),
            text.as_bytes(),
        );
    }
    let mut used = BTreeSet::new();
    for (number, (lesson, source)) in plan.lessons.iter().zip(&chapters).enumerate() {
        let setting = Setting {
            targets: &targets,
            lesson: number,
            path: &source.path,
            edition,
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
    let redirects = redirects(&targets, &config, &config_text, &slug, &mut notes);
    put(REDIRECTS.to_owned(), redirects.join("").as_bytes());
    note_left_behind(files, &config, &plan, &chapters, &used, &mut notes);
    Ok(Imported {
        files: out,
        folder,
        modules: plan.modules.len(),
        lessons: plan.lessons.len(),
        redirects: redirects.len(),
        notes: notes.into_sorted(),
    })
}

/// A chapter as it was read.
struct Source {
    path: String,
    /// Title by front matter or `{{#title}}`.
    title: Option<String>,
    expanded: Expanded,
}

fn edition<'c>(config: &'c Config, notes: &mut Notes) -> Option<&'c str> {
    if config.edition.is_none() {
        let message = format!(
            "the book names no edition of Rust: samples are tested with {NEWEST_EDITION}, mdBook took 2015"
        );
        let hint = "add edition2021 to the fences that need it";
        notes.line(config::PATH, 1, "import-config", message, hint);
    }
    config
        .edition
        .as_deref()
        .filter(|edition| *edition != NEWEST_EDITION)
}

fn site_file(config: &Config, title: &str) -> String {
    let mut text = format!(
        "title = {}\n# The address where the site will be; links in the feed and the sitemap begin with it.\nbase_url = \"https://courses.example\"\nlanguages = [{}]\n",
        quoted(title),
        quoted(&config.language)
    );
    if let Some(author) = config.authors.first() {
        text.push_str(&format!("\n[author]\nname = {}\n", quoted(author)));
    }
    text
}

fn course_file(config: &Config, title: &str) -> String {
    let mut text = format!("+++\ntitle = {}\n", quoted(title));
    if let Some(description) = &config.description {
        text.push_str(&format!("summary = {}\n", quoted(description)));
    }
    if !config.authors.is_empty() {
        let names: Vec<_> = config.authors.iter().map(|name| quoted(name)).collect();
        text.push_str(&format!("instructors = [{}]\n", names.join(", ")));
    }
    text.push_str("+++\n");
    text
}

fn lesson_file(
    lesson: &plan::Lesson,
    source: &Source,
    converted: &Converted,
    config: &Config,
    notes: &mut Notes,
) -> String {
    let title = source
        .title
        .as_ref()
        .or(converted.title.as_ref())
        .filter(|title| !title.is_empty())
        .unwrap_or(&lesson.title);
    if slugify(title) != slugify(&lesson.title) {
        notes.line(
            &source.path,
            1,
            "import-title",
            format!(
                "the lesson is called \"{title}\"; the table of contents called it \"{}\"",
                lesson.title
            ),
            "a lesson has one title: choose",
        );
    }
    let mut text = format!("+++\ntitle = {}\n", quoted(title));
    if let Some(id) = &lesson.id {
        text.push_str(&format!("id = {}\n", quoted(id)));
    }
    if config.dollar_math && source.expanded.text.contains('$') {
        text.push_str("math = true\n");
    }
    text.push_str("+++\n\n");
    text.push_str(converted.markdown.trim_start_matches('\n'));
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

/// Lines `old path, new path, 301`, as static hosts read them.
fn redirects(
    targets: &Targets<'_>,
    config: &Config,
    config_text: &str,
    course: &str,
    notes: &mut Notes,
) -> Vec<String> {
    let url = |lesson: &plan::Lesson| format!("/courses/{course}/{}/", lesson.slug);
    let mut lines = BTreeSet::new();
    for lesson in &targets.plan.lessons {
        let stem = lesson
            .chapter
            .strip_suffix(".md")
            .unwrap_or(&lesson.chapter);
        let (folder, name) = stem.rsplit_once('/').unwrap_or(("", stem));
        let page = match name.eq_ignore_ascii_case("readme") {
            true => format!("{folder}/index").trim_start_matches('/').to_owned(),
            false => stem.to_owned(),
        };
        lines.insert(format!(
            "{}{page}.html {} 301\n",
            config.site_url,
            url(lesson)
        ));
    }
    for (from, to) in &config.redirects {
        let from = from.trim_start_matches('/');
        let resolved = match to.contains("://") {
            true => Some(to.clone()),
            false => super::place::join(from, to.split('#').next().unwrap_or_default())
                .map(|page| match to.split_once('#') {
                    Some((_, anchor)) => format!("{page}#{anchor}"),
                    None => page,
                })
                .and_then(|page| targets.lesson_of_page(&page))
                .and_then(|(lesson, anchor)| {
                    let url = url(targets.plan.lessons.get(lesson)?);
                    let anchor = anchor.map(|anchor| format!("#{anchor}"));
                    Some(format!("{url}{}", anchor.unwrap_or_default()))
                }),
        };
        match resolved {
            Some(to) => {
                lines.insert(format!("{}{from} {to} 301\n", config.site_url));
            }
            None => notes.text(
                config::PATH,
                config_text,
                config_text.find(from).unwrap_or(0),
                "import-redirect",
                format!("the redirect from {from} leads to {to}, which is no chapter"),
                "it is left out",
            ),
        }
    }
    lines.into_iter().collect()
}

/// Files of the folder of chapters that have no place in the course.
fn note_left_behind(
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

/// The id of the heading that a chapter begins with.
fn title_id(text: &str) -> Option<String> {
    let mut inside: Option<(Option<String>, String)> = None;
    for event in Parser::new_ext(text, anchor::extensions()) {
        match (event, &mut inside) {
            (Event::Start(Tag::Heading { id, .. }), None) => {
                inside = Some((id.map(|id| id.to_string()), String::new()));
            }
            (Event::Text(text) | Event::Code(text), Some((_, title))) => title.push_str(&text),
            (Event::End(TagEnd::Heading(_)), Some((id, title))) => {
                let mut ids = anchor::Ids::default();
                return Some(id.take().unwrap_or_else(|| ids.assign(title)));
            }
            (Event::Text(_) | Event::Code(_) | Event::Start(Tag::CodeBlock(_)), None) => {
                return None;
            }
            _ => {}
        }
    }
    None
}

/// A string as TOML writes it.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
