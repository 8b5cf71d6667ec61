//! The versions of the till's file.

use rusqlite::Connection;

use super::StoreError;

/// Brings the file to the newest version, one step at a time.
pub(super) fn run(connection: &Connection) -> Result<(), StoreError> {
    let newest = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if version > newest {
        return Err(StoreError::Newer(version));
    }
    for (step, number) in STEPS.iter().zip(1..) {
        if number > version {
            connection.execute_batch(&format!(
                "BEGIN IMMEDIATE; {step} PRAGMA user_version = {number}; COMMIT;"
            ))?;
        }
    }
    Ok(())
}

/// What each version added. A step that was released is never changed.
const STEPS: [&str; 2] = [include_str!("schema.sql"), include_str!("agenda.sql")];
