//! The theme: the built-in one with a site's own files over it, its assets fingerprinted, its templates parsed.
//!
//! Knows nothing of courses: it offers `asset()`, `t()` and rendering by template name.

mod assets;
mod scripts;
mod strings;
mod styles;
mod templates;

use std::collections::BTreeMap;

pub(crate) use assets::fingerprinted;
pub(crate) use strings::Strings;

use crate::{
    Bytes, Files, diagnostic::Diagnostic, load::fields::Placed, model::Language, text::SourceText,
};

/// A file of the theme, and where an author finds it.
pub(crate) struct ThemeFile {
    pub(crate) bytes: Bytes,
    /// `themes/<name>/<path>`, or `<built-in theme>/<path>`.
    pub(crate) shown: String,
}

/// Stands before the path of a file that is added to the theme's file of that path.
const OWN: &str = "own/";

/// Files by path below the theme.
pub(crate) type ThemeFiles = BTreeMap<String, ThemeFile>;

/// A theme that is ready to render.
pub(crate) struct Theme {
    /// URL by path below the theme (`styles/site.css`).
    pub(crate) urls: BTreeMap<String, String>,
    /// Content by URL.
    pub(crate) assets: Files,
    /// By language.
    strings: BTreeMap<Language, Strings>,
    templates: BTreeMap<Language, tera::Tera>,
    files: ThemeFiles,
}

impl Theme {
    /// Loads the theme that `site.toml` names, for the site's languages; mistakes are reported.
    pub(crate) fn load(
        builtin: &Files,
        site: &Files,
        name: &Placed<String>,
        site_text: &SourceText,
        languages: &[Language],
        report: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        let files = merge(builtin, site, name, site_text, report);
        let errors_before = report.len();
        let mut assets = assets::build(&files, report);
        let strings: BTreeMap<_, _> = languages
            .iter()
            .map(|language| (language.clone(), Strings::load(&files, language, report)))
            .collect();
        if report.len() > errors_before {
            return None;
        }
        for (language, strings) in &strings {
            assets.add(&format!("strings/{language}.json"), strings.json());
        }
        let mut templates = BTreeMap::new();
        for (language, strings) in &strings {
            templates.insert(
                language.clone(),
                templates::parse(&files, &assets.urls, strings, report)?,
            );
        }
        Some(Self {
            urls: assets.urls,
            assets: assets.files,
            strings,
            templates,
            files,
        })
    }

    /// The UI strings of a language.
    pub(crate) fn strings(&self, language: &str) -> Option<&Strings> {
        self.strings.get(language)
    }

    /// Renders a page; the error is a diagnostic at the place in the template.
    pub(crate) fn render(
        &self,
        template: &str,
        language: &str,
        context: &tera::Context,
    ) -> Result<String, Box<Diagnostic>> {
        let Some(tera) = self.templates.get(language) else {
            return Err(Box::new(Diagnostic::file(
                "content/site.toml",
                "language",
                format!("no templates for \"{language}\""),
                "",
            )));
        };
        tera.render(template, context)
            .map_err(|error| Box::new(templates::diagnostic(&self.files, &error)))
    }
}

fn merge(
    builtin: &Files,
    site: &Files,
    name: &Placed<String>,
    site_text: &SourceText,
    report: &mut Vec<Diagnostic>,
) -> ThemeFiles {
    let built_in = |(path, bytes): (&String, &Bytes)| {
        (
            path.clone(),
            ThemeFile {
                bytes: bytes.clone(),
                shown: format!("<built-in theme>/{path}"),
            },
        )
    };
    let mut files: ThemeFiles = builtin.iter().map(built_in).collect();
    let prefix = format!("themes/{}/", name.value);
    let own = site.iter().filter_map(|(shown, bytes)| {
        let path = shown.strip_prefix(&prefix)?;
        // A site's strings are added to those of the theme, whose next version may have more.
        let path = match path.starts_with("strings/") {
            true => format!("{OWN}{path}"),
            false => path.to_owned(),
        };
        Some((
            path,
            ThemeFile {
                bytes: bytes.clone(),
                shown: shown.clone(),
            },
        ))
    });
    let own: Vec<_> = own.collect();
    if own.is_empty() && name.value != "default" {
        let hint = format!(
            "make the folder themes/{}/, or take the line out for the built-in theme",
            name.value
        );
        report.push(site_text.error(
            name.at,
            "theme",
            format!("there is no theme \"{}\"", name.value),
            hint,
        ));
    }
    files.extend(own);
    let highlight: Bytes = tuition_markup::stylesheet().as_bytes().into();
    files.insert(
        "styles/highlight.css".to_owned(),
        ThemeFile {
            bytes: highlight,
            shown: "<generated>/styles/highlight.css".to_owned(),
        },
    );
    files
}
