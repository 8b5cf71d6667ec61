//! Words of a code fence: those of rustdoc and mdBook to ours.

/// What a fence becomes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mapped {
    /// The new info string.
    pub(super) info: String,
    /// Words that mean nothing here.
    pub(super) dropped: Vec<String>,
}

/// What is lost with a word that means nothing here.
pub(super) fn loss(word: &str) -> &'static str {
    match word {
        "does_not_compile" | "panics" | "not_desired_behavior" => {
            "a script of the book shows a picture beside such code; whether it is run stays as it was"
        }
        word if word.starts_with("hidelines") => {
            "lines that it hid are shown now, with their mark: write hide=\"2-4\" with their numbers"
        }
        _ => "if a theme or a preprocessor of the book made something of it, it does so no more",
    }
}

/// Words that only say how mdBook shows the code.
const SHOWN_ONLY: [&str; 4] = ["noplayground", "noplaypen", "mdbook-runnable", "editable"];

/// Words that `tuition test` obeys as rustdoc does.
const KEPT: [&str; 9] = [
    "ignore",
    "test_harness",
    "no_run",
    "should_panic",
    "compile_fail",
    "edition2015",
    "edition2018",
    "edition2021",
    "edition2024",
];

/// Maps an info string. `file` is shown above the code. What mdBook runs without being told, the course runs too.
pub(super) fn map(info: &str, file: Option<&str>) -> Mapped {
    let mut words = info
        .split(|ch: char| ch == ',' || ch.is_whitespace())
        .filter(|word| !word.is_empty());
    let language = words.next().unwrap_or_default();
    let is_rust = language == "rust" || language == "rs";
    let mut parts: Vec<String> = Vec::new();
    let mut dropped = Vec::new();
    for word in words {
        match word {
            word if SHOWN_ONLY.contains(&word) => {}
            word if is_rust && (KEPT.contains(&word) || is_error_code(word)) => {
                parts.push(word.to_owned());
            }
            word => dropped.push(word.to_owned()),
        }
    }
    if let Some(file) = file.filter(|file| !file.contains('"')) {
        parts.push(format!("file=\"{file}\""));
    }
    parts.insert(0, language.to_owned());
    Mapped {
        info: parts.join(" ").trim().to_owned(),
        dropped,
    }
}

/// `E0382`: the error that code which must not compile has.
fn is_error_code(word: &str) -> bool {
    word.strip_prefix('E')
        .is_some_and(|digits| digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_of_rustdoc_stay_and_words_of_mdbook_go() {
        for (info, expected, dropped) in [
            ("rust", "rust", ""),
            ("rust,ignore", "rust ignore", ""),
            ("rust,should_panic,noplayground", "rust should_panic", ""),
            ("rust,edition2021", "rust edition2021", ""),
            (
                "rust,ignore,does_not_compile",
                "rust ignore",
                "does_not_compile",
            ),
            ("rust,compile_fail,E0382", "rust compile_fail E0382", ""),
            ("rust,E0382", "rust E0382", ""),
            ("rust,mdbook-runnable,noplaypen", "rust", ""),
            ("text,E0382", "text", "E0382"),
            ("console", "console", ""),
            ("python,editable", "python", ""),
            ("", "", ""),
        ] {
            let mapped = map(info, None);
            assert_eq!(
                (mapped.info.as_str(), mapped.dropped.join(" ").as_str()),
                (expected, dropped),
                "{info}"
            );
        }
        let mapped = map("rust,noplayground,test_harness", Some("src/main.rs"));
        assert_eq!(mapped.info, "rust test_harness file=\"src/main.rs\"");
    }
}
