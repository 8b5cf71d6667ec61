//! The till's memory: one SQLite file, one writer at a time.
//!
//! Everything that belongs together (the changed objects, their events, the deliveries to make, the
//! stored answer to an idempotency key) is written in one transaction. WAL with `synchronous = NORMAL`:
//! what is committed outlives `SIGKILL`; only loss of power could take the last commits back.
//!
//! Objects are kept as the JSON that the API answers. Knows nothing of what they mean.

use std::cell::RefCell;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use rusqlite::types::Value as SqlValue;
use rusqlite::{Connection, OptionalExtension as _, ToSql, TransactionBehavior, params};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use thiserror::Error;
use tokio::sync::Notify;

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
        let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        match version {
            0 => connection.execute_batch(&format!(
                "BEGIN IMMEDIATE; {SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
            ))?,
            SCHEMA_VERSION => {}
            newer => return Err(StoreError::Newer(newer)),
        }
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

/// Which objects of one kind to list, newest first.
#[derive(Default)]
pub(crate) struct Query {
    /// The value of `object`.
    pub(crate) kind: &'static str,
    /// Fields of the object and what they must be.
    pub(crate) equal: Vec<(&'static str, SqlValue)>,
    /// Fields and the texts one of which they must match, `*` standing for any characters.
    pub(crate) like: Vec<(&'static str, Vec<String>)>,
    /// Comparison and bound, in seconds: `created {">=" | ">" | "<=" | "<"} bound`.
    pub(crate) created: Vec<(&'static str, i64)>,
    /// Only what is older than, or newer than, the object with this id.
    pub(crate) after: Option<String>,
    pub(crate) before: Option<String>,
    pub(crate) limit: usize,
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
        self.connection.execute(
            "INSERT INTO objects (id, kind, created, json, hidden) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                text(object, "id")?,
                text(object, "object")?,
                integer(object, "created")?,
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

    /// One page of objects, newest first, and whether more follow. `None` if the object that
    /// `after` or `before` names isn't there.
    pub(crate) fn list(&self, query: &Query) -> Result<Option<(Vec<Value>, bool)>, StoreError> {
        let mut sql = String::from("SELECT json FROM objects WHERE kind = ?");
        let mut values: Vec<Box<dyn ToSql>> = vec![Box::new(query.kind)];
        for (field, wanted) in &query.equal {
            sql.push_str(&format!(" AND json_extract(json, '$.{field}') = ?"));
            values.push(Box::new(wanted.clone()));
        }
        for (field, patterns) in &query.like {
            let one = format!("json_extract(json, '$.{field}') GLOB ?");
            let any = vec![one; patterns.len()].join(" OR ");
            sql.push_str(&format!(" AND ({any})"));
            for pattern in patterns {
                values.push(Box::new(glob(pattern)));
            }
        }
        for (comparison, bound) in &query.created {
            sql.push_str(&format!(" AND created {comparison} ?"));
            values.push(Box::new(*bound));
        }
        let mut oldest_first = false;
        for (cursor, comparison) in [(&query.after, "<"), (&query.before, ">")] {
            let Some(id) = cursor else { continue };
            let Some(seq) = self.seq(query.kind, id)? else {
                return Ok(None);
            };
            sql.push_str(&format!(" AND seq {comparison} ?"));
            values.push(Box::new(seq));
            oldest_first = comparison == ">";
        }
        let order = if oldest_first { "ASC" } else { "DESC" };
        sql.push_str(&format!(" ORDER BY seq {order} LIMIT {}", query.limit + 1));
        let mut statement = self.connection.prepare(&sql)?;
        let rows = statement.query_map(
            rusqlite::params_from_iter(values.iter().map(AsRef::as_ref)),
            |row| row.get::<_, String>(0),
        )?;
        let mut objects = Vec::new();
        for json in rows {
            objects.push(serde_json::from_str(&json?)?);
        }
        let more = objects.len() > query.limit;
        objects.truncate(query.limit);
        if oldest_first {
            objects.reverse();
        }
        Ok(Some((objects, more)))
    }

    /// The ids of the objects of `kind` with that status whose `field` (seconds) is at or before
    /// `until`, the oldest object first.
    pub(crate) fn ids_due(
        &self,
        kind: &str,
        status: &str,
        field: &'static str,
        until: i64,
    ) -> Result<Vec<String>, StoreError> {
        let mut statement = self.connection.prepare(&format!(
            "SELECT id FROM objects WHERE kind = ?1 AND json_extract(json, '$.status') = ?2
             AND json_extract(json, '$.{field}') <= ?3 ORDER BY seq"
        ))?;
        let ids = statement.query_map(params![kind, status, until], |row| row.get(0))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }

    /// The smallest `field` (seconds) of the objects of `kind` with that status.
    pub(crate) fn earliest(
        &self,
        kind: &str,
        status: &str,
        field: &'static str,
    ) -> Result<Option<i64>, StoreError> {
        Ok(self.connection.query_row(
            &format!(
                "SELECT MIN(json_extract(json, '$.{field}')) FROM objects
                 WHERE kind = ?1 AND json_extract(json, '$.status') = ?2"
            ),
            [kind, status],
            |row| row.get(0),
        )?)
    }

    fn seq(&self, kind: &str, id: &str) -> Result<Option<i64>, StoreError> {
        Ok(self
            .connection
            .query_row(
                "SELECT seq FROM objects WHERE id = ?1 AND kind = ?2",
                [id, kind],
                |row| row.get(0),
            )
            .optional()?)
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

/// A pattern in which only `*` is special, for SQLite's `GLOB`.
fn glob(pattern: &str) -> String {
    pattern.replace('[', "[[]").replace('?', "[?]")
}

const SCHEMA_VERSION: i64 = 1;

const SCHEMA: &str = "
CREATE TABLE objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    created INTEGER NOT NULL,
    json TEXT NOT NULL,
    hidden TEXT NOT NULL
);
CREATE INDEX objects_by_kind ON objects (kind, seq);
CREATE INDEX objects_by_payment ON objects (kind, json_extract(json, '$.payment_intent'));
CREATE INDEX objects_by_status ON objects (kind, json_extract(json, '$.status'));
-- Every attempt to deliver an event; status is null if no answer came.
CREATE TABLE deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL,
    at INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    status INTEGER,
    error TEXT
);
CREATE INDEX deliveries_by_event ON deliveries (event, seq);
-- Deliveries still to make. Times in milliseconds since 1970, by the till's clock.
CREATE TABLE pending (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL UNIQUE,
    due INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    copies INTEGER NOT NULL,
    held INTEGER NOT NULL
);
CREATE INDEX pending_by_due ON pending (due);
CREATE TABLE idempotency (
    key TEXT PRIMARY KEY,
    endpoint TEXT NOT NULL,
    parameters TEXT NOT NULL,
    created INTEGER NOT NULL,
    request TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);
";
