//! What learners do, counted without watching anybody: events in, a summary out.
//!
//! Names, fields and figures are those of the published definitions: see `ARCHITECTURE.md`,
//! "Figures". Raw events are kept and every figure is computed from them, so that a batch sent
//! twice or out of order changes nothing.

mod event;
mod fact;
mod ingest;
mod personal;
mod records;
pub mod report;
mod segment;
mod summary;
mod visitor;

pub use event::{Dropped, Event, EventBatch, EventKind, Utm, Who};
pub use fact::Incoming;
pub use ingest::{Accepted, IngestError, MAX_BATCH, Sender, ingest, note_checkout};
pub use records::{DroppedOn, FiguresError, Records, report_of};
pub use segment::{Covered, FINISHED, Mark, Place, Segment};
pub use summary::{Summary, summary};
pub use visitor::{daily_secret, visitor_id};

use std::sync::Arc;

use crate::ports::{
    CatalogSource, Clock, Counters, DailySecrets, Entropy, Erasures, Events, Ledger, ProgressBook,
};

/// What metrics may touch. Nothing of people: who sends events is what their access token says.
#[derive(Clone)]
pub struct MetricPorts {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The catalog.
    pub catalog: Arc<dyn CatalogSource>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// Raw events.
    pub events: Arc<dyn Events>,
    /// Money facts.
    pub ledger: Arc<dyn Ledger>,
    /// Who is not to be believed in any more.
    pub erasures: Arc<dyn Erasures>,
    /// How far learners have read.
    pub progress: Arc<dyn ProgressBook>,
    /// The secret of the day.
    pub daily_secrets: Arc<dyn DailySecrets>,
    /// Rate limits.
    pub counters: Arc<dyn Counters>,
}
