//! The options there are: the one table that the parser, the help, the
//! manual and the completions are made from.

use std::error::Error;
use std::fmt;

/// One option.
#[derive(Debug, PartialEq, Eq)]
pub struct Spec {
    pub id: Id,
    /// With its two dashes.
    pub name: &'static str,
    pub short: Option<&'static str>,
    pub value: Value,
    /// One line for the help, without a full stop.
    pub help: &'static str,
    /// What the manual says besides, in whole sentences; may be empty.
    pub more: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Id {
    Cache,
    Color,
    Config,
    Format,
    Generate,
    Help,
    NoConfig,
    NoIgnore,
    Sort,
    Threads,
    Version,
}

/// What follows an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    None,
    File,
    Number,
    /// One of these, the first one by default.
    Word(&'static str, &'static [&'static str]),
}

impl Value {
    /// How the help calls it; empty if there is none.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "",
            Self::File => "FILE",
            Self::Number => "N",
            Self::Word(name, _) => name,
        }
    }

    pub fn words(self) -> &'static [&'static str] {
        match self {
            Self::Word(_, words) => words,
            _ => &[],
        }
    }
}

// ANCHOR: old
/// A word that still works, and has a better one.
#[derive(Debug, PartialEq, Eq)]
pub struct OldWord {
    pub option: &'static str,
    pub old: &'static str,
    pub new: &'static str,
}

/// All of them go with version 2.
pub static OLD_WORDS: [OldWord; 1] = [OldWord {
    option: "--sort",
    old: "size",
    new: "code",
}];

pub fn old_word(option: &str, word: &str) -> Option<&'static OldWord> {
    OLD_WORDS
        .iter()
        .find(|known| known.option == option && known.old == word)
}

impl OldWord {
    pub fn hint(&self) -> &'static str {
        "the old word works until version 2"
    }
}

impl Error for OldWord {}

impl fmt::Display for OldWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { option, old, new } = self;
        write!(f, "{option} {old} is called {option} {new} now")
    }
}
// ANCHOR_END: old

pub fn named(name: &str) -> Option<&'static Spec> {
    OPTIONS
        .iter()
        .find(|spec| spec.name == name || spec.short == Some(name))
}

pub static OPTIONS: [Spec; 11] = [
    Spec {
        id: Id::Cache,
        name: "--cache",
        short: None,
        value: Value::File,
        help: "remember there what was counted, for a quicker next run",
        more: "Files that have not changed since are not read again. The \
               cache is made when it is missing, and made anew when it is \
               damaged or was written by another version.",
    },
    Spec {
        id: Id::Color,
        name: "--color",
        short: None,
        value: Value::Word("WHEN", &["auto", "always", "never"]),
        help: "colours: auto is at a terminal",
        more: "",
    },
    Spec {
        id: Id::Config,
        name: "--config",
        short: None,
        value: Value::File,
        help: "settings [default: the nearest .tally.toml above]",
        more: "",
    },
    Spec {
        id: Id::Format,
        name: "--format",
        short: None,
        value: Value::Word("KIND", &["table", "json"]),
        help: "how the result is written",
        more: "The JSON has a member version; within one version, members \
               are added and none are changed. Its member complete is false \
               when something could not be read.",
    },
    Spec {
        id: Id::Generate,
        name: "--generate",
        short: None,
        value: Value::Word("WHAT", &["man", "bash", "zsh", "fish"]),
        help: "print the manual or completions",
        more: "",
    },
    Spec {
        id: Id::Help,
        name: "--help",
        short: Some("-h"),
        value: Value::None,
        help: "print this help",
        more: "",
    },
    Spec {
        id: Id::NoConfig,
        name: "--no-config",
        short: None,
        value: Value::None,
        help: "no settings but those of this command",
        more: "",
    },
    Spec {
        id: Id::NoIgnore,
        name: "--no-ignore",
        short: None,
        value: Value::None,
        help: "count what .gitignore files leave out, too",
        more: "Hidden files are still left out, and what the settings skip.",
    },
    Spec {
        id: Id::Sort,
        name: "--sort",
        short: None,
        value: Value::Word("KEY", &["code", "name"]),
        help: "order of the rows: code is most code first",
        more: "",
    },
    Spec {
        id: Id::Threads,
        name: "--threads",
        short: None,
        value: Value::Number,
        help: "how many threads count [default: one per core]",
        more: "The number changes nothing about the result.",
    },
    Spec {
        id: Id::Version,
        name: "--version",
        short: Some("-V"),
        value: Value::None,
        help: "print the version",
        more: "",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_order_and_says_each_thing_once() {
        assert!(OPTIONS.is_sorted_by(|a, b| a.name < b.name));
        for spec in &OPTIONS {
            assert!(spec.name.starts_with("--"), "{}", spec.name);
            assert!(!spec.help.ends_with('.'), "{}", spec.name);
            assert!(spec.more.is_empty() || spec.more.ends_with('.'));
            assert!(named(spec.name).is_some_and(|same| same.id == spec.id));
        }
    }

    // ANCHOR: old-tests
    #[test]
    fn an_old_word_has_a_new_one_that_is_offered_in_its_place() {
        for OldWord { option, old, new } in &OLD_WORDS {
            let words = named(option).unwrap().value.words();
            assert!(words.contains(new), "{option} {new}");
            assert!(!words.contains(old), "{option} {old}");
        }
    }

    #[test]
    fn version_2_has_no_old_words() {
        let major = env!("CARGO_PKG_VERSION_MAJOR");
        assert!(major == "1" || OLD_WORDS.is_empty());
    }
    // ANCHOR_END: old-tests
}
