//! `tuition metrics export`: all records of a stage as lines, which `tuition report` and any database reads.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use tuition_domain::metrics::report::Record;
use tuition_domain::ports::Unavailable;

use super::input::{Head, HeadKind};
use super::stage::Reading;
use crate::Outcome;
use crate::arguments::{Common, MetricsCommand, MetricsDo, MetricsExport};
use crate::report as out;
use crate::stage::{Stage, StageError};

/// Why nothing was exported.
#[derive(Debug, thiserror::Error)]
enum ExportError {
    #[error(transparent)]
    Stage(#[from] StageError),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    #[error("can't write {path}: {error}", path = path.display())]
    Write { path: PathBuf, error: io::Error },
}

/// Runs the command.
pub(crate) fn run(common: &Common, command: &MetricsCommand) -> Outcome {
    let MetricsDo::Export(export) = &command.what;
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return Outcome::Environment(error.into()),
    };
    match runtime.block_on(write(common, export)) {
        Ok(()) => Outcome::Done,
        Err(error) => Outcome::Environment(error.into()),
    }
}

async fn write(common: &Common, command: &MetricsExport) -> Result<(), ExportError> {
    let stage = Stage::open(common, command.source.state.as_deref()).await?;
    let done = export(&stage, command).await;
    stage.close().await;
    let count = done?;
    out::note(&format!(
        "{} written to {}",
        out::plural(count, "record"),
        command.out.display()
    ));
    Ok(())
}

/// Writes beside the file first, so that there is never half of one.
async fn export(stage: &Stage, command: &MetricsExport) -> Result<usize, ExportError> {
    let reading = Reading::new(stage, command.source.since, command.to, None);
    let head = Head {
        kind: HeadKind::Params,
        params: reading.params.clone(),
        comments: reading.comments().await?,
    };
    let failed = |error| ExportError::Write {
        path: command.out.clone(),
        error,
    };
    let partial = command.out.with_extension("partial");
    let mut lines = Lines::create(&partial, is_packed(&command.out)).map_err(failed)?;
    lines.line(&head);
    reading.each(|record| lines.record(record)).await?;
    let count = lines
        .finish()
        .and_then(|count| fs::rename(&partial, &command.out).map(|()| count));
    count.map_err(failed)
}

fn is_packed(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "gz")
}

/// A file of lines. Keeps its first failure until the end, since nobody listens before.
struct Lines {
    out: Option<Box<dyn Finish + Send>>,
    failed: Option<io::Error>,
    count: usize,
}

/// Something to write to that has to be ended.
trait Finish: Write {
    fn finish(self: Box<Self>) -> io::Result<()>;
}

impl Finish for BufWriter<File> {
    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.flush()
    }
}

impl Finish for GzEncoder<BufWriter<File>> {
    fn finish(self: Box<Self>) -> io::Result<()> {
        (*self).finish()?.flush()
    }
}

impl Lines {
    fn create(path: &Path, packed: bool) -> io::Result<Self> {
        let file = BufWriter::with_capacity(1 << 16, File::create(path)?);
        let out: Box<dyn Finish + Send> = if packed {
            Box::new(GzEncoder::new(file, Compression::default()))
        } else {
            Box::new(file)
        };
        Ok(Self {
            out: Some(out),
            failed: None,
            count: 0,
        })
    }

    fn record(&mut self, record: &Record<'_>) {
        self.line(record);
        self.count += 1;
    }

    fn line(&mut self, value: &impl serde::Serialize) {
        if self.failed.is_some() {
            return;
        }
        if let Some(out) = self.out.as_mut() {
            let written = serde_json::to_writer(&mut *out, value).map_err(io::Error::from);
            self.failed = written.and_then(|()| out.write_all(b"\n")).err();
        }
    }

    /// How many records there are.
    fn finish(mut self) -> io::Result<usize> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        match self.out.take() {
            Some(out) => out.finish().map(|()| self.count),
            None => Ok(self.count),
        }
    }
}
