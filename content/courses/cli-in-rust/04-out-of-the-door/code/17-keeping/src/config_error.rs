//! Why a configuration was not taken, in words for the person who wrote it.

use std::error::Error;
use std::fmt;
use std::fs;
use std::mem;
use std::path::{Path, PathBuf};
use std::str;

use crate::config::{self, Config};
use crate::file_error::{FileError, Step};
use crate::printable;
use crate::syntax::Mistake;

#[derive(Debug)]
pub enum ConfigError {
    Unreadable(FileError),
    Wrong {
        path: PathBuf,
        text: String,
        mistake: Mistake,
    },
}

/// What a file says, and what there is to remark about it.
pub type Loaded = (Config, Vec<ConfigError>);

/// What the file at `path` says, or all that is wrong with it.
pub fn load(path: &Path) -> Result<Loaded, Vec<ConfigError>> {
    let bytes = fs::read(path).map_err(|error| {
        let error = FileError::new(Step::Read, path, error);
        vec![ConfigError::Unreadable(error)]
    })?;
    let (text, not_text) = match str::from_utf8(&bytes) {
        Ok(text) => (text, None),
        Err(error) => {
            let end = error.valid_up_to();
            let what = "from here on the file is not UTF-8";
            let mistake = Mistake::new(end..end, what);
            (str::from_utf8(&bytes[..end]).unwrap_or(""), Some(mistake))
        }
    };
    let result = match not_text {
        Some(mistake) => Err(vec![mistake]),
        None => config::read(text.trim_start_matches('\u{feff}')),
    };
    let text = text.trim_start_matches('\u{feff}');
    let placed = |mistakes: Vec<Mistake>| {
        let wrong = |mistake| ConfigError::Wrong {
            path: path.to_owned(),
            text: text.to_owned(),
            mistake,
        };
        mistakes.into_iter().map(wrong).collect()
    };
    match result {
        Ok(mut config) => {
            let remarks = placed(mem::take(&mut config.remarks));
            Ok((config, remarks))
        }
        Err(mistakes) => Err(placed(mistakes)),
    }
}

impl ConfigError {
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Unreadable(error) => error.hint(),
            Self::Wrong { mistake, .. } => mistake.hint.as_deref(),
        }
    }
}

impl Error for ConfigError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Unreadable(error) => error.source(),
            Self::Wrong { .. } => None,
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (path, text, mistake) = match self {
            Self::Unreadable(error) => return error.fmt(f),
            Self::Wrong {
                path,
                text,
                mistake,
            } => (path, text, mistake),
        };
        let before = &text[..mistake.span.start];
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        let line = text[line_start..].lines().next().unwrap_or_default();
        let margin = &before[line_start..];
        let number = before.matches('\n').count() + 1;
        let column = margin.chars().count() + 1;
        let (path, what) =
            (printable::path(path), printable::text(&mistake.what));
        writeln!(f, "{path}:{number}:{column}: {what}")?;
        writeln!(f, "    {}", printable::line(line))?;
        // Blanks as wide as what stands above them; a tab stays a tab.
        let blanks: String = margin
            .chars()
            .map(|c| if c == '\t' { '\t' } else { ' ' })
            .collect();
        let marked = text[mistake.span.clone()].lines().next();
        let width = marked.map_or(0, |marked| marked.chars().count());
        write!(f, "    {blanks}{}", "^".repeat(width.max(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, at: &str) -> String {
        let start = text.find(at).unwrap();
        let mistake = Mistake::new(start..start + at.len(), "wrong");
        let (path, text) = (PathBuf::from(".tally.toml"), text.to_owned());
        let error = ConfigError::Wrong {
            path,
            text,
            mistake,
        };
        format!("{error}\n")
    }

    #[test]
    fn the_carets_stand_below_the_word() {
        let seen = shown("a = 'b'\nsort = \"date\" # c\n", "\"date\"");
        let expected = "\
.tally.toml:2:8: wrong
    sort = \"date\" # c
           ^^^^^^
";
        assert_eq!(seen, expected);
    }

    #[test]
    fn columns_are_characters_and_tabs_stay_tabs() {
        let seen = shown("\t'é' = x", "x");
        assert_eq!(
            seen,
            ".tally.toml:1:8: wrong\n    \t'é' = x\n    \t      ^\n"
        );
    }
}
