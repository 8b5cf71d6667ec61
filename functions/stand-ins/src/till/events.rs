//! Events: made with the change they tell, queued for delivery, and what became of each attempt.
//!
//! Knows when a delivery is due, not how it is made.

use bytes::Bytes;
use rusqlite::{OptionalExtension as _, params};
use serde_json::{Value, json};

use super::agenda;
use super::error::ApiError;
use super::faults::next_fate;
use super::fields::{integer, set, text};
use super::ids::random_id;
use super::objects::API_VERSION;
use super::store::{StoreError, Tx};

/// Makes the event that `object` became what it is, and queues its delivery. `before` holds the
/// fields that changed, for the events that tell them.
pub(crate) fn emit(
    tx: &Tx<'_>,
    kind: &str,
    object: &Value,
    before: Option<Value>,
) -> Result<(), StoreError> {
    let id = random_id("evt_1", 23)?;
    let mut data = json!({ "object": object });
    if let (Some(before), Some(data)) = (before, data.as_object_mut()) {
        data.insert("previous_attributes".to_owned(), before);
    }
    let (request, key) = tx.request();
    let event = json!({
        "id": id,
        "object": "event",
        "api_version": API_VERSION,
        "created": tx.second(),
        "data": data,
        "livemode": false,
        "pending_webhooks": 1,
        "request": { "id": request, "idempotency_key": key },
        "type": kind,
    });
    let fate = next_fate(tx)?;
    tx.insert(&event, &json!({ "fate": fate }))?;
    if fate.drop {
        return Ok(());
    }
    let held_back = if fate.reorder { LONGEST_HOLD_MS } else { 0 };
    let due = tx.now().as_millisecond() + fate.delay_ms + held_back;
    let copies = if fate.duplicate { 2 } else { 1 };
    queue(tx, &id, due, copies, fate.reorder)
}

/// Queues one more delivery of an event, at once.
pub(crate) fn resend(tx: &Tx<'_>, event: &str) -> Result<(), StoreError> {
    queue(tx, event, tx.now().as_millisecond(), 1, false)
}

/// The attempts to deliver an event, the first one first.
pub(crate) fn deliveries(tx: &Tx<'_>, event: &str) -> Result<Vec<Value>, StoreError> {
    let mut statement = tx.connection.prepare_cached(
        "SELECT at, attempt, status, error FROM deliveries WHERE event = ?1 ORDER BY seq",
    )?;
    let rows = statement.query_map([event], |row| {
        let at: i64 = row.get(0)?;
        Ok(json!({
            "at": jiff::Timestamp::from_millisecond(at).unwrap_or_default(),
            "attempt": row.get::<_, i64>(1)?,
            "status": row.get::<_, Option<u16>>(2)?,
            "error": row.get::<_, Option<String>>(3)?,
        }))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// When the next delivery of an event is due, in milliseconds since 1970; `None` if none is planned.
pub(crate) fn next_delivery(tx: &Tx<'_>, event: &str) -> Result<Option<i64>, StoreError> {
    Ok(tx
        .connection
        .query_row("SELECT due FROM pending WHERE event = ?1", [event], |row| {
            row.get(0)
        })
        .optional()?)
}

/// An event whose delivery is due.
pub(crate) struct Parcel {
    pub(crate) event: String,
    /// Counts all attempts, resent ones too, from 1.
    pub(crate) attempt: i64,
    /// Counts the refused attempts since it was queued; the back-off grows with it.
    pub(crate) refused: i64,
    pub(crate) body: Bytes,
    /// When the event was made, in seconds since 1970.
    pub(crate) made: i64,
}

/// What there is to do.
pub(crate) enum Task {
    Deliver(Parcel),
    /// Nothing before this time (milliseconds since 1970 by the clock).
    Wait(Option<i64>),
}

/// How an attempt went.
pub(crate) struct Answer {
    pub(crate) status: Option<u16>,
    pub(crate) error: Option<String>,
}

fn queue(tx: &Tx<'_>, event: &str, due: i64, copies: i64, held: bool) -> Result<(), StoreError> {
    tx.connection.execute(
        "INSERT INTO pending (event, due, attempts, copies, held) VALUES (?1, ?2, 0, ?3, ?4)
         ON CONFLICT (event) DO UPDATE SET due = MIN(due, excluded.due), held = 0",
        params![event, due, copies, held],
    )?;
    Ok(())
}

/// After a restart nobody waits for the end of a back-off.
pub(crate) fn retry_all_now(tx: &Tx<'_>) -> Result<(), StoreError> {
    tx.connection.execute(
        "UPDATE pending SET due = MIN(due, ?1) WHERE attempts > 0",
        [tx.now().as_millisecond()],
    )?;
    Ok(())
}

/// What is to be done now. Lets what is due at the till happen on the way.
pub(crate) fn next_task(tx: &Tx<'_>) -> Result<Task, ApiError> {
    agenda::run_due(tx)?;
    let now = tx.now().as_millisecond();
    // Among those that are due the oldest event goes first.
    let due: Option<(String, i64)> = tx
        .connection
        .query_row(
            "SELECT event, attempts FROM pending WHERE due <= ?1 ORDER BY seq LIMIT 1",
            [now],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()
        .map_err(StoreError::from)?;
    if let Some((event, attempts)) = due {
        let object = tx.named(&event)?;
        return Ok(Task::Deliver(Parcel {
            attempt: 1 + attempts_made(tx, &event)?,
            refused: attempts,
            body: body(tx, &event)?,
            made: integer(&object, "created")?,
            event,
        }));
    }
    let next: Option<i64> = tx
        .connection
        .query_row("SELECT MIN(due) FROM pending", [], |row| row.get(0))
        .map_err(StoreError::from)?;
    let planned = agenda::next(tx)?.map(|second| second.saturating_mul(1000));
    Ok(Task::Wait(next.into_iter().chain(planned).min()))
}

/// The bytes that are sent. Stripe indents its objects; a receiver must not depend on it, or on ours.
pub(crate) fn body(tx: &Tx<'_>, event: &str) -> Result<Bytes, StoreError> {
    Ok(serde_json::to_vec_pretty(&tx.named(event)?)?.into())
}

fn attempts_made(tx: &Tx<'_>, event: &str) -> Result<i64, StoreError> {
    Ok(tx.connection.query_row(
        "SELECT COUNT(*) FROM deliveries WHERE event = ?1",
        [event],
        |row| row.get(0),
    )?)
}

/// Notes an attempt and plans what follows: nothing, the second copy, or another attempt.
pub(crate) fn record(tx: &Tx<'_>, parcel: &Parcel, answer: &Answer) -> Result<(), StoreError> {
    let now = tx.now().as_millisecond();
    tx.connection.execute(
        "INSERT INTO deliveries (event, at, attempt, status, error) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![
            parcel.event,
            now,
            parcel.attempt,
            answer.status,
            answer.error
        ],
    )?;
    // Whoever was held back to be overtaken has been.
    tx.connection.execute(
        "UPDATE pending SET due = MIN(due, ?2), held = 0 WHERE held = 1
         AND seq < (SELECT seq FROM pending WHERE event = ?1)",
        params![parcel.event, now],
    )?;
    let taken = answer
        .status
        .is_some_and(|status| (200..300).contains(&status));
    if taken {
        tx.connection.execute(
            "UPDATE pending SET copies = copies - 1, attempts = 0, due = ?2 WHERE event = ?1",
            params![parcel.event, now],
        )?;
        tx.connection.execute(
            "DELETE FROM pending WHERE event = ?1 AND copies < 1",
            [&parcel.event],
        )?;
        let mut event = tx.named(&parcel.event)?;
        if event.get("pending_webhooks") != Some(&json!(0)) {
            set(&mut event, [("pending_webhooks", 0.into())])?;
            tx.update(&event)?;
        }
        return Ok(());
    }
    let age = tx.second() - parcel.made;
    if age > GIVE_UP_S {
        tracing::warn!(event = %parcel.event, "the till gives up delivering an event");
        tx.connection
            .execute("DELETE FROM pending WHERE event = ?1", [&parcel.event])?;
        return Ok(());
    }
    let wait = usize::try_from(parcel.refused)
        .ok()
        .and_then(|refused| BACK_OFF_MS.get(refused))
        .unwrap_or(&LONGEST_BACK_OFF_MS);
    tx.connection.execute(
        "UPDATE pending SET attempts = ?2, due = ?3 WHERE event = ?1",
        params![parcel.event, parcel.refused + 1, now + wait],
    )?;
    let kind = tx.named(&parcel.event)?;
    tracing::info!(
        event = %parcel.event,
        kind = text(&kind, "type")?,
        status = answer.status,
        error = answer.error.as_deref(),
        "an event was not taken and will be sent again"
    );
    Ok(())
}

/// How long an event waits to be overtaken.
const LONGEST_HOLD_MS: i64 = 1000;
/// Waits between attempts. Stripe's are minutes and hours.
const BACK_OFF_MS: [i64; 3] = [200, 1000, 5000];
const LONGEST_BACK_OFF_MS: i64 = 15_000;
/// Like Stripe, three days.
const GIVE_UP_S: i64 = 3 * 86_400;
