//! `book.toml`: what of it a course needs, and which of its settings have no counterpart here.

use toml::{Table, Value};

use super::note::Notes;

/// Where mdBook looks for it.
pub(super) const PATH: &str = "book.toml";

/// What a course takes from `book.toml`; a book without one has mdBook's defaults.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Config {
    pub(super) title: Option<String>,
    pub(super) authors: Vec<String>,
    pub(super) description: Option<String>,
    /// BCP 47 tag.
    pub(super) language: String,
    /// Folder of the chapters, without slashes at the ends; empty for the book's own folder.
    pub(super) source: String,
    /// Rust edition of all samples.
    pub(super) edition: Option<String>,
    /// Path the book was served under: begins and ends with a slash.
    pub(super) site_url: String,
    /// Old pages that already led elsewhere: path of the page, and where it leads from there.
    pub(super) redirects: Vec<(String, String)>,
    /// Whether formulas are between `$`, by a preprocessor.
    pub(super) dollar_math: bool,
    /// Whether formulas are between `\\(` and `\\)`.
    pub(super) mathjax: bool,
}

impl Config {
    /// Reads `book.toml`; what can't be carried over becomes a note at its line.
    pub(super) fn read(text: Option<&str>, notes: &mut Notes) -> Self {
        let text = text.unwrap_or_default();
        let table = text.parse::<Table>().unwrap_or_else(|error| {
            let at = error.span().map_or(0, |span| span.start);
            notes.text(
                PATH,
                text,
                at,
                "import-config",
                "book.toml can't be read; the defaults of mdBook are taken",
                "mend it and import again",
            );
            Table::new()
        });
        let section = |name: &str| table.get(name).and_then(Value::as_table);
        let book = section("book");
        let html = section("output")
            .and_then(|output| output.get("html"))
            .and_then(Value::as_table);
        let preprocessors = section("preprocessor");
        let words = |table: Option<&Table>, name: &str| {
            let value = table?.get(name)?.as_str()?.trim();
            (!value.is_empty()).then(|| value.to_owned())
        };
        note_settings(text, html, preprocessors, notes);
        let has = |name: &str| preprocessors.is_some_and(|all| all.contains_key(name));
        Self {
            title: words(book, "title"),
            authors: texts(book.and_then(|book| book.get("authors"))),
            description: words(book, "description"),
            language: words(book, "language").unwrap_or_else(|| "en".to_owned()),
            source: words(book, "src").map_or_else(
                || "src".to_owned(),
                |source| source.trim_matches(['/', '.']).to_owned(),
            ),
            edition: words(section("rust"), "edition"),
            site_url: words(html, "site-url").map_or_else(
                || "/".to_owned(),
                |url| match url.trim_matches('/') {
                    "" => "/".to_owned(),
                    inner => format!("/{inner}/"),
                },
            ),
            redirects: html
                .and_then(|html| html.get("redirect"))
                .and_then(Value::as_table)
                .into_iter()
                .flatten()
                .filter_map(|(from, to)| Some((from.clone(), to.as_str()?.to_owned())))
                .collect(),
            dollar_math: has("katex"),
            mathjax: html
                .and_then(|html| html.get("mathjax-support"))
                .and_then(Value::as_bool)
                == Some(true),
        }
    }
}

fn texts(value: Option<&Value>) -> Vec<String> {
    value
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|item| Some(item.as_str()?.to_owned()))
        .collect()
}

/// Preprocessors whose work the import or the generator does.
const BUILT_IN: [&str; 5] = ["index", "links", "katex", "mermaid", "trpl-listing"];

/// Settings of the HTML that change the look of a book, and what takes their place.
const LOOKS: [(&str, &str); 6] = [
    (
        "additional-css",
        "put rules of your own in themes/<name>/styles/",
    ),
    ("additional-js", "put scripts of your own in themes/<name>/"),
    ("theme", "put templates of your own in themes/<name>/"),
    ("smart-punctuation", "write “ and ” where you want them"),
    ("curly-quotes", "write “ and ” where you want them"),
    ("playground", "samples are run by `tuition test`"),
];

fn note_settings(
    text: &str,
    html: Option<&Table>,
    preprocessors: Option<&Table>,
    notes: &mut Notes,
) {
    let mut note = |needle: &str, message: String, hint: &str| {
        let at = text.find(needle).unwrap_or(0);
        notes.text(PATH, text, at, "import-config", message, hint);
    };
    for name in preprocessors.into_iter().flat_map(Table::keys) {
        if !BUILT_IN.contains(&name.as_str()) {
            note(
                &format!("[preprocessor.{name}"),
                format!("the preprocessor \"{name}\" was not run"),
                "look for what it would have changed in the text",
            );
        }
    }
    for (name, hint) in LOOKS {
        let value = html.and_then(|html| html.get(name));
        if value.is_some_and(|value| value.as_bool() != Some(false)) {
            note(
                name,
                format!("the setting \"{name}\" has no counterpart"),
                hint,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_course_needs_is_taken_and_the_rest_is_told() {
        let text = "[book]\ntitle = \"T\"\nsrc = \"./text/\"\nlanguage = \"zh\"\n[output.html]\nsite-url = \"/book\"\nadditional-css = [\"a.css\"]\n[output.html.redirect]\n\"a.html\" = \"b.html\"\n[preprocessor.toc]\n[preprocessor.katex]\n";
        let mut notes = Notes::default();
        let config = Config::read(Some(text), &mut notes);
        assert_eq!(
            (
                config.title.as_deref(),
                config.source.as_str(),
                config.language.as_str(),
                config.site_url.as_str()
            ),
            (Some("T"), "text", "zh", "/book/")
        );
        assert_eq!(
            config.redirects,
            [("a.html".to_owned(), "b.html".to_owned())]
        );
        assert!(config.dollar_math && !config.mathjax);
        let lines: Vec<_> = notes
            .into_sorted()
            .into_iter()
            .map(|note| (note.line, note.message))
            .collect();
        assert_eq!(
            lines,
            [
                (
                    7,
                    "the setting \"additional-css\" has no counterpart".to_owned()
                ),
                (10, "the preprocessor \"toc\" was not run".to_owned()),
            ]
        );
    }
}
