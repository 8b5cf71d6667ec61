//! Records from a file: the lines that `tuition metrics export` writes, packed or not, or one JSON document with
//! `params` and `events`.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use serde::{Deserialize, Serialize};
use tuition_domain::metrics::report::{
    Comments, Params, ParamsError, Period, Record, Report, Tally,
};

use super::progress::Progress;
use crate::report as out;

/// First bytes of a packed file (RFC 1952).
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Why a file makes no report.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InputError {
    /// The file can't be read.
    #[error("can't read {path}: {error}", path = path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why not.
        error: std::io::Error,
    },
    /// A line is no record.
    #[error("{path}, line {line}: {error}", path = path.display())]
    Line {
        /// Which file.
        path: PathBuf,
        /// Counted from 1.
        line: u64,
        /// What is wrong with it.
        error: serde_json::Error,
    },
    /// The document has another shape.
    #[error("{path} is neither lines of records nor a document with `params` and `events`: {error}", path = path.display())]
    Document {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        error: serde_json::Error,
    },
    /// The file does not say what its records are about.
    #[error("{path} does not begin with the line of its params", path = .0.display())]
    NoParams(PathBuf),
    /// The params make no report.
    #[error(transparent)]
    Params(#[from] ParamsError),
}

/// The first line of an export: what figures depend on besides the records after it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Head {
    /// Always `params`.
    #[serde(rename = "type")]
    pub(super) kind: HeadKind,
    /// The params.
    pub(super) params: Params,
    /// What is known of learners besides the records.
    #[serde(flatten)]
    pub(super) comments: Comments,
}

/// Tells the first line from a record.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum HeadKind {
    /// It is the first line.
    Params,
}

/// One document.
#[derive(Deserialize)]
struct Document<'a> {
    params: Params,
    #[serde(flatten)]
    comments: Comments,
    #[serde(borrow)]
    events: Vec<Record<'a>>,
}

/// Reads a file and computes the report of its own period, or of `period`. Memory does not grow with the number of
/// lines.
pub(super) fn report_of(path: &Path, period: Option<Period>) -> Result<Report, InputError> {
    let failed = |error| InputError::Io {
        path: path.to_owned(),
        error,
    };
    let file = File::open(path).map_err(failed)?;
    let size = file.metadata().map_err(failed)?.len();
    let mut reader = BufReader::new(Progress::new(file, size));
    let packed = reader.fill_buf().map_err(failed)?.starts_with(&GZIP);
    let reader: Box<dyn Read> = if packed {
        Box::new(MultiGzDecoder::new(reader))
    } else {
        Box::new(reader)
    };
    let mut lines = Lines {
        path,
        reader: BufReader::with_capacity(1 << 16, reader),
        line: Vec::new(),
        number: 0,
    };
    lines.next()?;
    let tally = match serde_json::from_slice::<Head>(&lines.line) {
        Ok(head) => {
            let mut tally = tally(head.params, head.comments, period)?;
            while lines.next()? {
                let record = serde_json::from_slice::<Record<'_>>(&lines.line)
                    .map_err(|error| lines.wrong(error))?;
                tally.add(&record);
            }
            tally
        }
        Err(_) if serde_json::from_slice::<Record<'_>>(&lines.line).is_ok() => {
            return Err(InputError::NoParams(path.to_owned()));
        }
        Err(_) => {
            let text = lines.rest()?;
            let wrong = |error| InputError::Document {
                path: path.to_owned(),
                error,
            };
            let document: Document<'_> = serde_json::from_slice(&text).map_err(wrong)?;
            let mut tally = tally(document.params, document.comments, period)?;
            for record in &document.events {
                tally.add(record);
            }
            tally
        }
    };
    let duplicates = tally.duplicates();
    if duplicates > 0 {
        out::note(&format!("{duplicates} records were there more than once"));
    }
    Ok(tally.report())
}

fn tally(
    mut params: Params,
    comments: Comments,
    period: Option<Period>,
) -> Result<Tally, ParamsError> {
    if let Some(period) = period {
        params.move_to(period);
    }
    Tally::new(params, comments)
}

/// Lines of a file, one at a time in the same memory.
struct Lines<'a> {
    path: &'a Path,
    reader: BufReader<Box<dyn Read>>,
    line: Vec<u8>,
    number: u64,
}

impl Lines<'_> {
    /// Goes on to the next line that is not blank; whether there is one.
    fn next(&mut self) -> Result<bool, InputError> {
        loop {
            self.line.clear();
            self.number += 1;
            let count = self
                .reader
                .read_until(b'\n', &mut self.line)
                .map_err(|error| self.failed(error))?;
            if count == 0 {
                return Ok(false);
            }
            if !self.line.trim_ascii().is_empty() {
                return Ok(true);
            }
        }
    }

    /// This line and all after it.
    fn rest(mut self) -> Result<Vec<u8>, InputError> {
        let mut text = std::mem::take(&mut self.line);
        self.reader
            .read_to_end(&mut text)
            .map_err(|error| self.failed(error))?;
        Ok(text)
    }

    fn failed(&self, error: std::io::Error) -> InputError {
        InputError::Io {
            path: self.path.to_owned(),
            error,
        }
    }

    fn wrong(&self, error: serde_json::Error) -> InputError {
        InputError::Line {
            path: self.path.to_owned(),
            line: self.number,
            error,
        }
    }
}
