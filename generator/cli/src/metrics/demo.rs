//! `tuition demo-data`: a made-up year in the local shop. The same seed and day give the same data; every record says
//! by its id that it is made up, and reports say so, too.

mod dice;
mod life;

use std::path::PathBuf;

use jiff::tz::TimeZone;
use tuition_domain::checkout::LedgerEntry;
use tuition_domain::metrics::{Dropped, Event, EventBatch};
use tuition_domain::ports::{Events as _, Unavailable};

use self::life::Life;
use super::progress::Bar;
use crate::Outcome;
use crate::arguments::{Common, DemoDataCommand};
use crate::report as out;
use crate::stage::{Stage, StageError};

/// As large as a browser's batch.
const BATCH: usize = 50;

/// Why nothing was made up.
#[derive(Debug, thiserror::Error)]
enum DemoError {
    #[error(transparent)]
    Stage(#[from] StageError),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    #[error("can't make the state folder: {0}")]
    State(std::io::Error),
    #[error("nothing is for sale: give a course a price first")]
    NothingForSale,
}

/// Everything of one day.
#[derive(Default)]
pub(super) struct DayOf {
    pub(super) events: Vec<Event>,
    /// Steps of orders: each is written at once.
    pub(super) ledger: Vec<Vec<LedgerEntry>>,
}

/// Runs the command.
pub(crate) fn run(common: &Common, command: &DemoDataCommand) -> Outcome {
    if common.stage != "local" {
        return Outcome::Usage(
            "made-up data belong into a local shop: leave --stage out".to_owned(),
        );
    }
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return Outcome::Environment(error.into()),
    };
    match runtime.block_on(make(
        common,
        command.state.clone(),
        command.seed,
        command.days,
    )) {
        Ok(()) => Outcome::Done,
        Err(error) => Outcome::Environment(error.into()),
    }
}

async fn make(
    common: &Common,
    state: Option<PathBuf>,
    seed: u64,
    days: u16,
) -> Result<(), DemoError> {
    let state = state.unwrap_or_else(|| common.site.join(".tuition"));
    std::fs::create_dir_all(&state).map_err(DemoError::State)?;
    let stage = Stage::open(common, Some(&state)).await?;
    let done = fill(&stage, seed, days).await;
    stage.close().await;
    let (events, entries) = done?;
    out::note(&format!(
        "{} and {} of the ledger made up; see them with `tuition report`",
        out::plural(events, "event"),
        out::plural(entries, "step")
    ));
    Ok(())
}

async fn fill(stage: &Stage, seed: u64, days: u16) -> Result<(usize, usize), DemoError> {
    let catalog = stage.ports.reader.catalog.catalog();
    let today = stage
        .ports
        .reader
        .clock
        .now()
        .to_zoned(TimeZone::UTC)
        .date();
    let mut life = Life::new(&catalog, seed, today, days).ok_or(DemoError::NothingForSale)?;
    let mut bar = Bar::new("making up");
    let (mut events, mut steps) = (0, 0);
    for number in 0..days {
        let day = life.day(number);
        for batch in day.events.chunks(BATCH) {
            if let Some(last) = batch.last() {
                let batch = EventBatch {
                    day: last.at.to_zoned(TimeZone::UTC).date(),
                    events: batch.to_vec(),
                    dropped: Dropped::default(),
                };
                stage.table.append(&batch).await?;
            }
        }
        for step in &day.ledger {
            stage.table.append_made_up(step).await?;
        }
        events += day.events.len();
        steps += day.ledger.len();
        bar.show(u64::from(number + 1) * 100 / u64::from(days));
    }
    Ok((events, steps))
}
