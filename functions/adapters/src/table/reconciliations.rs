//! How far the comparison with the payment provider has got: one row.

use async_trait::async_trait;
use tuition_domain::checkout::Progress;
use tuition_domain::ports::{Reconciliations, Unavailable};

use super::row;
use super::{Store, Table, keys};

#[async_trait]
impl Reconciliations for Table {
    async fn progress(&self) -> Result<Progress, Unavailable> {
        let item = self.get(Store::Lasting, &keys::reconciliation()).await?;
        let progress = item.as_ref().map(row::doc).transpose()?;
        Ok(progress.unwrap_or_default())
    }

    async fn save_progress(&self, progress: &Progress) -> Result<(), Unavailable> {
        let row = row::with_doc(&keys::reconciliation(), progress)?;
        self.set(Store::Lasting, row).await
    }
}
