//! `tuition report`: the figures as JSON, as tables for a spreadsheet, and as a page.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use tuition_domain::mail::Locale;
use tuition_domain::metrics::report::{Period, Report};
use tuition_handlers::report::{Frame, page};

use super::input::{self, InputError};
use super::tables;
use crate::Outcome;
use crate::arguments::{Common, ReportCommand};
use crate::report as out;

/// Where a report is written if nothing else is said.
const FOLDER: &str = "report";

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
enum ReportError {
    #[error(transparent)]
    Input(#[from] InputError),
    #[error("can't write {path}: {error}", path = path.display())]
    Write {
        path: PathBuf,
        error: std::io::Error,
    },
    #[error("the output can't be written: {0}")]
    Output(#[from] std::io::Error),
    #[error("the output can't be written: {0}")]
    Json(#[from] serde_json::Error),
    #[error("the output can't be written: {0}")]
    Csv(#[from] csv::Error),
}

/// Runs the command.
pub(crate) fn run(common: &Common, command: &ReportCommand) -> Outcome {
    let period = match (command.from, command.to) {
        (Some(from), Some(to)) if from <= to => Some(Period { from, to }),
        (None, None) => None,
        (Some(_), Some(_)) => return Outcome::Usage("--to is before --from".to_owned()),
        _ => return Outcome::Usage("--from and --to go together".to_owned()),
    };
    match make(common, command, period) {
        Ok(()) => Outcome::Done,
        Err(error) => Outcome::Environment(error.into()),
    }
}

fn make(
    common: &Common,
    command: &ReportCommand,
    period: Option<Period>,
) -> Result<(), ReportError> {
    let (report, duplicates) = input::report_of(&command.events, period)?;
    if duplicates > 0 {
        out::note(&format!("{duplicates} records were there more than once"));
    }
    if common.json {
        let mut stdout = std::io::stdout().lock();
        serde_json::to_writer_pretty(&mut stdout, &report)?;
        writeln!(stdout)?;
    }
    match &command.out {
        Some(folder) => write(folder, &report),
        None if common.json => Ok(()),
        None => write(Path::new(FOLDER), &report),
    }
}

fn write(folder: &Path, report: &Report) -> Result<(), ReportError> {
    fs::create_dir_all(folder).map_err(|error| ReportError::Write {
        path: folder.to_owned(),
        error,
    })?;
    let mut files = vec![("report.json", serde_json::to_vec_pretty(report)?)];
    let frame = Frame::default();
    files.push(("index.html", page(report, &frame, Locale::En).into_bytes()));
    files.push((
        "index.zh.html",
        page(report, &frame, Locale::Zh).into_bytes(),
    ));
    files.extend(tables::all(report)?);
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::write(&path, bytes).map_err(|error| ReportError::Write { path, error })?;
    }
    out::note(&format!("written to {}", folder.display()));
    Ok(())
}
