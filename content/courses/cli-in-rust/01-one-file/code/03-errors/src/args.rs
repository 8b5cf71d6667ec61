//! What the user asked for. Looks at nothing but the arguments it is given.

use std::error::Error;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;

use crate::suggest;

pub const HELP: &str = "\
Count the lines of files.

Usage: tally [OPTIONS] FILE...

Options:
      --sort KEY   order of the rows: size (largest first) or name [default: size]
  -h, --help       print this help
  -V, --version    print the version
      --           everything after this is a file, even if it begins with a dash
";

const LONG_OPTIONS: [&str; 3] = ["--help", "--sort", "--version"];

#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    Help,
    Version,
    Count(Options),
}

#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    pub sort: Sort,
    /// At least one.
    pub paths: Vec<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    Size,
    Name,
}

#[derive(Debug, PartialEq, Eq)]
pub enum UsageError {
    NoFile,
    UnknownOption(String),
    NoValue(&'static str),
    BadSort(String),
}

/// Reads the arguments that follow the program's name.
pub fn parse(
    args: impl IntoIterator<Item = OsString>,
) -> Result<Command, UsageError> {
    let mut args = args.into_iter();
    let mut sort = Sort::Size;
    let mut paths = Vec::new();
    while let Some(arg) = args.next() {
        let text = arg.to_string_lossy();
        match text.as_ref() {
            "-h" | "--help" => return Ok(Command::Help),
            "-V" | "--version" => return Ok(Command::Version),
            "--sort" => {
                let key = args.next().ok_or(UsageError::NoValue("--sort"))?;
                sort = parse_sort(&key)?;
            }
            "--" => paths.extend(args.by_ref().map(PathBuf::from)),
            option if option.starts_with('-') && option != "-" => {
                match option.strip_prefix("--sort=") {
                    Some(key) => sort = parse_sort(OsStr::new(key))?,
                    None => {
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
        return Err(UsageError::NoFile);
    }
    Ok(Command::Count(Options { sort, paths }))
}

fn parse_sort(key: &OsStr) -> Result<Sort, UsageError> {
    match key.to_str() {
        Some("size") => Ok(Sort::Size),
        Some("name") => Ok(Sort::Name),
        _ => Err(UsageError::BadSort(key.to_string_lossy().into_owned())),
    }
}

impl UsageError {
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownOption(option) => {
                let name = option.split('=').next().unwrap_or(option);
                match suggest::nearest(name, LONG_OPTIONS) {
                    Some(known) => Some(format!("did you mean {known}?")),
                    None => Some(format!(
                        "for a file of that name: tally -- {option}"
                    )),
                }
            }
            Self::NoFile => Some("try tally --help".to_owned()),
            Self::NoValue(_) | Self::BadSort(_) => None,
        }
    }
}

impl Error for UsageError {}

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFile => write!(f, "no file given"),
            Self::UnknownOption(option) => write!(f, "unknown option {option}"),
            Self::NoValue(option) => write!(f, "{option} needs a value"),
            Self::BadSort(key) => {
                write!(f, "--sort takes size or name, not {key:?}")
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

    fn count(sort: Sort, paths: &[&str]) -> Result<Command, UsageError> {
        let paths = paths.iter().map(PathBuf::from).collect();
        Ok(Command::Count(Options { sort, paths }))
    }

    #[test]
    fn options_and_files_mix_in_any_order() {
        let expected = count(Sort::Name, &["a", "b"]);
        assert_eq!(parsed(&["--sort", "name", "a", "b"]), expected);
        assert_eq!(parsed(&["a", "--sort=name", "b"]), expected);
        assert_eq!(parsed(&["a", "b", "--sort", "name"]), expected);
    }

    #[test]
    fn after_two_dashes_everything_is_a_file() {
        assert_eq!(
            parsed(&["--", "--help", "-V", "--"]),
            count(Sort::Size, &["--help", "-V", "--"])
        );
    }

    #[test]
    fn a_lone_dash_is_a_file_name() {
        assert_eq!(parsed(&["-"]), count(Sort::Size, &["-"]));
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
        assert_eq!(parsed(&[]), Err(UsageError::NoFile));
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
            "for a file of that name: tally -- -draft.txt"
        );
    }

    #[test]
    fn every_long_option_is_in_the_help() {
        for option in LONG_OPTIONS {
            assert!(HELP.contains(option), "{option} is missing");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_file_name_that_is_no_utf8_arrives_unchanged() {
        use std::os::unix::ffi::OsStringExt;
        let name = OsString::from_vec(b"caf\xe9.txt".to_vec());
        let Ok(Command::Count(options)) = parse([name.clone()]) else {
            panic!("not a count");
        };
        assert_eq!(options.paths, [PathBuf::from(name)]);
    }
}
