//! Which language a file is written in, told by its name, and how that
//! language writes comments.

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
