//! The till's memory: one SQLite file, one writer at a time.
//!
//! Everything that belongs together (the changed objects, their events, the deliveries to make, the
//! stored answer to an idempotency key) is written in one transaction. WAL with `synchronous = NORMAL`:
//! what is committed outlives `SIGKILL`; only loss of power could take the last commits back.
//!
//! Objects are kept as the JSON that the API answers. Knows nothing of what they mean.

mod listing;
mod migrations;

use std::cell::RefCell;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use thiserror::Error;
use tokio::sync::Notify;

pub(crate) use listing::Query;

use super::fields::{MissingField, integer, text};
use crate::clock::SteppableClock;

/// The till's database. Clones share it.
#[derive(Clone)]
pub(crate) struct Store {
    connection: Arc<Mutex<Connection>>,
    clock: SteppableClock,
    changed: Arc<Notify>,
}

/// Why the till's memory failed.
#[derive(Debug, Error)]
pub enum StoreError {
    /// SQLite refused.
    #[error("the till's database failed")]
    Sqlite(#[from] rusqlite::Error),
    /// A stored object cannot be read or written as JSON.
    #[error("a stored object is no JSON")]
    Json(#[from] serde_json::Error),
    /// A stored object lacks what all of its kind have.
    #[error(transparent)]
    Field(#[from] MissingField),
    /// A stored object names another that isn't there.
    #[error("a stored object names one that is not there: {0}")]
    Dangling(String),
    /// The file was written by a newer program.
    #[error("the till's database has version {0}, newer than this program")]
    Newer(i64),
    /// The machine gave no random bytes for an id.
    #[error("no random bytes")]
    Random(#[from] getrandom::Error),
    /// The thread that worked on the database died.
    #[error("the till's work was broken off")]
    BrokenOff(#[from] tokio::task::JoinError),
}

impl Store {
    /// Opens `<state_dir>/till.sqlite`, made if it isn't there.
    pub(crate) fn open(state_dir: &Path, clock: SteppableClock) -> Result<Self, StoreError> {
        let connection = Connection::open(state_dir.join("till.sqlite"))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        migrations::run(&connection)?;
        Ok(Self {
            connection: Arc::new(Mutex::new(connection)),
            clock,
            changed: Arc::new(Notify::new()),
        })
    }

    /// Runs `work` in a transaction of its own, alone, on a thread that may block. Commits if it
    /// answers `Ok`, leaves everything as it was if not.
    pub(crate) async fn transact<R, E, W>(&self, work: W) -> Result<R, E>
    where
        W: FnOnce(&Tx<'_>) -> Result<R, E> + Send + 'static,
        R: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let done = self.transact_quietly(work).await;
        self.changed.notify_one();
        done
    }

    /// The same for the one who waits for [`changed`](Self::changed): it is not told.
    pub(crate) async fn transact_quietly<R, E, W>(&self, work: W) -> Result<R, E>
    where
        W: FnOnce(&Tx<'_>) -> Result<R, E> + Send + 'static,
        R: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let store = self.clone();
        tokio::task::spawn_blocking(move || store.transact_here(work))
            .await
            .map_err(|error| E::from(StoreError::BrokenOff(error)))?
    }

    fn transact_here<R, E>(&self, work: impl FnOnce(&Tx<'_>) -> Result<R, E>) -> Result<R, E>
    where
        E: From<StoreError>,
    {
        let failed = |error| E::from(StoreError::Sqlite(error));
        // A transaction that a panic broke off was rolled back when it was dropped.
        let mut connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(failed)?;
        let result = work(&Tx {
            connection: &transaction,
            now: self.clock.now(),
            request: RefCell::new((None, None)),
        })?;
        transaction.commit().map_err(failed)?;
        Ok(result)
    }

    /// Waits until a transaction has ended since the last call.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }
}

/// One transaction, at one time of the clock.
pub(crate) struct Tx<'store> {
    pub(super) connection: &'store Connection,
    now: Timestamp,
    /// The API request that this is done for, and its idempotency key.
    request: RefCell<(Option<String>, Option<String>)>,
}

impl Tx<'_> {
    pub(crate) fn now(&self) -> Timestamp {
        self.now
    }

    /// The time as objects state it: seconds since 1970.
    pub(crate) fn second(&self) -> i64 {
        self.now.as_second()
    }

    /// Says which API request this is done for, and its idempotency key: events tell it.
    pub(crate) fn done_for(&self, request: String, key: Option<String>) {
        self.request.replace((Some(request), key));
    }

    pub(crate) fn request(&self) -> (Option<String>, Option<String>) {
        self.request.borrow().clone()
    }

    /// Adds an object. `hidden` is what the till remembers about it and the API never answers.
    pub(crate) fn insert(&self, object: &Value, hidden: &Value) -> Result<(), StoreError> {
        self.insert_at(object, integer(object, "created")?, hidden)
    }

    /// The same for an object that does not say when it was made.
    pub(crate) fn insert_at(
        &self,
        object: &Value,
        created: i64,
        hidden: &Value,
    ) -> Result<(), StoreError> {
        // A retired object makes room for a new one of its id.
        self.connection.execute(
            "DELETE FROM objects WHERE id = ?1 AND kind LIKE 'deleted %'",
            [text(object, "id")?],
        )?;
        self.connection.execute(
            "INSERT INTO objects (id, kind, created, json, hidden) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                text(object, "id")?,
                text(object, "object")?,
                created,
                serde_json::to_string(object)?,
                serde_json::to_string(hidden)?,
            ],
        )?;
        Ok(())
    }

    /// Replaces the object of that id.
    pub(crate) fn update(&self, object: &Value) -> Result<(), StoreError> {
        let id = text(object, "id")?;
        let rows = self.connection.execute(
            "UPDATE objects SET json = ?2 WHERE id = ?1",
            params![id, serde_json::to_string(object)?],
        )?;
        match rows {
            1 => Ok(()),
            _ => Err(StoreError::Dangling(id.to_owned())),
        }
    }

    /// Takes an object off lists and away from those who ask for it; others may go on naming it.
    pub(crate) fn retire(&self, object: &Value) -> Result<(), StoreError> {
        let kind = text(object, "object")?;
        self.connection.execute(
            "UPDATE objects SET kind = 'deleted ' || ?2 WHERE id = ?1",
            [text(object, "id")?, kind],
        )?;
        Ok(())
    }

    /// The object of that id and kind, `None` if there is none.
    pub(crate) fn find(&self, kind: &str, id: &str) -> Result<Option<Value>, StoreError> {
        let json: Option<String> = self
            .connection
            .query_row(
                "SELECT json FROM objects WHERE id = ?1 AND kind = ?2",
                [id, kind],
                |row| row.get(0),
            )
            .optional()?;
        Ok(json.map(|json| serde_json::from_str(&json)).transpose()?)
    }

    /// The object of that id, of whatever kind, which another one names.
    pub(crate) fn named(&self, id: &str) -> Result<Value, StoreError> {
        let json: Option<String> = self
            .connection
            .query_row("SELECT json FROM objects WHERE id = ?1", [id], |row| {
                row.get(0)
            })
            .optional()?;
        let json = json.ok_or_else(|| StoreError::Dangling(id.to_owned()))?;
        Ok(serde_json::from_str(&json)?)
    }

    /// What the till remembers about an object besides what the API answers.
    pub(crate) fn hidden(&self, id: &str) -> Result<Value, StoreError> {
        let json: Option<String> = self
            .connection
            .query_row("SELECT hidden FROM objects WHERE id = ?1", [id], |row| {
                row.get(0)
            })
            .optional()?;
        let json = json.ok_or_else(|| StoreError::Dangling(id.to_owned()))?;
        Ok(serde_json::from_str(&json)?)
    }

    /// Replaces what the till remembers about an object.
    pub(crate) fn set_hidden(&self, id: &str, hidden: &Value) -> Result<(), StoreError> {
        self.connection.execute(
            "UPDATE objects SET hidden = ?2 WHERE id = ?1",
            params![id, serde_json::to_string(hidden)?],
        )?;
        Ok(())
    }

    /// A remembered value by name, `None` if it was never set.
    pub(crate) fn setting<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StoreError> {
        let json: Option<String> = self
            .connection
            .query_row(
                "SELECT value FROM settings WHERE name = ?1",
                [name],
                |row| row.get(0),
            )
            .optional()?;
        Ok(json.map(|json| serde_json::from_str(&json)).transpose()?)
    }

    pub(crate) fn set_setting<T: Serialize>(
        &self,
        name: &str,
        value: &T,
    ) -> Result<(), StoreError> {
        self.connection.execute(
            "INSERT INTO settings (name, value) VALUES (?1, ?2)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            params![name, serde_json::to_string(value)?],
        )?;
        Ok(())
    }

    /// Runs `work`; if it fails, undoes what it wrote and nothing else of this transaction.
    pub(crate) fn attempt<R, E>(&self, work: impl FnOnce() -> Result<R, E>) -> Result<R, E>
    where
        E: From<StoreError>,
    {
        let run = |sql| {
            self.connection
                .execute_batch(sql)
                .map_err(|error| E::from(StoreError::Sqlite(error)))
        };
        run("SAVEPOINT attempt")?;
        match work() {
            Ok(result) => {
                run("RELEASE attempt")?;
                Ok(result)
            }
            Err(error) => {
                run("ROLLBACK TO attempt; RELEASE attempt")?;
                Err(error)
            }
        }
    }
}
