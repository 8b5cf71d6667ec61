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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_an_older_version_is_brought_up_with_what_is_in_it() {
        let old = Connection::open_in_memory().unwrap();
        old.execute_batch(STEPS[0]).unwrap();
        old.execute_batch("PRAGMA user_version = 1;").unwrap();
        old.execute_batch("INSERT INTO settings (name, value) VALUES ('kept', '1');")
            .unwrap();
        run(&old).unwrap();
        // Once more changes nothing.
        run(&old).unwrap();
        let counts: (i64, i64) = old
            .query_row(
                "SELECT (SELECT COUNT(*) FROM settings), (SELECT COUNT(*) FROM agenda)",
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .unwrap();
        assert_eq!(counts, (1, 0));
    }

    #[test]
    fn a_file_of_a_newer_version_is_left_alone() {
        let newer = Connection::open_in_memory().unwrap();
        newer.execute_batch("PRAGMA user_version = 99;").unwrap();
        assert!(matches!(run(&newer), Err(StoreError::Newer(99))));
    }
}
