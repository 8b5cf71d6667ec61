//! The info string of a code fence: language, flags, and `file="src/main.rs"`.

/// What an info string says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Fence<'a> {
    /// First word, without flags that follow a comma (`rust,ignore`); empty when there is none.
    pub(crate) language: &'a str,
    /// File name shown above the code.
    pub(crate) file: Option<&'a str>,
}

impl<'a> Fence<'a> {
    /// Reads an info string; what it doesn't know is passed over.
    pub(crate) fn parse(info: &'a str) -> Self {
        let info = info.trim();
        let end = info
            .find(|ch: char| ch.is_whitespace() || ch == ',' || ch == '{')
            .unwrap_or(info.len());
        let (language, rest) = info.split_at(end);
        match language.contains('=') {
            true => Self {
                language: "",
                file: attribute(info, "file"),
            },
            false => Self {
                language,
                file: attribute(rest, "file"),
            },
        }
    }
}

/// The quoted value of `name="…"`.
fn attribute<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = text;
    loop {
        let at = rest.find(name)?;
        let starts_word = rest.get(..at).is_some_and(|before| {
            before
                .chars()
                .next_back()
                .is_none_or(|ch| !ch.is_alphanumeric())
        });
        rest = rest.get(at + name.len()..)?;
        if let Some(value) = rest.strip_prefix("=\"").filter(|_| starts_word) {
            return value
                .split_once('"')
                .map(|(value, _)| value)
                .filter(|value| !value.is_empty());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn language_flags_and_file_are_told_apart() {
        let parse = |info| {
            let fence = Fence::parse(info);
            (fence.language, fence.file)
        };
        assert_eq!(
            parse("rust file=\"src/main.rs\""),
            ("rust", Some("src/main.rs"))
        );
        assert_eq!(parse("rust,ignore"), ("rust", None));
        assert_eq!(parse("rust {.x} file=\"a b.rs\""), ("rust", Some("a b.rs")));
        assert_eq!(parse("file=\"Cargo.toml\""), ("", Some("Cargo.toml")));
        assert_eq!(parse("toml profile=\"x\""), ("toml", None));
        assert_eq!(parse("  "), ("", None));
        assert_eq!(parse("c++"), ("c++", None));
    }
}
