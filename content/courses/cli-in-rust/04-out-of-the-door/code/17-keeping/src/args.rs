//! What the user asked for. Looks at nothing but the arguments it is given.

use std::error::Error;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::num::NonZero;
use std::path::PathBuf;

use crate::options::{self, Id, OPTIONS, OldWord, Spec, Value};
use crate::printable;
use crate::style::ColorChoice;
use crate::suggest;

#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    Help,
    Version,
    Generate(Document),
    Count(Options),
}

/// What is made from the table of options.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Document {
    Man,
    Bash,
    Zsh,
    Fish,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    pub format: Format,
    pub color: ColorChoice,
    pub cache: Option<PathBuf>,
    /// `None`: as the configuration says.
    pub sort: Option<Sort>,
    /// `None`: as many as the machine has cores.
    pub threads: Option<NonZero<usize>>,
    pub config: ConfigChoice,
    /// Whether `.gitignore` files are asked.
    pub gitignore: bool,
    /// Words that were used and have better ones.
    pub old_words: Vec<&'static OldWord>,
    /// At least one.
    pub paths: Vec<PathBuf>,
}

#[derive(Debug, PartialEq, Eq)]
pub enum ConfigChoice {
    /// The nearest one, from the current folder upwards.
    Nearest,
    File(PathBuf),
    Without,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    Table,
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    Code,
    Name,
}

impl Sort {
    pub const NAMES: [(&str, Self); 2] =
        [("code", Self::Code), ("name", Self::Name)];

    pub fn named(name: &str) -> Option<Self> {
        let mut names = Self::NAMES.into_iter();
        names
            .find(|(known, _)| *known == name)
            .map(|(_, sort)| sort)
    }
}

#[derive(Debug, PartialEq, Eq)]
pub enum UsageError {
    UnknownOption(String),
    NoValue(&'static str),
    /// `--option=value` for an option that takes none.
    TakesNoValue(&'static str),
    BadWord(&'static Spec, String),
    BadThreads(String),
    /// `--option=value`, and the value is a path that is no Unicode.
    NoUnicode(&'static str),
}

/// Reads the arguments that follow the program's name.
pub fn parse(
    args: impl IntoIterator<Item = OsString>,
) -> Result<Command, UsageError> {
    let mut args = args.into_iter();
    let mut options = Options::default();
    while let Some(arg) = args.next() {
        if arg == "--" {
            options.paths.extend(args.by_ref().map(PathBuf::from));
            continue;
        }
        let text = arg.to_string_lossy();
        if !text.starts_with('-') || text == "-" {
            options.paths.push(PathBuf::from(arg));
            continue;
        }
        let (name, inline) = match text.split_once('=') {
            Some((name, value)) => (name, Some(OsString::from(value))),
            None => (&*text, None),
        };
        let Some(spec) = options::named(name) else {
            return Err(UsageError::UnknownOption(text.into_owned()));
        };
        let is_whole = inline.is_none() || arg.to_str().is_some();
        let mut value = match (spec.value, inline) {
            (Value::None, None) => OsString::new(),
            (Value::None, Some(_)) => {
                return Err(UsageError::TakesNoValue(spec.name));
            }
            (Value::File, Some(_)) if !is_whole => {
                return Err(UsageError::NoUnicode(spec.name));
            }
            (_, Some(value)) => value,
            (_, None) => args.next().ok_or(UsageError::NoValue(spec.name))?,
        };
        // ANCHOR: old
        if let Some(old) =
            options::old_word(spec.name, &value.to_string_lossy())
        {
            value = OsString::from(old.new);
            options.old_words.push(old);
        }
        // ANCHOR_END: old
        if let Some(command) = options.set(spec, &value)? {
            return Ok(command);
        }
    }
    if options.paths.is_empty() {
        options.paths.push(PathBuf::from("."));
    }
    Ok(Command::Count(options))
}

impl Options {
    /// Takes one option; some say at once what to do.
    fn set(
        &mut self,
        spec: &'static Spec,
        value: &OsStr,
    ) -> Result<Option<Command>, UsageError> {
        let text = value.to_string_lossy();
        let bad = || UsageError::BadWord(spec, text.clone().into_owned());
        match spec.id {
            Id::Help => return Ok(Some(Command::Help)),
            Id::Version => return Ok(Some(Command::Version)),
            Id::Generate => {
                let document = match &*text {
                    "man" => Document::Man,
                    "bash" => Document::Bash,
                    "zsh" => Document::Zsh,
                    "fish" => Document::Fish,
                    _ => return Err(bad()),
                };
                return Ok(Some(Command::Generate(document)));
            }
            Id::Cache => self.cache = Some(PathBuf::from(value)),
            Id::Config => self.config = ConfigChoice::File(value.into()),
            Id::NoConfig => self.config = ConfigChoice::Without,
            Id::NoIgnore => self.gitignore = false,
            Id::Sort => self.sort = Some(Sort::named(&text).ok_or_else(bad)?),
            Id::Format => {
                self.format = match &*text {
                    "table" => Format::Table,
                    "json" => Format::Json,
                    _ => return Err(bad()),
                }
            }
            Id::Color => {
                self.color = match &*text {
                    "auto" => ColorChoice::Auto,
                    "always" => ColorChoice::Always,
                    "never" => ColorChoice::Never,
                    _ => return Err(bad()),
                }
            }
            Id::Threads => {
                let number = text.parse();
                let bad = |_| UsageError::BadThreads(text.into_owned());
                self.threads = Some(number.map_err(bad)?);
            }
        }
        Ok(None)
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            format: Format::Table,
            color: ColorChoice::Auto,
            cache: None,
            sort: None,
            threads: None,
            config: ConfigChoice::Nearest,
            gitignore: true,
            old_words: Vec::new(),
            paths: Vec::new(),
        }
    }
}

impl UsageError {
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownOption(option) => {
                let name = option.split('=').next().unwrap_or(option);
                let known = OPTIONS.iter().map(|spec| spec.name);
                match suggest::nearest(name, known) {
                    Some(known) => Some(format!("did you mean {known}?")),
                    None => Some(format!(
                        "for a path of that name: tally -- {}",
                        printable::text(option)
                    )),
                }
            }
            Self::NoUnicode(option) => {
                Some(format!("in two words, {option} FILE takes any name"))
            }
            Self::NoValue(_)
            | Self::TakesNoValue(_)
            | Self::BadWord(..)
            | Self::BadThreads(_) => None,
        }
    }
}

impl Error for UsageError {}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownOption(option) => {
                write!(f, "unknown option {}", printable::text(option))
            }
            Self::NoValue(option) => write!(f, "{option} needs a value"),
            Self::TakesNoValue(option) => write!(f, "{option} takes no value"),
            Self::BadWord(spec, word) => {
                let words = spec.value.words().join(" or ");
                write!(f, "{} takes {words}, not {word:?}", spec.name)
            }
            Self::NoUnicode(option) => {
                write!(f, "the value of {option}= is not Unicode")
            }
            Self::BadThreads(number) => {
                write!(f, "--threads takes a number from 1 up, not {number:?}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bad(option: &str, word: &str) -> Result<Command, UsageError> {
        let spec = options::named(option).unwrap();
        Err(UsageError::BadWord(spec, word.to_owned()))
    }

    fn parsed(args: &[&str]) -> Result<Command, UsageError> {
        parse(args.iter().map(OsString::from))
    }

    fn count(
        sort: impl Into<Option<Sort>>,
        paths: &[&str],
    ) -> Result<Command, UsageError> {
        let sort = sort.into();
        let paths = paths.iter().map(PathBuf::from).collect();
        Ok(Command::Count(Options {
            sort,
            paths,
            ..Options::default()
        }))
    }

    #[test]
    fn options_and_paths_mix_in_any_order() {
        let expected = count(Sort::Name, &["a", "b"]);
        assert_eq!(parsed(&["--sort", "name", "a", "b"]), expected);
        assert_eq!(parsed(&["a", "--sort=name", "b"]), expected);
        assert_eq!(parsed(&["a", "b", "--sort", "name"]), expected);
    }

    #[test]
    fn without_a_path_the_current_folder_is_meant() {
        assert_eq!(parsed(&[]), count(None, &["."]));
        assert_eq!(parsed(&["--"]), count(None, &["."]));
    }

    #[test]
    fn after_two_dashes_everything_is_a_path() {
        assert_eq!(
            parsed(&["--", "--help", "-V", "--"]),
            count(None, &["--help", "-V", "--"])
        );
    }

    #[test]
    fn a_lone_dash_is_a_path() {
        assert_eq!(parsed(&["-"]), count(None, &["-"]));
    }

    #[test]
    fn help_wins_over_what_is_still_missing() {
        assert_eq!(parsed(&["--help"]), Ok(Command::Help));
        assert_eq!(parsed(&["a", "-h", "--nonsense"]), Ok(Command::Help));
    }

    #[test]
    fn mistakes_are_named() {
        let unknown =
            |option: &str| Err(UsageError::UnknownOption(option.to_owned()));
        assert_eq!(parsed(&["--srot", "name", "a"]), unknown("--srot"));
        assert_eq!(parsed(&["--sorted=name", "a"]), unknown("--sorted=name"));
        assert_eq!(
            parsed(&["a", "--sort"]),
            Err(UsageError::NoValue("--sort"))
        );
        assert_eq!(parsed(&["a", "--sort", "date"]), bad("--sort", "date"));
    }

    #[test]
    fn every_word_of_the_table_is_taken_and_no_other() {
        for spec in &OPTIONS {
            for word in spec.value.words() {
                let arg = format!("{}={word}", spec.name);
                assert!(parsed(&[&arg]).is_ok(), "{arg}");
            }
            if !spec.value.words().is_empty() {
                assert_eq!(parsed(&[spec.name, "x"]), bad(spec.name, "x"));
            }
        }
    }

    #[test]
    fn who_takes_no_value_gets_none_and_who_needs_one_gets_it() {
        for spec in &OPTIONS {
            let (alone, with) =
                (parsed(&[spec.name]), parsed(&[&format!("{}=1", spec.name)]));
            if spec.value == Value::None {
                assert!(alone.is_ok(), "{}", spec.name);
                assert_eq!(with, Err(UsageError::TakesNoValue(spec.name)));
            } else {
                assert_eq!(alone, Err(UsageError::NoValue(spec.name)));
            }
        }
    }

    #[test]
    fn formats_and_colours_are_told_apart() {
        let options = |args: &[&str]| match parsed(args) {
            Ok(Command::Count(options)) => options,
            other => panic!("{other:?}"),
        };
        assert_eq!(options(&["--format=json"]).format, Format::Json);
        assert_eq!(options(&["--format", "table"]).format, Format::Table);
        assert_eq!(options(&["--color=never"]).color, ColorChoice::Never);
        let always = options(&["--color", "always"]);
        assert_eq!(always.color, ColorChoice::Always);
        let cache = options(&["--cache", "c"]).cache;
        assert_eq!(cache, Some(PathBuf::from("c")));
        let document = parsed(&["--generate", "fish", "--nonsense"]);
        assert_eq!(document, Ok(Command::Generate(Document::Fish)));
    }

    #[test]
    fn an_old_word_does_what_the_new_one_does_and_is_remarked() {
        let Ok(Command::Count(options)) = parsed(&["--sort=size"]) else {
            panic!("not a count");
        };
        assert_eq!(options.sort, Some(Sort::Code));
        let remarks: Vec<String> = options
            .old_words
            .iter()
            .map(|old| old.to_string())
            .collect();
        assert_eq!(remarks, ["--sort size is called --sort code now"]);
    }

    #[test]
    fn the_last_sort_wins() {
        assert_eq!(
            parsed(&["--sort", "name", "--sort", "code", "a"]),
            count(Sort::Code, &["a"])
        );
    }

    #[test]
    fn a_slip_of_the_finger_gets_the_option_that_was_meant() {
        let hint = |option| parsed(&[option]).unwrap_err().hint().unwrap();
        assert_eq!(hint("--srot"), "did you mean --sort?");
        assert_eq!(hint("--srot=name"), "did you mean --sort?");
        assert_eq!(
            hint("-draft.txt"),
            "for a path of that name: tally -- -draft.txt"
        );
    }

    #[test]
    fn threads_are_counted_from_one() {
        let threads = |args: &[&str]| match parsed(args) {
            Ok(Command::Count(options)) => {
                Ok(options.threads.map(NonZero::get))
            }
            Ok(_) => panic!("not a count"),
            Err(error) => Err(error),
        };
        let bad = |number: &str| Err(UsageError::BadThreads(number.to_owned()));
        assert_eq!(threads(&[]), Ok(None));
        assert_eq!(threads(&["--threads", "3"]), Ok(Some(3)));
        assert_eq!(threads(&["--threads=1"]), Ok(Some(1)));
        assert_eq!(threads(&["--threads=0"]), bad("0"));
        assert_eq!(threads(&["--threads", "-1"]), bad("-1"));
        assert_eq!(threads(&["--threads="]), bad(""));
    }

    #[test]
    fn the_last_word_about_the_configuration_wins() {
        let config = |args: &[&str]| match parsed(args) {
            Ok(Command::Count(options)) => options.config,
            other => panic!("{other:?}"),
        };
        let file = |name: &str| ConfigChoice::File(PathBuf::from(name));
        assert_eq!(config(&["--config", "a.toml"]), file("a.toml"));
        assert_eq!(config(&["--no-config", "--config=b"]), file("b"));
        assert_eq!(config(&["--config=", "a"]), file(""));
        let args = ["--config", "a", "--no-config"];
        assert_eq!(config(&args), ConfigChoice::Without);
    }

    #[cfg(unix)]
    #[test]
    fn a_configuration_that_is_no_utf8_is_taken_or_refused_never_bent() {
        use std::os::unix::ffi::OsStringExt;
        let bytes = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
        let two_words = [OsString::from("--config"), bytes(b"caf\xe9")];
        let Ok(Command::Count(options)) = parse(two_words) else {
            panic!("not a count");
        };
        let expected = ConfigChoice::File(bytes(b"caf\xe9").into());
        assert_eq!(options.config, expected);
        assert_eq!(
            parse([bytes(b"--config=caf\xe9")]),
            Err(UsageError::NoUnicode("--config"))
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_path_that_is_no_utf8_arrives_unchanged() {
        use std::os::unix::ffi::OsStringExt;
        let name = OsString::from_vec(b"caf\xe9.txt".to_vec());
        let Ok(Command::Count(options)) = parse([name.clone()]) else {
            panic!("not a count");
        };
        assert_eq!(options.paths, [PathBuf::from(name)]);
    }
}
