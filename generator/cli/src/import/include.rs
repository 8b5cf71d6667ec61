//! `{{#include}}`, `{{#rustdoc_include}}`, `{{#playground}}` and `{{#title}}` put into the text, by the rules of
//! mdBook's `links` preprocessor.

mod selection;

use tuition_site::Files;

use self::selection::{Selection, is_anchor};
use super::{note::Notes, place};

/// Deeper than this, an include is taken for a circle.
const DEEPEST: usize = 10;

/// A chapter with its includes in it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Expanded {
    pub(super) text: String,
    /// Title by `{{#title …}}`.
    pub(super) title: Option<String>,
    /// For each line of `text` the line of the chapter it comes from, from 1.
    lines: Vec<usize>,
    /// Files that were put in.
    pub(super) used: Vec<String>,
}

impl Expanded {
    /// The chapter's line of a byte of `text`.
    pub(super) fn line(&self, at: usize) -> usize {
        let line = self
            .text
            .get(..at)
            .unwrap_or_default()
            .matches('\n')
            .count();
        self.lines.get(line).copied().unwrap_or(1)
    }

    fn push(&mut self, text: &str, line: usize) {
        if self.lines.is_empty() {
            self.lines.push(line);
        }
        for _ in text.matches('\n') {
            self.lines.push(line);
        }
        // A piece that begins after a line break names the line it stands on.
        if self.text.is_empty() || self.text.ends_with('\n') {
            let last = self.lines.len() - 1 - text.matches('\n').count();
            if let Some(first) = self.lines.get_mut(last) {
                *first = line;
            }
        }
        self.text.push_str(text);
    }
}

/// Puts includes into `text`, which is the file `path` of the book. What is missing is noted and left out.
pub(super) fn expand(text: &str, path: &str, files: &Files, notes: &mut Notes) -> Expanded {
    let mut expanded = Expanded::default();
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let mut context = Context {
            chapter: path,
            line: number + 1,
            files,
            notes,
            used: Vec::new(),
            title: None,
        };
        let line = context.expand(line, path, 0);
        let (used, title) = (context.used, context.title);
        expanded.used.extend(used);
        if title.is_some() {
            expanded.title = title;
        }
        expanded.push(&line, number + 1);
    }
    expanded
}

struct Context<'a> {
    chapter: &'a str,
    line: usize,
    files: &'a Files,
    notes: &'a mut Notes,
    used: Vec<String>,
    title: Option<String>,
}

impl Context<'_> {
    /// `text` stands in the file `path`.
    fn expand(&mut self, text: &str, path: &str, depth: usize) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find("{{") {
            let (before, link) = rest.split_at(at);
            let Some((inner, after)) = link
                .strip_prefix("{{")
                .and_then(|inner| inner.split_once("}}"))
            else {
                break;
            };
            let directive = Directive::parse(inner);
            match (before.strip_suffix('\\'), directive) {
                (Some(before), Some(_)) => {
                    out.push_str(before);
                    out.push_str("{{");
                    out.push_str(inner);
                    out.push_str("}}");
                    rest = after;
                }
                (None, Some(directive)) => {
                    out.push_str(before);
                    out.push_str(&self.replace(&directive, path, depth));
                    rest = after;
                }
                (_, None) => {
                    out.push_str(before);
                    out.push_str("{{");
                    rest = link.get(2..).unwrap_or_default();
                }
            }
        }
        out.push_str(rest);
        out
    }

    fn replace(&mut self, directive: &Directive<'_>, path: &str, depth: usize) -> String {
        if directive.name == "title" {
            self.title = Some(directive.target.trim().to_owned());
            return String::new();
        }
        let (target, properties) = directive
            .target
            .split_once(char::is_whitespace)
            .unwrap_or((directive.target, ""));
        let (file, selection) = match directive.name {
            "playground" | "playpen" => (target, Selection::All),
            _ => {
                let (file, selection) = target.split_once(':').unwrap_or((target, ""));
                (file, Selection::parse(selection))
            }
        };
        let content = place::join(path, file).and_then(|found| {
            let bytes = self.files.get(&found)?;
            let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
            Some((found, text))
        });
        let Some((found, content)) = content else {
            let message = format!("the included file \"{file}\" is not in the book's folder");
            let hint = "the place is left empty: put the text in by hand";
            self.note(message, hint);
            return String::new();
        };
        self.used.push(found.clone());
        if let Selection::Anchor(name) = &selection
            && !content
                .lines()
                .any(|line| is_anchor(line, "ANCHOR:", Some(name)))
        {
            let message = format!("{found} has no anchor \"{name}\"");
            self.note(message, "the place is left empty: put the text in by hand");
        }
        match directive.name {
            "playground" | "playpen" => {
                let language = match file.rsplit_once('.') {
                    Some((_, "rs")) => "rust",
                    Some((_, extension)) => extension,
                    None => "",
                };
                let flags: String = properties
                    .split_whitespace()
                    .map(|flag| format!(",{flag}"))
                    .collect();
                format!("```{language}{flags}\n{}\n```\n", content.trim_end())
            }
            "rustdoc_include" => selection.take_hiding(&content),
            _ => {
                let taken = selection.take(&content);
                if depth == DEEPEST {
                    let message = "includes that include each other";
                    self.note(message.to_owned(), "cut the circle");
                    return taken;
                }
                self.expand(&taken, &found, depth + 1)
            }
        }
    }

    fn note(&mut self, message: String, hint: &str) {
        self.notes
            .line(self.chapter, self.line, "import-include", message, hint);
    }
}

/// What stands between `{{` and `}}`.
struct Directive<'a> {
    name: &'a str,
    target: &'a str,
}

impl<'a> Directive<'a> {
    fn parse(inner: &'a str) -> Option<Self> {
        let (name, target) = inner
            .trim()
            .strip_prefix('#')?
            .split_once(char::is_whitespace)?;
        let known = [
            "include",
            "rustdoc_include",
            "playground",
            "playpen",
            "title",
        ];
        known.contains(&name).then(|| Self {
            name,
            target: target.trim(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Files {
        let rust = "use a;\n// ANCHOR: all\nfn main() {\n    // ANCHOR: one\n    one();\n    // ANCHOR_END: one\n}\n// ANCHOR_END: all\n";
        [
            ("code/a.rs", rust),
            ("src/part.md", "part\n{{#include ../code/a.rs:5}}\n"),
        ]
        .into_iter()
        .map(|(path, text)| (path.to_owned(), text.as_bytes().into()))
        .collect()
    }

    fn expanded(text: &str) -> (Expanded, Vec<(usize, String)>) {
        let mut notes = Notes::default();
        let expanded = expand(text, "src/c.md", &files(), &mut notes);
        let notes = notes
            .into_sorted()
            .into_iter()
            .map(|note| (note.line, note.message))
            .collect();
        (expanded, notes)
    }

    #[test]
    fn lines_and_anchors_are_taken() {
        for (selection, expected) in [
            (":1", "use a;"),
            (
                ":3:",
                "fn main() {\n    // ANCHOR: one\n    one();\n    // ANCHOR_END: one\n}\n// ANCHOR_END: all",
            ),
            ("::1", "use a;"),
            (":7:7", "}"),
            (":one", "    one();"),
            (":all", "fn main() {\n    one();\n}"),
        ] {
            let text = format!("{{{{#include ../code/a.rs{selection}}}}}\n");
            assert_eq!(
                expanded(&text).0.text,
                format!("{expected}\n"),
                "{selection}"
            );
        }
    }

    #[test]
    fn what_rustdoc_does_not_show_is_hidden() {
        let (shown, _) = expanded("{{#rustdoc_include ../code/a.rs:one}}");
        assert_eq!(shown.text, "# use a;\n# fn main() {\n    one();\n# }");
        let (shown, _) = expanded("{{ #rustdoc_include ../code/a.rs:3:3 }}");
        assert!(
            shown
                .text
                .starts_with("# use a;\n# // ANCHOR: all\nfn main() {\n# ")
        );
    }

    #[test]
    fn texts_include_texts_and_lines_keep_their_origin() {
        let (shown, notes) =
            expanded("one\n{{#include part.md}}\nthree {{#include gone.md}}\n{{#title T}}");
        assert_eq!(shown.text, "one\npart\n    one();\nthree \n");
        let line = |needle| shown.line(shown.text.find(needle).unwrap());
        assert_eq!(
            (line("one"), line("part"), line("    one"), line("three")),
            (1, 2, 2, 3)
        );
        assert_eq!(shown.title.as_deref(), Some("T"));
        assert_eq!(
            notes,
            [(
                3,
                "the included file \"gone.md\" is not in the book's folder".to_owned()
            )]
        );
    }

    #[test]
    fn escaped_and_unknown_braces_stay() {
        let text = "\\{{#include a.rs}} {{ x }} {{#each}} {{#playground ../code/a.rs editable}}";
        let (shown, notes) = expanded(text);
        assert!(
            shown
                .text
                .starts_with("{{#include a.rs}} {{ x }} {{#each}} ```rust,editable\nuse a;\n"),
            "{}",
            shown.text
        );
        assert!(notes.is_empty());
    }
}
