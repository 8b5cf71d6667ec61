//! Which language a file is written in, told by its name.

use std::path::Path;

#[derive(Debug)]
pub struct Language {
    pub name: &'static str,
    extensions: &'static [&'static str],
}

static LANGUAGES: &[Language] = &[
    language("C", &["c", "h"]),
    language("C++", &["cc", "cpp", "cxx", "hpp"]),
    language("CSS", &["css"]),
    language("Go", &["go"]),
    language("HTML", &["html", "htm"]),
    language("JavaScript", &["js", "mjs", "cjs", "jsx"]),
    language("Markdown", &["md"]),
    language("Python", &["py"]),
    language("Rust", &["rs"]),
    language("Shell", &["sh", "bash"]),
    language("TOML", &["toml"]),
    language("TypeScript", &["ts", "tsx"]),
];

const fn language(
    name: &'static str,
    extensions: &'static [&'static str],
) -> Language {
    Language { name, extensions }
}

/// `None` for a file of no language in the table.
pub fn of(path: &Path) -> Option<&'static Language> {
    let extension = path.extension()?.to_str()?;
    LANGUAGES.iter().find(|language| {
        let mut known = language.extensions.iter();
        known.any(|known| known.eq_ignore_ascii_case(extension))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_decides() {
        let name =
            |path: &str| of(Path::new(path)).map(|language| language.name);
        assert_eq!(name("src/main.rs"), Some("Rust"));
        assert_eq!(name("LEGACY.C"), Some("C"));
        assert_eq!(name("archive.tar.toml"), Some("TOML"));
        assert_eq!(name("Makefile"), None);
        assert_eq!(name("rs"), None);
        assert_eq!(name(".rs"), None);
    }

    #[test]
    fn no_extension_belongs_to_two_languages() {
        let mut all: Vec<_> =
            LANGUAGES.iter().flat_map(|l| l.extensions).collect();
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
