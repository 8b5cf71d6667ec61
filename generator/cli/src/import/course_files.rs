//! The files of a course as they are written: site, course, lessons.

use tuition_site::slugify;

use super::{
    book::{NEWEST_EDITION, Source},
    chapter::Converted,
    config::Config,
    note::Notes,
    plan,
};

/// `content/site.toml` of a new site.
pub(super) fn site_file(config: &Config, title: &str) -> String {
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

/// `course.md`.
pub(super) fn course_file(config: &Config, title: &str) -> String {
    let mut text = format!("+++\ntitle = {}\n", quoted(title));
    if let Some(description) = &config.description {
        text.push_str(&format!("summary = {}\n", quoted(description)));
    }
    if !config.authors.is_empty() {
        let names: Vec<_> = config.authors.iter().map(|name| quoted(name)).collect();
        text.push_str(&format!("instructors = [{}]\n", names.join(", ")));
    }
    let edition = config.edition.as_deref().unwrap_or(NEWEST_EDITION);
    text.push_str(&format!(
        "\n# How `tuition test` runs the samples; crates that they use are named below [tests.dependencies].\n[tests]\nlanguages = [\"rust\"]\nedition = {}\n+++\n",
        quoted(edition)
    ));
    text
}

/// `module.md`.
pub(super) fn module_file(module: &plan::Module) -> String {
    format!("+++\ntitle = {}\n+++\n", quoted(&module.title))
}

/// A lesson.
pub(super) fn lesson_file(
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

/// A string as TOML writes it.
pub(super) fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}
