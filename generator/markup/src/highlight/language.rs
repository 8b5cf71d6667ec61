//! Names of languages as authors write them, and the syntax that each means.

use syntect::parsing::{SyntaxReference, SyntaxSet};

/// Languages that are meant to stay plain.
const PLAIN: &[&str] = &[
    "",
    "text",
    "txt",
    "plain",
    "plaintext",
    "none",
    "output",
    "ascii",
    "tree",
    "bnf",
    "ebnf",
    "abnf",
    "mermaid",
    "math",
];

/// Terminal sessions, whose commands are highlighted and whose output is not.
const SESSIONS: &[&str] = &[
    "console",
    "terminal",
    "shell-session",
    "shellsession",
    "sh-session",
    "bash-session",
    "ps1con",
    "pycon",
    "python-console",
    "python-repl",
];

/// Names that the syntaxes themselves don't know, and one that they do.
const ALIASES: &[(&str, &str)] = &[
    ("arduino", "cpp"),
    ("astro", "html"),
    ("batch", "bat"),
    ("blade", "php"),
    ("c#", "cs"),
    ("containerfile", "dockerfile"),
    ("csharp", "cs"),
    ("cu", "cpp"),
    ("cuda", "cpp"),
    ("docker", "dockerfile"),
    ("dos", "bat"),
    ("dotenv", ".env"),
    ("ecmascript", "js"),
    ("editorconfig", "ini"),
    ("elisp", "lisp"),
    ("emacs-lisp", "lisp"),
    ("fortran", "f90"),
    ("fsharp", "f#"),
    ("golang", "go"),
    ("gitignore", ".gitignore"),
    ("handlebars", "html"),
    ("hbs", "html"),
    ("html5", "html"),
    ("ino", "cpp"),
    ("json5", "json"),
    ("jsonc", "json"),
    ("jsonl", "json"),
    ("latex", "tex"),
    ("mdx", "markdown"),
    ("mysql", "sql"),
    ("ndjson", "json"),
    ("node", "js"),
    ("objc", "objective-c"),
    ("objcpp", "objective-c++"),
    ("plsql", "sql"),
    ("posh", "powershell"),
    ("postgres", "sql"),
    ("postgresql", "sql"),
    ("proto3", "proto"),
    ("ps", "powershell"),
    ("psql", "sql"),
    ("pwsh", "powershell"),
    ("python3", "python"),
    ("react", "jsx"),
    ("regex", "re"),
    ("scheme", "lisp"),
    ("service", "ini"),
    ("shell", "bash"),
    ("shellscript", "bash"),
    ("sqlite", "sql"),
    ("systemd", "ini"),
    ("vimscript", "vim"),
    ("viml", "vim"),
    ("wat", "lisp"),
    ("wast", "lisp"),
    ("yml", "yaml"),
    ("zsh", "bash"),
];

/// The syntax for a name: `Ok(None)` for plain text, an error with up to two near names for an unknown one.
pub(super) fn find<'s>(
    language: &str,
    syntaxes: &'s SyntaxSet,
) -> Result<Option<&'s SyntaxReference>, Vec<String>> {
    let language = language.to_lowercase();
    if PLAIN.contains(&language.as_str()) || is_session(&language) {
        return Ok(None);
    }
    let alias = ALIASES.iter().find(|(name, _)| *name == language);
    let token = alias.map_or(language.as_str(), |(_, token)| token);
    syntaxes
        .find_syntax_by_token(token)
        .map(Some)
        .ok_or_else(|| near(&language, syntaxes))
}

/// Whether a name stands for what a terminal shows.
pub(crate) fn is_session(language: &str) -> bool {
    SESSIONS
        .iter()
        .any(|session| session.eq_ignore_ascii_case(language))
}

fn near(language: &str, syntaxes: &SyntaxSet) -> Vec<String> {
    let own = syntaxes.syntaxes().iter().flat_map(|syntax| {
        syntax
            .file_extensions
            .iter()
            .chain(std::iter::once(&syntax.name))
            .map(|name| name.to_lowercase())
    });
    let ours = ALIASES
        .iter()
        .map(|(name, _)| *name)
        .chain(SESSIONS.iter().copied())
        .chain(PLAIN.iter().copied())
        .map(str::to_owned);
    let mut scored: Vec<(usize, String)> = own
        .chain(ours)
        .filter(|name| name.len() > 2 && !name.contains([' ', '.']))
        .map(|name| (strsim::damerau_levenshtein(language, &name), name))
        .filter(|(distance, name)| *distance <= 1 + name.chars().count() / 4)
        .collect();
    scored.sort();
    scored.dedup();
    let best = scored.first().map(|(distance, _)| *distance);
    scored.retain(|(distance, _)| Some(*distance) == best);
    scored.into_iter().take(2).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::super::syntaxes;
    use super::*;

    #[test]
    fn an_unknown_language_names_near_ones() {
        let near = |language| find(language, syntaxes()).unwrap_err();
        assert_eq!(near("pyhton"), ["python"]);
        assert_eq!(near("cshrap"), ["csharp"]);
        assert!(near("qwertyuiop").is_empty());
    }

    #[test]
    fn names_that_authors_write_are_known() {
        for known in [
            "rust",
            "rs",
            "python",
            "js",
            "ts",
            "toml",
            "sh",
            "bash",
            "json",
            "yaml",
            "go",
            "sql",
            "html",
            "css",
            "diff",
            "c",
            "cpp",
            "java",
            "kotlin",
            "swift",
            "dockerfile",
            "tsx",
            "jsx",
            "csharp",
            "powershell",
            "ruby",
            "php",
            "scss",
            "makefile",
            "haskell",
            "elixir",
            "lua",
            "r",
            "scala",
            "zig",
            "graphql",
            "protobuf",
            "nginx",
            "ini",
            "xml",
            "vue",
            "svelte",
        ] {
            assert!(find(known, syntaxes()).unwrap().is_some(), "{known}");
        }
        assert!(find("Console", syntaxes()).unwrap().is_none());
        assert!(find("TEXT", syntaxes()).unwrap().is_none());
    }

    #[test]
    fn every_alias_leads_to_a_syntax() {
        for (name, _) in ALIASES {
            assert!(matches!(find(name, syntaxes()), Ok(Some(_))), "{name}");
        }
    }
}
