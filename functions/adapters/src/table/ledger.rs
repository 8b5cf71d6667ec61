//! Money facts, read by time. They are written together with the order that they come from.

use async_trait::async_trait;
use jiff::civil::Date;
use tuition_domain::checkout::LedgerEntry;
use tuition_domain::identity::OrderId;
use tuition_domain::ports::{Ledger, Unavailable};

use super::{Store, Table, keys, orders, row};

#[async_trait]
impl Ledger for Table {
    async fn ledger(&self, from: Date, to: Date) -> Result<Vec<LedgerEntry>, Unavailable> {
        let mut entries = Vec::new();
        for range in keys::ledger_between(from, to) {
            for item in self.query(&range, None).await? {
                entries.extend(row::doc::<Vec<LedgerEntry>>(&item)?);
            }
        }
        Ok(entries)
    }

    async fn entries_of(&self, order: &OrderId) -> Result<Vec<LedgerEntry>, Unavailable> {
        let Some(item) = self.get(Store::Lasting, &keys::order(order)).await? else {
            return Ok(Vec::new());
        };
        let mut entries = Vec::new();
        for key in orders::ledger_keys(order, &item)? {
            // A row that is gone is what the caller looks for.
            if let Some(item) = self.get(Store::Lasting, &key).await? {
                entries.extend(row::doc::<Vec<LedgerEntry>>(&item)?);
            }
        }
        Ok(entries)
    }
}

impl Table {
    /// Appends made-up entries of one step of an order that does not exist, for a shop that is looked at and not run.
    pub async fn append_made_up(&self, entries: &[LedgerEntry]) -> Result<(), Unavailable> {
        let Some(first) = entries.first() else {
            return Ok(());
        };
        let key = keys::ledger(first.at, &first.order, 0);
        self.set(Store::Lasting, row::with_doc(&key, &entries)?)
            .await
    }
}
