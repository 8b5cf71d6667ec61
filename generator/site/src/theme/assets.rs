//! Styles, scripts and static files to fingerprinted URLs, which browsers may keep for ever.

use std::collections::BTreeMap;

use super::{ThemeFiles, scripts, styles};
use crate::{Files, diagnostic::Diagnostic, text::SourceText};

/// What a theme publishes below `/assets/`.
#[derive(Default)]
pub(crate) struct Assets {
    /// URL by path below the theme.
    pub(crate) urls: BTreeMap<String, String>,
    /// Content by URL.
    pub(crate) files: Files,
}

impl Assets {
    /// Publishes content under a name made of the path's stem and the content.
    pub(super) fn add(&mut self, path: &str, content: Vec<u8>) {
        let url = fingerprinted(path, &content);
        self.urls.insert(path.to_owned(), url.clone());
        self.files.insert(url, content.into());
    }
}

/// `/assets/<stem>.<8 hex digits of BLAKE3>.<extension>`.
pub(crate) fn fingerprinted(path: &str, content: &[u8]) -> String {
    let hash = blake3::hash(content).to_hex();
    let short = hash.get(..8).unwrap_or_default();
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("/assets/{stem}.{short}.{extension}"),
        None => format!("/assets/{name}.{short}"),
    }
}

/// Static files first, since styles name them; then styles; then scripts.
pub(super) fn build(files: &ThemeFiles, report: &mut Vec<Diagnostic>) -> Assets {
    let mut assets = Assets::default();
    for (path, file) in files.iter().filter(|(path, _)| path.starts_with("static/")) {
        assets.add(path, file.bytes.to_vec());
    }
    styles::build(
        &texts(files, "styles/", ".css", report),
        &mut assets,
        report,
    );
    scripts::build(
        &texts(files, "scripts/", ".js", report),
        &mut assets,
        report,
    );
    assets
}

fn texts(
    files: &ThemeFiles,
    folder: &str,
    extension: &str,
    report: &mut Vec<Diagnostic>,
) -> BTreeMap<String, SourceText> {
    let wanted = files
        .iter()
        .filter(|(path, _)| path.starts_with(folder) && path.ends_with(extension));
    wanted
        .filter_map(|(path, file)| {
            Some((
                path.clone(),
                SourceText::read(&file.shown, &file.bytes, report)?,
            ))
        })
        .collect()
}
