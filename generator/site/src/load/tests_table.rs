//! `[tests]` in `site.toml` and in the front matter of a course: which code is run, and with what.
//!
//! What a course doesn't say, the site says. Whether a dependency can be had is for whoever runs the code.

use crate::{
    diagnostic::Place,
    includes,
    load::{
        fields::{Fields, Placed},
        node::{Node, Value},
    },
    nearest::did_you_mean,
    samples::{Dependency, Language},
    text::SourceText,
};

/// Editions of Rust, the newest last.
pub(crate) const EDITIONS: [&str; 4] = ["2015", "2018", "2021", "2024"];

/// Seconds that one sample may run when nobody says otherwise.
const TIMEOUT: u32 = 10;

/// The longest that an author may ask for, in seconds.
const LONGEST: u32 = 3600;

/// `[tests]` as written; `None` for what it doesn't say.
#[derive(Debug, Clone, Default)]
pub(crate) struct TestsTable {
    languages: Option<Vec<Language>>,
    edition: Option<&'static str>,
    timeout: Option<u32>,
    dependencies: Option<Dependencies>,
}

/// `[tests.dependencies]`.
#[derive(Debug, Clone)]
struct Dependencies {
    place: Place,
    list: Vec<Dependency>,
}

/// What holds for the samples of a course, or of pages and posts.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Fences of these languages are run without being asked to.
    pub(crate) languages: Vec<Language>,
    /// Edition of Rust.
    pub(crate) edition: &'static str,
    /// Seconds that one sample may run.
    pub(crate) timeout: u32,
    /// Crates that samples of Rust may use, by name.
    pub(crate) dependencies: Vec<Dependency>,
    /// Where they are listed.
    pub(crate) dependencies_place: Option<Place>,
}

impl TestsTable {
    /// Reads the table where there is one.
    pub(crate) fn read(fields: &mut Fields<'_>) -> Self {
        let Some(table) = fields.table("tests") else {
            return Self::default();
        };
        let mut inner = Fields::new(fields.text, table.value, fields.report);
        let read = Self {
            languages: languages(&mut inner),
            edition: edition(&mut inner),
            timeout: timeout(&mut inner),
            dependencies: dependencies(&mut inner),
        };
        inner.finish();
        read
    }

    /// With the site's where this one is silent, and defaults where both are.
    pub(crate) fn or(&self, site: &Self) -> Settings {
        let languages = self.languages.as_ref().or(site.languages.as_ref());
        let dependencies = self.dependencies.as_ref().or(site.dependencies.as_ref());
        let newest = EDITIONS.last().copied().unwrap_or_default();
        Settings {
            languages: languages.map_or_else(|| vec![Language::Rust], Clone::clone),
            edition: self.edition.or(site.edition).unwrap_or(newest),
            timeout: self.timeout.or(site.timeout).unwrap_or(TIMEOUT),
            dependencies: dependencies.map_or_else(Vec::new, |listed| listed.list.clone()),
            dependencies_place: dependencies.map(|listed| listed.place.clone()),
        }
    }
}

fn languages(fields: &mut Fields<'_>) -> Option<Vec<Language>> {
    // A list of none is an answer too: nothing is run unless its fence says so.
    let is_said = fields.has("languages");
    let mut languages = Vec::new();
    for name in fields.texts("languages") {
        match Language::named(&name.value) {
            Some(language) if !languages.contains(&language) => languages.push(language),
            Some(_) => {}
            None => {
                let otherwise = "known are rust, python, bash and js; code of another language is run by cmd=\"…\" at its fence";
                let hint = did_you_mean(&name.value, Language::NAMES, otherwise);
                let what = format!("names \"{}\", which nothing here runs", name.value);
                fields.wrong::<()>(name.at, "languages", &what, &hint);
            }
        }
    }
    is_said.then_some(languages)
}

fn edition(fields: &mut Fields<'_>) -> Option<&'static str> {
    let written = fields.text("edition")?;
    match EDITIONS.iter().find(|edition| **edition == written.value) {
        Some(edition) => Some(edition),
        None => {
            let hint = format!("write one of {}, in quotes", EDITIONS.join(", "));
            fields.wrong(written.at, "edition", "is no edition of Rust", &hint)
        }
    }
}

fn timeout(fields: &mut Fields<'_>) -> Option<u32> {
    let at = fields.place_of("timeout")?;
    let seconds = fields.count("timeout")?;
    match (1..=LONGEST).contains(&seconds) {
        true => Some(seconds),
        false => {
            let hint = format!("write whole seconds from 1 to {LONGEST}");
            fields.wrong(at, "timeout", "is out of range", &hint)
        }
    }
}

fn dependencies(fields: &mut Fields<'_>) -> Option<Dependencies> {
    let table = fields.table("dependencies")?;
    let place = fields.text.place(table.at);
    let mut list = Vec::new();
    for (key, node) in table.value {
        let is_name = key.name.starts_with(|ch: char| ch.is_ascii_alphabetic())
            && key
                .name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        if !is_name {
            let hint = "write it as in Cargo.toml: rand = \"0.8.5\"";
            fields.wrong::<()>(key.at, &key.name, "is no name of a crate", hint);
            continue;
        }
        if let Some(table) = dependency(fields, &key.name, node) {
            list.push(Dependency {
                name: key.name,
                table,
            });
        }
    }
    list.sort_by(|a, b| a.name.cmp(&b.name));
    Some(Dependencies { place, list })
}

/// What Cargo is told of a dependency; a path in it is below the site's folder.
fn dependency(fields: &mut Fields<'_>, name: &str, node: Node) -> Option<toml::Table> {
    let mut told = toml::Table::new();
    let table = match node.value {
        Value::Text(version) if !version.trim().is_empty() => {
            told.insert("version".to_owned(), version.into());
            return Some(told);
        }
        Value::Table(table) => table,
        _ => {
            let hint = format!("write it as in Cargo.toml: {name} = \"1.0\"");
            return fields.wrong(node.at, name, "has no version", &hint);
        }
    };
    let mut inner = Fields::new(fields.text, table, fields.report);
    for key in [
        "version", "git", "branch", "tag", "rev", "package", "registry",
    ] {
        if let Some(text) = inner.text(key) {
            told.insert(key.to_owned(), text.value.into());
        }
    }
    if let Some(path) = inner.text("path") {
        let folder = path_below_site(inner.text, &path);
        if let Some(folder) = folder {
            told.insert("path".to_owned(), folder.into());
        } else {
            let hint = "write the path from this file to a folder below content/";
            inner.wrong::<()>(path.at, "path", "leads out of content/ or is no path", hint);
            told.insert("path".to_owned(), String::new().into());
        }
    }
    let features = inner.texts("features");
    if !features.is_empty() {
        let names = features.into_iter().map(|feature| feature.value);
        told.insert("features".to_owned(), names.collect::<Vec<_>>().into());
    }
    if let Some(flag) = inner.flag("default-features") {
        told.insert("default-features".to_owned(), flag.value.into());
    }
    inner.finish();
    match ["version", "git", "path"]
        .iter()
        .any(|key| told.contains_key(*key))
    {
        true => Some(told),
        false => {
            let hint = "add version = \"…\", path = \"…\" or git = \"…\"";
            fields.wrong(node.at, name, "says not where to get it", hint)
        }
    }
}

fn path_below_site(text: &SourceText, path: &Placed<String>) -> Option<String> {
    includes::target(&text.path, path.value.trim_end_matches('/'))
}
