//! `tuition report`: the figures as JSON, as tables for a spreadsheet, and as a page.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use tuition_domain::mail::Locale;
use tuition_domain::metrics::Dropped;
use tuition_domain::metrics::report::{Period, Report, Tally};
use tuition_domain::ports::Unavailable;
use tuition_handlers::report::{Frame, page};

use super::input::{self, InputError};
use super::stage::Reading;
use super::tables;
use crate::Outcome;
use crate::arguments::{Common, ReportCommand};
use crate::report as out;
use crate::stage::{Stage, StageError};

/// Where a report is written if nothing else is said.
const FOLDER: &str = "report";

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
enum ReportError {
    #[error(transparent)]
    Input(#[from] InputError),
    #[error(transparent)]
    Stage(#[from] StageError),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
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
    let (report, frame) = match &command.events {
        Some(file) => (input::report_of(file, period)?, Frame::default()),
        None => tokio::runtime::Runtime::new()?.block_on(of_stage(common, command, period))?,
    };
    if common.json {
        let mut stdout = std::io::stdout().lock();
        serde_json::to_writer_pretty(&mut stdout, &report)?;
        writeln!(stdout)?;
    }
    match &command.out {
        Some(folder) => write(folder, &report, &frame),
        None if common.json => Ok(()),
        None => write(Path::new(FOLDER), &report, &frame),
    }
}

async fn of_stage(
    common: &Common,
    command: &ReportCommand,
    period: Option<Period>,
) -> Result<(Report, Frame), ReportError> {
    let stage = Stage::open(common, command.source.state.as_deref()).await?;
    let made = read(&stage, command, period).await;
    let site = stage.ports.reader.catalog.catalog().site.title.clone();
    stage.close().await;
    let (report, dropped) = made?;
    let frame = Frame {
        site,
        dropped: Some(dropped.events),
        ..Frame::default()
    };
    Ok((report, frame))
}

async fn read(
    stage: &Stage,
    command: &ReportCommand,
    period: Option<Period>,
) -> Result<(Report, Dropped), ReportError> {
    let reading = Reading::new(stage, command.source.since, command.to, period);
    let mut tally =
        Tally::new(reading.params.clone(), reading.comments().await?).map_err(InputError::from)?;
    let dropped = reading.each(|record| tally.add(record)).await?;
    let report = tally.report();
    let dropped = dropped.within(report.period);
    Ok((report, dropped))
}

fn write(folder: &Path, report: &Report, frame: &Frame) -> Result<(), ReportError> {
    fs::create_dir_all(folder).map_err(|error| ReportError::Write {
        path: folder.to_owned(),
        error,
    })?;
    let mut files = vec![("report.json", serde_json::to_vec_pretty(report)?)];
    files.push(("index.html", page(report, frame, Locale::En).into_bytes()));
    files.push((
        "index.zh.html",
        page(report, frame, Locale::Zh).into_bytes(),
    ));
    files.extend(tables::all(report)?);
    for (name, bytes) in files {
        let path = folder.join(name);
        fs::write(&path, bytes).map_err(|error| ReportError::Write { path, error })?;
    }
    out::note(&format!("written to {}", folder.display()));
    Ok(())
}
