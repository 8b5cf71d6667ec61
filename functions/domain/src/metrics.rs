//! What learners do, counted without watching anybody: events in, a summary out.
//!
//! Names, fields and figures are those of the published definitions: see `ARCHITECTURE.md`,
//! "Figures". Raw events are kept and every figure is computed from them, so that a batch sent
//! twice or out of order changes nothing.

mod event;
mod ingest;
mod segment;
mod summary;
mod visitor;

pub use event::{Event, EventKind, Who};
pub use ingest::{Accepted, Incoming, IngestError, MAX_BATCH, Sender, ingest, note_checkout};
pub use segment::{Covered, FINISHED, Segment};
pub use summary::{Summary, summary};
pub use visitor::{daily_secret, visitor_id};

use std::sync::Arc;

use crate::access::ReaderPorts;
use crate::ports::{Counters, DailySecrets, Entropy, Events, Ledger, ProgressBook};

/// What metrics may touch.
#[derive(Clone)]
pub struct MetricPorts {
    /// Who reads.
    pub reader: ReaderPorts,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// Raw events.
    pub events: Arc<dyn Events>,
    /// Money facts.
    pub ledger: Arc<dyn Ledger>,
    /// How far learners have read.
    pub progress: Arc<dyn ProgressBook>,
    /// The secret of the day.
    pub daily_secrets: Arc<dyn DailySecrets>,
    /// Rate limits.
    pub counters: Arc<dyn Counters>,
}
