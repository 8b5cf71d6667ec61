//! Idempotency keys: the answer to a request is kept for a day, and given again to the same request.
//!
//! Source: <https://docs.stripe.com/api/idempotent_requests>.

use http::{HeaderMap, Method};
use rusqlite::{OptionalExtension as _, params};

use super::error::ApiError;
use super::store::{StoreError, Tx};

/// How long an answer is kept, in seconds.
const LIFE_S: i64 = 24 * 60 * 60;

/// An answer that is kept.
pub(crate) struct Kept {
    /// The id of the request that it was given to.
    pub(crate) request: String,
    pub(crate) status: u16,
    pub(crate) body: String,
}

/// The key of a request. Only POST is made idempotent by one; the other methods are by themselves.
pub(crate) fn key(method: &Method, headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let Some(key) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    match key.to_str() {
        Ok(key) if !key.is_empty() && key.len() <= 255 => {
            Ok((*method == Method::POST).then(|| key.to_owned()))
        }
        _ => Err(ApiError::invalid(
            "",
            "Idempotency keys have 1 to 255 characters.",
        )),
    }
}

/// The kept answer to `key`, if it was used in the last day, which must have been for the same
/// request: `path` and `parameters`.
pub(crate) fn replay(
    tx: &Tx<'_>,
    key: &str,
    path: &str,
    parameters: &str,
) -> Result<Option<Kept>, ApiError> {
    tx.connection
        .execute(
            "DELETE FROM idempotency WHERE created < ?1",
            [tx.second() - LIFE_S],
        )
        .map_err(StoreError::from)?;
    let known: Option<(String, String, Kept)> = tx
        .connection
        .query_row(
            "SELECT endpoint, parameters, request, status, body FROM idempotency WHERE key = ?1",
            [key],
            |row| {
                let kept = Kept {
                    request: row.get(2)?,
                    status: row.get(3)?,
                    body: row.get(4)?,
                };
                Ok((row.get(0)?, row.get(1)?, kept))
            },
        )
        .optional()
        .map_err(StoreError::from)?;
    let Some((known_path, known_parameters, kept)) = known else {
        return Ok(None);
    };
    let advice =
        format!("Try using a key other than '{key}' if you meant to execute a different request.");
    if known_path != path {
        return Err(ApiError::idempotency(format!(
            "Keys for idempotent requests can only be used for the same endpoint they were first \
             used for ('{path}' vs '{known_path}'). {advice}"
        )));
    }
    if known_parameters != parameters {
        return Err(ApiError::idempotency(format!(
            "Keys for idempotent requests can only be used with the same parameters they were first \
             used with. {advice}"
        )));
    }
    Ok(Some(kept))
}

/// Keeps the answer to `key`.
pub(crate) fn keep(
    tx: &Tx<'_>,
    key: &str,
    path: &str,
    parameters: &str,
    answer: &Kept,
) -> Result<(), StoreError> {
    tx.connection.execute(
        "INSERT INTO idempotency (key, endpoint, parameters, created, request, status, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        params![
            key,
            path,
            parameters,
            tx.second(),
            answer.request,
            answer.status,
            answer.body
        ],
    )?;
    Ok(())
}
