//! Money facts, read by time. They are written together with the order that they come from.

use async_trait::async_trait;
use jiff::civil::Date;
use tuition_domain::checkout::LedgerEntry;
use tuition_domain::ports::{Ledger, Unavailable};

use super::{Table, keys, row};

#[async_trait]
impl Ledger for Table {
    async fn ledger(&self, from: Date, to: Date) -> Result<Vec<LedgerEntry>, Unavailable> {
        let mut entries = Vec::new();
        for range in keys::ledger_between(from, to) {
            for item in self.query(&range, None).await? {
                entries.push(row::doc(&item)?);
            }
        }
        Ok(entries)
    }
}
