//! Which language a file is written in, told by its name, and how that
//! language writes comments.

use std::collections::HashMap;
use std::path::Path;

#[derive(Debug)]
pub struct Language {
    pub name: &'static str,
    extensions: &'static [&'static str],
    /// What starts a comment that ends with the line.
    pub line_comments: &'static [&'static str],
    pub block_comment: Option<Block>,
    /// What opens a string and closes it again.
    pub quotes: &'static [u8],
}

#[derive(Debug)]
pub struct Block {
    pub open: &'static str,
    pub close: &'static str,
    /// Whether an `open` inside the comment needs a `close` of its own.
    pub nests: bool,
}

const PLAIN: Language = Language {
    name: "",
    extensions: &[],
    line_comments: &[],
    block_comment: None,
    quotes: b"",
};

const C_LIKE: Language = Language {
    line_comments: &["//"],
    block_comment: Some(Block {
        open: "/*",
        close: "*/",
        nests: false,
    }),
    quotes: b"\"",
    ..PLAIN
};

const SCRIPT: Language = Language {
    line_comments: &["#"],
    quotes: b"\"'",
    ..PLAIN
};

static LANGUAGES: &[Language] = &[
    Language {
        name: "C",
        extensions: &["c", "h"],
        ..C_LIKE
    },
    Language {
        name: "C++",
        extensions: &["cc", "cpp", "cxx", "hpp"],
        ..C_LIKE
    },
    Language {
        name: "CSS",
        extensions: &["css"],
        line_comments: &[],
        quotes: b"\"'",
        ..C_LIKE
    },
    Language {
        name: "Go",
        extensions: &["go"],
        quotes: b"\"`",
        ..C_LIKE
    },
    Language {
        name: "HTML",
        extensions: &["html", "htm"],
        block_comment: Some(Block {
            open: "<!--",
            close: "-->",
            nests: false,
        }),
        ..PLAIN
    },
    Language {
        name: "JavaScript",
        extensions: &["js", "mjs", "cjs", "jsx"],
        quotes: b"\"'`",
        ..C_LIKE
    },
    Language {
        name: "Markdown",
        extensions: &["md"],
        ..PLAIN
    },
    Language {
        name: "Python",
        extensions: &["py"],
        ..SCRIPT
    },
    Language {
        name: "Rust",
        extensions: &["rs"],
        block_comment: Some(Block {
            open: "/*",
            close: "*/",
            nests: true,
        }),
        ..C_LIKE
    },
    Language {
        name: "Shell",
        extensions: &["sh", "bash"],
        ..SCRIPT
    },
    Language {
        name: "TOML",
        extensions: &["toml"],
        ..SCRIPT
    },
    Language {
        name: "TypeScript",
        extensions: &["ts", "tsx"],
        quotes: b"\"'`",
        ..C_LIKE
    },
];

// ANCHOR: languages
/// The table, and what a project says about extensions of its own.
#[derive(Debug, Default)]
pub struct Languages {
    /// By extension, in lower case.
    own: HashMap<String, &'static Language>,
}

impl Languages {
    pub fn set(&mut self, extension: String, language: &'static Language) {
        self.own.insert(extension.to_ascii_lowercase(), language);
    }

    /// `None` for a file of no language that is known.
    pub fn of(&self, path: &Path) -> Option<&'static Language> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        if let Some(language) = self.own.get(&extension) {
            return Some(language);
        }
        LANGUAGES
            .iter()
            .find(|language| language.extensions.contains(&&*extension))
    }
}

pub fn named(name: &str) -> Option<&'static Language> {
    LANGUAGES.iter().find(|language| language.name == name)
}

pub fn names() -> impl Iterator<Item = &'static str> {
    LANGUAGES.iter().map(|language| language.name)
}
// ANCHOR_END: languages

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_extension_decides() {
        let languages = Languages::default();
        let name = |path: &str| {
            languages.of(Path::new(path)).map(|language| language.name)
        };
        assert_eq!(name("src/main.rs"), Some("Rust"));
        assert_eq!(name("LEGACY.C"), Some("C"));
        assert_eq!(name("archive.tar.toml"), Some("TOML"));
        assert_eq!(name("Makefile"), None);
        assert_eq!(name("rs"), None);
        assert_eq!(name(".rs"), None);
    }

    #[test]
    fn a_project_may_overrule_the_table() {
        let mut languages = Languages::default();
        languages.set("H".to_owned(), named("C++").unwrap());
        let name = |path: &str| languages.of(Path::new(path)).unwrap().name;
        assert_eq!((name("a.h"), name("B.H")), ("C++", "C++"));
        assert_eq!(name("a.c"), "C");
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
