//! What the user asked for. Looks at nothing but the arguments it is given.

use std::error::Error;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::num::NonZero;
use std::path::PathBuf;

use crate::printable;
use crate::style::ColorChoice;
use crate::suggest;

pub const HELP: &str = "\
Count code, comments and blank lines, by language.

Usage: tally [OPTIONS] [PATH]...

A PATH is a file or a folder; without one, the current folder is counted.

Options:
      --format KIND  table, or json for programs [default: table]
      --sort KEY     order of the rows: size (most code first) or name [default: size]
      --threads N    how many threads count [default: one per core]
      --config FILE  settings [default: the nearest .tally.toml, from here upwards]
      --cache FILE   remember there what was counted, for a quicker next run
      --color WHEN   auto (at a terminal), always or never [default: auto]
      --no-config    no settings but those of this command
      --no-ignore    count what .gitignore files leave out, too
  -h, --help         print this help
  -V, --version      print the version
      --             everything after this is a path, even if it begins with a dash
";

const LONG_OPTIONS: [&str; 10] = [
    "--cache",
    "--color",
    "--config",
    "--format",
    "--help",
    "--no-config",
    "--no-ignore",
    "--sort",
    "--threads",
    "--version",
];

#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    Help,
    Version,
    Count(Options),
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
    Size,
    Name,
}

impl Sort {
    pub const NAMES: [(&str, Self); 2] =
        [("size", Self::Size), ("name", Self::Name)];

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
    BadFormat(String),
    BadColor(String),
    BadSort(String),
    BadThreads(String),
    /// `--option=value`, and the value is a path that is no Unicode.
    NoUnicode(&'static str),
}

/// Reads the arguments that follow the program's name.
pub fn parse(
    args: impl IntoIterator<Item = OsString>,
) -> Result<Command, UsageError> {
    let mut args = args.into_iter();
    let mut format = Format::Table;
    let mut color = ColorChoice::Auto;
    let mut cache = None;
    let mut sort = None;
    let mut threads = None;
    let mut config = ConfigChoice::Nearest;
    let mut gitignore = true;
    let mut paths = Vec::new();
    while let Some(arg) = args.next() {
        let text = arg.to_string_lossy();
        match text.as_ref() {
            "-h" | "--help" => return Ok(Command::Help),
            "-V" | "--version" => return Ok(Command::Version),
            "--" => paths.extend(args.by_ref().map(PathBuf::from)),
            option if option.starts_with('-') && option != "-" => {
                let (name, inline) = match option.split_once('=') {
                    Some((name, value)) => (name, Some(OsString::from(value))),
                    None => (option, None),
                };
                let damaged = inline.is_some() && arg.to_str().is_none();
                let value = |name| match inline.or_else(|| args.next()) {
                    Some(value) => Ok(value),
                    None => Err(UsageError::NoValue(name)),
                };
                match name {
                    "--color" => color = parse_color(&value("--color")?)?,
                    "--format" => format = parse_format(&value("--format")?)?,
                    "--sort" => sort = Some(parse_sort(&value("--sort")?)?),
                    "--cache" if damaged => {
                        return Err(UsageError::NoUnicode("--cache"));
                    }
                    "--config" if damaged => {
                        return Err(UsageError::NoUnicode("--config"));
                    }
                    "--cache" => {
                        cache = Some(PathBuf::from(value("--cache")?));
                    }
                    "--config" => {
                        config = ConfigChoice::File(value("--config")?.into());
                    }
                    "--no-ignore" => gitignore = false,
                    "--no-config" => config = ConfigChoice::Without,
                    "--threads" => {
                        threads = Some(parse_threads(&value("--threads")?)?)
                    }
                    _ => {
                        return Err(UsageError::UnknownOption(
                            option.to_owned(),
                        ));
                    }
                }
            }
            _ => paths.push(PathBuf::from(arg)),
        }
    }
    if paths.is_empty() {
        paths.push(PathBuf::from("."));
    }
    Ok(Command::Count(Options {
        format,
        color,
        cache,
        sort,
        threads,
        config,
        gitignore,
        paths,
    }))
}

fn parse_color(when: &OsStr) -> Result<ColorChoice, UsageError> {
    match when.to_str() {
        Some("auto") => Ok(ColorChoice::Auto),
        Some("always") => Ok(ColorChoice::Always),
        Some("never") => Ok(ColorChoice::Never),
        _ => Err(UsageError::BadColor(when.to_string_lossy().into_owned())),
    }
}

fn parse_format(kind: &OsStr) -> Result<Format, UsageError> {
    match kind.to_str() {
        Some("table") => Ok(Format::Table),
        Some("json") => Ok(Format::Json),
        _ => Err(UsageError::BadFormat(kind.to_string_lossy().into_owned())),
    }
}

fn parse_sort(key: &OsStr) -> Result<Sort, UsageError> {
    let key = key.to_string_lossy();
    Sort::named(&key).ok_or_else(|| UsageError::BadSort(key.into_owned()))
}

fn parse_threads(number: &OsStr) -> Result<NonZero<usize>, UsageError> {
    let text = number.to_string_lossy();
    text.parse()
        .map_err(|_| UsageError::BadThreads(text.into_owned()))
}

impl UsageError {
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownOption(option) => {
                let name = option.split('=').next().unwrap_or(option);
                match suggest::nearest(name, LONG_OPTIONS) {
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
            | Self::BadColor(_)
            | Self::BadFormat(_)
            | Self::BadSort(_)
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
            Self::BadColor(when) => {
                write!(f, "--color takes auto, always or never, not {when:?}")
            }
            Self::BadFormat(kind) => {
                write!(f, "--format takes table or json, not {kind:?}")
            }
            Self::BadSort(key) => {
                write!(f, "--sort takes size or name, not {key:?}")
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
            format: Format::Table,
            color: ColorChoice::Auto,
            cache: None,
            sort,
            threads: None,
            config: ConfigChoice::Nearest,
            gitignore: true,
            paths,
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
        assert_eq!(
            parsed(&["a", "--sort", "date"]),
            Err(UsageError::BadSort("date".to_owned()))
        );
    }

    #[test]
    fn colours_come_when_they_are_told_to() {
        let color = |args: &[&str]| match parsed(args) {
            Ok(Command::Count(options)) => Ok(options.color),
            Ok(other) => panic!("{other:?}"),
            Err(error) => Err(error),
        };
        assert_eq!(color(&[]), Ok(ColorChoice::Auto));
        assert_eq!(color(&["--color", "always"]), Ok(ColorChoice::Always));
        assert_eq!(color(&["--color=never"]), Ok(ColorChoice::Never));
        let bad = Err(UsageError::BadColor("yes".to_owned()));
        assert_eq!(color(&["--color=yes"]), bad);
    }

    #[test]
    fn a_format_is_one_of_two() {
        let format = |args: &[&str]| match parsed(args) {
            Ok(Command::Count(options)) => Ok(options.format),
            Ok(other) => panic!("{other:?}"),
            Err(error) => Err(error),
        };
        let bad = |kind: &str| Err(UsageError::BadFormat(kind.to_owned()));
        assert_eq!(format(&[]), Ok(Format::Table));
        assert_eq!(format(&["--format=json"]), Ok(Format::Json));
        assert_eq!(format(&["--format", "xml"]), bad("xml"));
    }

    #[test]
    fn the_last_sort_wins() {
        assert_eq!(
            parsed(&["--sort", "name", "--sort", "size", "a"]),
            count(Sort::Size, &["a"])
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
    fn every_long_option_is_in_the_help() {
        for option in LONG_OPTIONS {
            assert!(HELP.contains(option), "{option} is missing");
        }
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
