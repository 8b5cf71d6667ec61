//! The info string of a code fence: a language and attributes.
//!
//! `rust file="src/main.rs" lines mark="2,5-7"`: words and `name="value"` pairs, separated by spaces or commas, in braces
//! or not. [`ATTRIBUTES`] and [`Run`] list them all; what is not in there is a mistake that names the nearest.

mod info;
mod lines;

use std::ops::Range;

pub use lines::Lines;

use crate::{
    Problem, Severity,
    fence::info::{Word, words},
};

/// What an info string says. Borrowed from it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fence<'a> {
    /// First word, without what follows a comma (`rust,ignore`); empty when there is none.
    pub language: &'a str,
    /// `file="…"` or `title="…"`: shown above the code.
    pub file: Option<&'a str>,
    /// `lines`, `lines=10`: number of the first line, if lines are numbered.
    pub first_line: Option<u32>,
    /// `mark="2,5-7"` or `{2,5-7}`: lines to look at.
    pub mark: Lines,
    /// `add="…"`: lines that are new.
    pub add: Lines,
    /// `del="…"`: lines that are gone.
    pub del: Lines,
    /// `hide="…"`: lines that are there for the compiler only.
    pub hide: Lines,
    /// `collapse`: shown when the reader asks for it.
    pub collapse: bool,
    /// `tab="…"`: name of the tab; neighbouring fences with one form a group.
    pub tab: Option<&'a str>,
    /// `include="code/main.rs#anchor"`: the file that the code comes from.
    pub include: Option<&'a str>,
    /// How the code is run by a test; `None` when the fence doesn't say.
    pub run: Option<Run>,
    /// `edition=2021`: edition of Rust.
    pub edition: Option<&'a str>,
    /// `cmd="…"`: the command that runs it.
    pub cmd: Option<&'a str>,
    /// `expect="…"`: what it prints.
    pub expect: Option<&'a str>,
    /// `E0382` and the like: errors that the compiler must find in code that must not compile; as rustdoc writes them.
    pub codes: Vec<&'a str>,
    /// `test_harness`: the code has `#[test]` functions, and they are what runs; as rustdoc writes it.
    pub harness: bool,
    /// `output`: no code, but what the block right before it prints.
    pub output: bool,
    /// `run`: readers may run it where they read it; a theme says how.
    pub runnable: bool,
}

/// What a test does with the code, and what must come of it. With several words the first of this list counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Run {
    /// `ignore`: nothing.
    Ignore,
    /// `compile_fail`: it must not compile.
    CompileFail,
    /// `no_run`: it must compile.
    NoRun,
    /// `should_panic`: it must end with a panic.
    ShouldPanic,
    /// `should_fail`: it must end with an exit status other than 0.
    ShouldFail,
    /// `test`: it must run to its end.
    Test,
}

impl Run {
    const ALL: [(&'static str, Self); 6] = [
        ("ignore", Self::Ignore),
        ("compile_fail", Self::CompileFail),
        ("no_run", Self::NoRun),
        ("should_panic", Self::ShouldPanic),
        ("should_fail", Self::ShouldFail),
        ("test", Self::Test),
    ];
}

/// Attributes with or without a value; the words of [`Run`] come besides.
const ATTRIBUTES: [&str; 16] = [
    "file",
    "title",
    "lines",
    "mark",
    "add",
    "del",
    "hide",
    "collapse",
    "tab",
    "include",
    "edition",
    "cmd",
    "expect",
    "test_harness",
    "output",
    "run",
];

/// Languages in which readers can run code, by the first word of a fence.
const RUNNABLE: [&str; 6] = ["js", "javascript", "mjs", "cjs", "rust", "rs"];

/// Something wrong in an info string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mistake {
    /// Bytes of the info string.
    range: Range<usize>,
    code: &'static str,
    severity: Severity,
    message: String,
    hint: String,
}

impl<'a> Fence<'a> {
    /// Reads an info string; mistakes in it are passed over.
    #[must_use]
    pub fn parse(info: &'a str) -> Self {
        Self::read(info).0
    }

    /// Reads an info string and tells what it could not understand.
    pub(crate) fn read(info: &'a str) -> (Self, Vec<Mistake>) {
        let mut fence = Self::default();
        let mut mistakes = Vec::new();
        for (position, word) in words(info).into_iter().enumerate() {
            if position == 0 && word.value.is_none() && !word.in_braces {
                fence.language = word.name;
            } else if let Err(mistake) = fence.take(&word) {
                mistakes.push(mistake);
            }
        }
        (fence, mistakes)
    }

    /// Whether any line is shown differently from the others, so that lines must be told apart in the HTML.
    pub(crate) fn has_line_marks(&self) -> bool {
        self.first_line.is_some()
            || ![&self.mark, &self.add, &self.del, &self.hide]
                .into_iter()
                .all(Lines::is_empty)
    }

    fn take(&mut self, word: &Word<'a>) -> Result<(), Mistake> {
        match word.name {
            "file" | "title" => self.file = Some(word.text()?),
            "tab" => self.tab = Some(word.text()?),
            "include" => self.include = Some(word.text()?),
            "cmd" => self.cmd = Some(word.text()?),
            // Nothing printed is something to expect.
            "expect" => self.expect = Some(word.value.ok_or_else(|| word.needs_text())?),
            "edition" => self.edition = Some(word.text()?),
            "mark" => self.mark = word.lines()?,
            "add" => self.add = word.lines()?,
            "del" => self.del = word.lines()?,
            "hide" => self.hide = word.lines()?,
            "collapse" => {
                word.alone()?;
                self.collapse = true;
            }
            "output" => {
                word.alone()?;
                self.output = true;
            }
            "run" => {
                word.alone()?;
                if !RUNNABLE.contains(&self.language) {
                    return Err(not_runnable(word, self.language));
                }
                self.runnable = true;
            }
            "test_harness" => {
                word.alone()?;
                self.harness = true;
            }
            "lines" => self.first_line = Some(word.number_or(1)?),
            // As rustdoc writes it.
            "edition2015" => self.edition = Some("2015"),
            "edition2018" => self.edition = Some("2018"),
            "edition2021" => self.edition = Some("2021"),
            "edition2024" => self.edition = Some("2024"),
            name if is_error_code(name) && word.value.is_none() => self.codes.push(name),
            name => match Run::ALL.iter().find(|(known, _)| *known == name) {
                Some((_, run)) => {
                    word.alone()?;
                    self.run = Some(self.run.map_or(*run, |other| other.min(*run)));
                }
                None if word.in_braces && word.value.is_none() && !Lines::is_not(name) => {
                    // `{2,5-7}` comes in pieces.
                    let lines = word.lines_of(name)?;
                    self.mark.extend(lines);
                }
                None => return Err(unknown(word)),
            },
        }
        Ok(())
    }
}

/// `E0382`: how the Rust compiler names an error.
fn is_error_code(word: &str) -> bool {
    word.strip_prefix('E')
        .is_some_and(|digits| digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_digit()))
}

impl Mistake {
    /// The same as a problem of the text in which the fence stands; `place` leads from bytes of the info string there.
    pub(crate) fn into_problem(self, place: impl FnOnce(Range<usize>) -> Range<usize>) -> Problem {
        Problem {
            severity: self.severity,
            code: self.code,
            range: place(self.range),
            message: self.message,
            hint: self.hint,
        }
    }
}

fn not_runnable(word: &Word<'_>, language: &str) -> Mistake {
    Mistake {
        range: word.range.clone(),
        code: "fence-attribute",
        severity: Severity::Warning,
        message: match language {
            "" => "readers can't run code of no language".to_owned(),
            language => format!("readers can't run code in \"{language}\""),
        },
        hint: "they can run js and rust: take run out, or name one of these".to_owned(),
    }
}

fn unknown(word: &Word<'_>) -> Mistake {
    let known = ATTRIBUTES
        .into_iter()
        .chain(Run::ALL.into_iter().map(|(name, _)| name));
    let near = known
        .map(|name| (strsim::damerau_levenshtein(word.name, name), name))
        .filter(|(distance, name)| *distance <= 1 + name.len() / 4)
        .min();
    Mistake {
        range: word.range.clone(),
        code: "fence-attribute",
        severity: Severity::Warning,
        message: format!("a code fence has no attribute \"{}\"", word.name),
        hint: match near {
            Some((_, name)) => format!("did you mean {name}?"),
            None => format!(
                "known are {} and the words for tests",
                ATTRIBUTES.join(", ")
            ),
        },
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
        assert_eq!(parse("toml title='x \"y\"'"), ("toml", Some("x \"y\"")));
        assert_eq!(parse("  "), ("", None));
        assert_eq!(parse("c++"), ("c++", None));
        assert_eq!(parse("{1}"), ("", None));
    }

    #[test]
    fn every_attribute_is_read() {
        let info = "rust,no_run,edition=2021 {2,5-7} file=a.rs lines=10 mark='9' add=\"1\" del=2,3 hide=4- collapse \
                    tab=\"Linux\" include=\"x.rs#main\" cmd='sh -c \"x\"' expect=\"\"";
        let (fence, mistakes) = Fence::read(info);
        assert_eq!(mistakes, []);
        assert_eq!((fence.language, fence.file), ("rust", Some("a.rs")));
        assert_eq!((fence.run, fence.edition), (Some(Run::NoRun), Some("2021")));
        assert_eq!(fence.first_line, Some(10));
        assert!(
            fence.mark.contains(9) && !fence.mark.contains(2),
            "the last word counts"
        );
        assert!(fence.add.contains(1) && fence.del.contains(3) && fence.hide.contains(400));
        assert!(fence.collapse && fence.tab == Some("Linux"));
        assert_eq!(fence.include, Some("x.rs#main"));
        assert_eq!((fence.cmd, fence.expect), (Some("sh -c \"x\""), Some("")));
        assert_eq!(Fence::parse("js {2,5-7}").mark, "2,5-7".parse().unwrap());
        assert_eq!(Fence::parse("rust lines").first_line, Some(1));
        assert_eq!(Fence::parse("rust,edition2018").edition, Some("2018"));
        let fence = Fence::parse("rust,compile_fail,E0382,E0499 test_harness");
        assert_eq!(
            (fence.run, fence.codes),
            (Some(Run::CompileFail), vec!["E0382", "E0499"])
        );
        assert!(fence.harness && Fence::parse("text output").output);
        for language in RUNNABLE {
            assert!(Fence::parse(&format!("{language} run")).runnable);
        }
        assert_eq!(Fence::parse("rust,E0382").run, None);
        assert_eq!(
            Fence::read("rust,E03").1.len(),
            1,
            "no error has such a code"
        );
    }

    #[test]
    fn of_several_words_for_tests_the_weaker_counts() {
        assert_eq!(
            Fence::parse("rust,should_panic,ignore").run,
            Some(Run::Ignore)
        );
        assert_eq!(Fence::parse("rust,no_run,test").run, Some(Run::NoRun));
        assert_eq!(Fence::parse("rust").run, None);
    }

    #[test]
    fn mistakes_are_placed_and_name_what_is_near() {
        let told = |info: &str| {
            let (_, mistakes) = Fence::read(info);
            mistakes
                .iter()
                .map(|mistake| {
                    let what = &info[mistake.range.clone()];
                    format!("{what}: {}; {}", mistake.message, mistake.hint)
                })
                .collect::<Vec<_>>()
        };
        assert_eq!(
            told("rust colapse"),
            ["colapse: a code fence has no attribute \"colapse\"; did you mean collapse?"]
        );
        assert_eq!(
            told("rust mark=\"2,x\" collapse=yes file"),
            [
                "2,x: \"mark\" is no list of lines: \"2,x\"; write it like 2,5-7",
                "yes: \"collapse\" takes no value; drop it",
                "file: \"file\" needs a value; write file=\"…\"",
            ]
        );
        assert_eq!(
            [told("python run"), told("js run=1")].concat(),
            [
                "run: readers can't run code in \"python\"; they can run js and rust: take run out, or name one of these",
                "1: \"run\" takes no value; drop it",
            ]
        );
        assert!(!Fence::parse("python run").runnable);
        assert_eq!(told("rust lines=0 mark=3-1 add=0").len(), 3);
        assert_eq!(told("rust file=\"unclosed").len(), 0);
    }
}
