//! Why a file or folder could not be read, for the person who named it.

use std::error::Error;
use std::fmt;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

#[derive(Debug)]
pub struct FileError {
    step: Step,
    path: PathBuf,
    source: io::Error,
}

#[derive(Debug, Clone, Copy)]
pub enum Step {
    Find,
    List,
    Open,
    Read,
}

impl FileError {
    pub fn new(step: Step, path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        Self { step, path, source }
    }

    /// What the user can do about it, where there is something to say.
    pub fn hint(&self) -> Option<&'static str> {
        match self.source.kind() {
            ErrorKind::NotFound if self.path.is_relative() => Some(
                "a relative path starts at the current folder; `pwd` prints it",
            ),
            ErrorKind::PermissionDenied => {
                Some("`ls -l` shows who may read it")
            }
            _ => None,
        }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = match self.step {
            Step::Find => "find",
            Step::List => "list",
            Step::Open => "open",
            Step::Read => "read",
        };
        write!(f, "cannot {verb} {}", self.path.display())
    }
}

impl Error for FileError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.source)
    }
}
