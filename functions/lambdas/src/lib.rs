//! What the four Lambda binaries share: the log, and what stands before every function.

mod jobs;
mod keys;
mod told;

use std::sync::Arc;

use tuition_adapters::Outside;
use tuition_adapters::config::Base;
use tuition_handlers::Front;

pub use jobs::run_with_jobs;
pub use keys::CurrentKeys;
pub use told::{Told, ToldError};

/// One JSON object per line on standard output, where Lambda collects it.
pub fn start_log() {
    tracing_subscriber::fmt()
        .json()
        .with_target(false)
        .with_max_level(tracing::Level::INFO)
        .init();
}

/// The site as its configuration says.
pub fn front(base: &Base, outside: &Outside) -> Front {
    Front {
        origin: base.origin.clone(),
        edge_secret: base.edge_secret.expose().to_owned(),
        entropy: Arc::clone(&outside.entropy),
        catalog: Arc::clone(&outside.catalog),
    }
}
