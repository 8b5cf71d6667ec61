//! The embedded DynamoDB engine: dynoxide behind a loopback port, its SQLite file in the state folder.
//!
//! Knows no table: the adapter creates what it needs through the SDK, as it would in an account.
//!
//! Durability: the engine opens its file in WAL mode with SQLite's default `synchronous = FULL`, and
//! answers after the commit; an acknowledged write is in the operating system's hands by then and
//! outlives `SIGKILL`. Client request tokens of transactions are kept in memory only.
//!
//! Nothing here deletes by TTL. DynamoDB promises no time for that, so a reader that relies on it is
//! wrong, and here it shows at once.

use std::net::SocketAddr;
use std::path::Path;

use dynoxide::Database;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The running engine.
pub(crate) struct Engine {
    pub(crate) address: SocketAddr,
    pub(crate) task: JoinHandle<()>,
}

/// Why the engine did not start.
#[derive(Debug, Error)]
pub enum EngineError {
    /// The database file could not be opened.
    #[error("the database {path} cannot be opened: {reason}")]
    Open {
        /// The file.
        path: String,
        /// What the engine said.
        reason: String,
    },
    /// No loopback port.
    #[error("no loopback port for the database")]
    Port(#[source] std::io::Error),
}

/// Opens `<state_dir>/dynamodb.sqlite` and serves the DynamoDB API on a free loopback port until
/// `stop` turns true.
pub(crate) async fn start(
    state_dir: &Path,
    mut stop: watch::Receiver<bool>,
) -> Result<Engine, EngineError> {
    let path = state_dir
        .join("dynamodb.sqlite")
        .to_string_lossy()
        .into_owned();
    let database = Database::new(&path).map_err(|error| EngineError::Open {
        path,
        reason: error.to_string(),
    })?;
    let listener = TcpListener::bind(("127.0.0.1", 0))
        .await
        .map_err(EngineError::Port)?;
    let address = listener.local_addr().map_err(EngineError::Port)?;
    let task = tokio::spawn(async move {
        let stopped = async move {
            // An error means that whoever could say "stop" is gone: stop too.
            let _ = stop.wait_for(|stop| *stop).await;
        };
        if let Err(error) = dynoxide::server::serve_with_shutdown(listener, database, stopped).await
        {
            tracing::error!(error, "the embedded DynamoDB ended");
        }
    });
    Ok(Engine { address, task })
}
