//! Counting one file on disk.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use crate::classify::{self, Counts};
use crate::file_error::{FileError, Step};
use crate::language::Language;

pub fn count_file(
    path: &Path,
    language: &Language,
) -> Result<Counts, FileError> {
    let failed = |step| move |error| FileError::new(step, path, error);
    let file = File::open(path).map_err(failed(Step::Open))?;
    classify::count(BufReader::new(file), language).map_err(failed(Step::Read))
}
