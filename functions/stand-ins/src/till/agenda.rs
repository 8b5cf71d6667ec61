//! What happens at the till by itself: sessions expire, trials and periods end, payments are tried
//! again. Knows when, and who does it, not how.
//!
//! What a jump of the clock passed over happens when the clock lands, in its order; objects and
//! events then bear the time of the landing, periods the times that were planned.

use rusqlite::{OptionalExtension as _, params};

use super::billing::{ends, life, retry};
use super::coupons;
use super::error::ApiError;
use super::intents;
use super::sessions;
use super::store::{StoreError, Tx};

/// What can be planned for an object. One time for each of an object's matters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Matter {
    /// A subscription's trial ends in three days.
    TrialWillEnd,
    /// A subscription's trial or paid period ends.
    PeriodEnds,
    /// A subscription collects money again.
    CollectionResumes,
    /// An invoice is to be charged once more.
    Retry,
    /// A charge's money reaches the balance.
    Balance,
    /// Nobody can redeem a coupon any more.
    CouponEnds,
}

const MATTERS: [(Matter, &str); 6] = [
    (Matter::TrialWillEnd, "trial_will_end"),
    (Matter::PeriodEnds, "period_ends"),
    (Matter::CollectionResumes, "collection_resumes"),
    (Matter::Retry, "retry"),
    (Matter::Balance, "balance"),
    (Matter::CouponEnds, "coupon_ends"),
];

impl Matter {
    fn name(self) -> &'static str {
        MATTERS
            .iter()
            .find(|(matter, _)| *matter == self)
            .map_or("", |(_, name)| name)
    }

    fn named(name: &str) -> Option<Self> {
        MATTERS
            .iter()
            .find(|(_, known)| *known == name)
            .map(|(matter, _)| *matter)
    }
}

/// Plans it for `at` (seconds since 1970), instead of when it was planned for before.
pub(crate) fn plan(tx: &Tx<'_>, subject: &str, matter: Matter, at: i64) -> Result<(), StoreError> {
    tx.connection.execute(
        "INSERT INTO agenda (subject, matter, at) VALUES (?1, ?2, ?3)
         ON CONFLICT (subject, matter) DO UPDATE SET at = excluded.at",
        params![subject, matter.name(), at],
    )?;
    Ok(())
}

/// It will not happen.
pub(crate) fn forget(tx: &Tx<'_>, subject: &str, matter: Matter) -> Result<(), StoreError> {
    tx.connection.execute(
        "DELETE FROM agenda WHERE subject = ?1 AND matter = ?2",
        params![subject, matter.name()],
    )?;
    Ok(())
}

/// Nothing will happen to `subject` by itself.
pub(crate) fn forget_all(tx: &Tx<'_>, subject: &str) -> Result<(), StoreError> {
    tx.connection
        .execute("DELETE FROM agenda WHERE subject = ?1", [subject])?;
    Ok(())
}

/// Lets everything happen whose time has come, the earliest first.
pub(crate) fn run_due(tx: &Tx<'_>) -> Result<(), ApiError> {
    sessions::expire_due(tx)?;
    // A period that ends may plan the next one, which may be over too. What is left after so many
    // comes with the next call, so that a leap of centuries does not hold one transaction for ever.
    for _ in 0..MOST_AT_ONCE {
        let Some((subject, matter)) = take_due(tx)? else {
            break;
        };
        match matter {
            Some(Matter::TrialWillEnd) => life::announce_trial_end(tx, &subject)?,
            Some(Matter::PeriodEnds) => life::end_period(tx, &subject)?,
            Some(Matter::CollectionResumes) => ends::resume_collection(tx, &subject)?,
            Some(Matter::Retry) => retry::due(tx, &subject)?,
            Some(Matter::Balance) => intents::settle_balance(tx, &subject)?,
            Some(Matter::CouponEnds) => coupons::end(tx, &subject)?,
            None => tracing::warn!(%subject, "the till planned what it does not know"),
        }
    }
    Ok(())
}

/// When something happens next by itself, in seconds since 1970; `None` if nothing is planned.
pub(crate) fn next(tx: &Tx<'_>) -> Result<Option<i64>, StoreError> {
    let planned: Option<i64> =
        tx.connection
            .query_row("SELECT MIN(at) FROM agenda", [], |row| row.get(0))?;
    let expiry = sessions::next_expiry(tx)?;
    Ok(planned.into_iter().chain(expiry).min())
}

const MOST_AT_ONCE: usize = 1000;

fn take_due(tx: &Tx<'_>) -> Result<Option<(String, Option<Matter>)>, StoreError> {
    let due: Option<(String, String)> = tx
        .connection
        .query_row(
            "SELECT subject, matter FROM agenda WHERE at <= ?1 ORDER BY at, rowid LIMIT 1",
            [tx.second()],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let Some((subject, name)) = due else {
        return Ok(None);
    };
    tx.connection.execute(
        "DELETE FROM agenda WHERE subject = ?1 AND matter = ?2",
        params![subject, name],
    )?;
    Ok(Some((subject, Matter::named(&name))))
}
