//! The built-in theme, inside the binary, so that a site needs nothing but its content.

use tuition_site::Files;

#[derive(rust_embed::RustEmbed)]
#[folder = "../../themes/default"]
struct BuiltIn;

/// What of the folder is the theme; its tests and notes are not.
const PARTS: [&str; 5] = ["templates/", "styles/", "scripts/", "static/", "strings/"];

/// Its files by path below the theme.
pub(crate) fn built_in() -> Files {
    let names = BuiltIn::iter().filter(|path| PARTS.iter().any(|part| path.starts_with(part)));
    let files = names.filter_map(|path| {
        let file = BuiltIn::get(&path)?;
        Some((path.into_owned(), file.data.as_ref().into()))
    });
    files.collect()
}
