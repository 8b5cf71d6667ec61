//! Languages that samples are run in without being told a command.

/// A language that something here runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// By the compiler.
    Rust,
    /// By `python3`.
    Python,
    /// By `bash`.
    Bash,
    /// By `node`.
    JavaScript,
}

impl Language {
    /// Names that a list of languages may use.
    pub(crate) const NAMES: [&str; 4] = ["rust", "python", "bash", "js"];

    /// By the first word of a fence or a name in a list.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "rust" | "rs" => Self::Rust,
            "python" | "python3" | "py" => Self::Python,
            "bash" | "sh" | "shell" => Self::Bash,
            "js" | "javascript" | "mjs" | "cjs" => Self::JavaScript,
            _ => return None,
        })
    }
}

/// What the name of a file in this language ends in, by the first word of a fence; without the dot.
pub(super) fn extension(word: &str) -> &str {
    match (Language::named(word), word) {
        (Some(Language::Rust), _) => "rs",
        (Some(Language::Python), _) => "py",
        (Some(Language::Bash), _) => "sh",
        (Some(Language::JavaScript), "mjs" | "cjs") => word,
        (Some(Language::JavaScript), _) => "js",
        (None, "typescript") => "ts",
        (None, "ruby") => "rb",
        (None, "c++") => "cpp",
        (None, word)
            if !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric()) =>
        {
            word
        }
        (None, _) => "txt",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_a_list_is_a_language() {
        assert!(
            Language::NAMES
                .into_iter()
                .all(|name| Language::named(name).is_some())
        );
        assert_eq!(Language::named("ruby"), None);
    }

    #[test]
    fn files_end_as_their_language_wants() {
        let words = [
            "rust",
            "py",
            "shell",
            "javascript",
            "mjs",
            "go",
            "c++",
            "",
            "a/b",
        ];
        let endings = ["rs", "py", "sh", "js", "mjs", "go", "cpp", "txt", "txt"];
        assert_eq!(words.map(extension), endings);
    }
}
