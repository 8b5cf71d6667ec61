//! `tuition keys`: which keys there are, and putting a new one in place without a reader noticing.
//!
//! What the steps are and when each is due is in `tuition-domain`; here is where the keys lie, and
//! the waiting.

mod deployed;
mod local;

use std::io::Write as _;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp, Unit};
use serde_json::json;
use tuition_adapters::{OsEntropy, SystemClock};
use tuition_domain::ports::{Clock, Unavailable};
use tuition_domain::token::KeysFile;
use tuition_domain::token::rotation::{self, Advance, Begin, KeyStore, Phase, advance};

use self::deployed::{DeployedError, DeployedStage};
use self::local::LocalStage;
use crate::Outcome;
use crate::arguments::{Common, KeysCommand, KeysDo, Rotate};
use crate::report;

/// How often the stage's clock is looked at while a rotation waits.
const LOOK: Duration = Duration::from_millis(200);

/// Why nothing came of it.
#[derive(Debug, thiserror::Error)]
enum KeysError {
    #[error("{0} has no keys: `tuition serve` makes them")]
    NoKeys(String),
    #[error("there is no {0}: `tuition keys rotate` makes the first key")]
    NoParameter(String),
    #[error(transparent)]
    Deployed(#[from] DeployedError),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    #[error("the output can't be written: {0}")]
    Output(#[from] std::io::Error),
}

/// Runs the command.
pub(crate) fn run(common: &Common, command: &KeysCommand) -> Outcome {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return Outcome::Environment(error.into()),
    };
    match runtime.block_on(keys(common, command)) {
        Ok(()) => Outcome::Done,
        Err(error) => Outcome::Environment(error.into()),
    }
}

async fn keys(common: &Common, command: &KeysCommand) -> Result<(), KeysError> {
    match common.stage.as_str() {
        "local" => keys_here(common, command).await,
        stage => keys_deployed(stage, common, command).await,
    }
}

async fn keys_deployed(
    stage: &str,
    common: &Common,
    command: &KeysCommand,
) -> Result<(), KeysError> {
    let stage = DeployedStage::open(stage).await?;
    let stored = stage.stored().await?;
    match (&command.what, stored) {
        (KeysDo::Rotate(_), None) => {
            let id = rotation::begin(&stage, &OsEntropy).await?;
            report::note(&format!("{id} is made: it signs and verifies"));
        }
        (KeysDo::Rotate(how), Some(_)) => rotate(&stage, &SystemClock, waiting(how)).await?,
        (KeysDo::List, None) => return Err(KeysError::NoParameter(stage.parameter)),
        (KeysDo::List, Some(_)) => {}
    }
    list(&stage.keys().await?, SystemClock.now(), common.json)
}

async fn keys_here(common: &Common, command: &KeysCommand) -> Result<(), KeysError> {
    let default = || common.site.join(".tuition");
    let state = command.state.clone().unwrap_or_else(default);
    let stage =
        LocalStage::open(&state)?.ok_or_else(|| KeysError::NoKeys(state.display().to_string()))?;
    if let KeysDo::Rotate(how) = &command.what {
        rotate(&stage, &stage, waiting(how)).await?;
    }
    list(&stage.keys().await?, stage.now(), common.json)
}

/// Whether a command stays until there is nothing left to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waiting {
    Yes,
    No,
}

fn waiting(how: &Rotate) -> Waiting {
    if how.no_wait {
        Waiting::No
    } else {
        Waiting::Yes
    }
}

/// Begins a rotation, or goes on with the one that is under way.
async fn rotate(
    store: &dyn KeyStore,
    clock: &dyn Clock,
    waiting: Waiting,
) -> Result<(), Unavailable> {
    let mut begin = Begin::Yes;
    loop {
        let done = advance(store, clock, &OsEntropy, begin).await?;
        begin = Begin::No;
        match done {
            Advance::Made { id } => report::note(&format!("{id} is made and verifies")),
            Advance::Signs { id, old } => {
                report::note(&format!("{id} signs, {old} only verifies"));
            }
            Advance::Removed { id } => report::note(&format!("{id} is gone")),
            Advance::Settled => return Ok(()),
            Advance::Waits { id, phase, until } => {
                let shown = to_second(until);
                report::note(&format!("until {shown}: {}", reason(&id, phase)));
                if waiting == Waiting::No {
                    return Ok(());
                }
                while clock.now() < until {
                    tokio::time::sleep(LOOK).await;
                }
            }
        }
    }
}

/// Without the fraction, which nobody waits for.
fn to_second(at: Timestamp) -> Timestamp {
    at.round(Unit::Second).unwrap_or(at)
}

fn reason(id: &str, phase: Phase) -> String {
    match phase {
        Phase::Retired => format!("tokens that {id} signed may still be good"),
        Phase::Verifying | Phase::Signing => format!("{id} is not known everywhere yet"),
    }
}

fn list(keys: &KeysFile, now: Timestamp, json: bool) -> Result<(), KeysError> {
    let next = match keys.found(now) {
        Advance::Waits { until, .. } => Some(until),
        Advance::Settled => None,
        _ => Some(now),
    };
    let mut out = std::io::stdout().lock();
    if json {
        let told = json!({ "keys": keys.states(), "next_step_at": next });
        writeln!(out, "{told:#}")?;
        return Ok(());
    }
    for key in keys.states() {
        let phase = match key.phase {
            Phase::Signing => "signs",
            Phase::Verifying => "verifies, signs next",
            Phase::Retired => "verifies, goes next",
        };
        match key.since {
            Some(since) => {
                let since = to_second(since);
                writeln!(out, "{:<14}  {phase:<20}  since {since}", key.id)?;
            }
            None => writeln!(out, "{:<14}  {phase}", key.id)?,
        }
    }
    if let Some(next) = next {
        let seconds = next.duration_since(now).as_secs().max(0);
        let wait = SignedDuration::from_secs(seconds);
        report::note(&format!(
            "a rotation is under way: `tuition keys rotate` goes on with it, in {wait:#}"
        ));
    }
    Ok(())
}
