//! Finding objects by what is in them: pages of a list, and what is due.

use rusqlite::types::Value as SqlValue;
use rusqlite::{OptionalExtension as _, ToSql, params};
use serde_json::Value;

use super::{StoreError, Tx};

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
}

/// A pattern in which only `*` is special, for SQLite's `GLOB`.
fn glob(pattern: &str) -> String {
    pattern.replace('[', "[[]").replace('?', "[?]")
}
