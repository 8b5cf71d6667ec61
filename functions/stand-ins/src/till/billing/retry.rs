//! When a failed payment is tried again, and what follows when it was tried often enough.

use serde_json::Value;

use super::life;
use crate::till::agenda::{self, Matter};
use crate::till::error::ApiError;
use crate::till::fields::{integer, text};
use crate::till::store::Tx;

/// Days after each failed attempt. After the last one the subscription is canceled.
const DELAYS_DAYS: [i64; 3] = [3, 5, 7];

/// Plans the attempt after the one that `attempt_count` counts; `None` if it was the last.
pub(crate) fn plan(tx: &Tx<'_>, invoice: &Value) -> Result<Option<i64>, ApiError> {
    let id = text(invoice, "id")?;
    let attempts = usize::try_from(integer(invoice, "attempt_count")?).unwrap_or(usize::MAX);
    let Some(days) = attempts.checked_sub(1).and_then(|n| DELAYS_DAYS.get(n)) else {
        agenda::forget(tx, id, Matter::Retry)?;
        return Ok(None);
    };
    let at = tx.second() + days * 86_400;
    agenda::plan(tx, id, Matter::Retry, at)?;
    Ok(Some(at))
}

/// The time for another attempt has come.
pub(crate) fn due(tx: &Tx<'_>, invoice: &str) -> Result<(), ApiError> {
    let invoice = tx.named(invoice)?;
    if text(&invoice, "status")? == "open" {
        life::collect_again(tx, invoice, None)?;
    }
    Ok(())
}
