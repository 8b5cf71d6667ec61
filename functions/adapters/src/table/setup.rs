//! Makes the tables where no template does: under `serve` and in tests.

use std::time::Duration;

use aws_sdk_dynamodb::error::ProvideErrorMetadata as _;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, TableStatus,
    TimeToLiveSpecification, TimeToLiveStatus,
};
use tuition_domain::ports::Unavailable;

use super::failure::unavailable;
use super::{Store, Table};

/// How often a new table is asked whether it is ready, 100 ms apart.
const PATIENCE: u32 = 100;

impl Table {
    /// Makes both tables if they are missing, billed by request, with their TTL attribute. A
    /// deployed shop gets them from its template, so a function may never call this.
    pub async fn ensure(&self) -> Result<(), Unavailable> {
        for store in [Store::Lasting, Store::Ephemeral] {
            self.create(store).await?;
            self.expire(store).await?;
        }
        Ok(())
    }

    async fn create(&self, store: Store) -> Result<(), Unavailable> {
        let attribute = |name: &str| {
            AttributeDefinition::builder()
                .attribute_name(name)
                .attribute_type(ScalarAttributeType::S)
                .build()
                .map_err(Unavailable::new)
        };
        let key = |name: &str, kind: KeyType| {
            KeySchemaElement::builder()
                .attribute_name(name)
                .key_type(kind)
                .build()
                .map_err(Unavailable::new)
        };
        let made = self
            .client
            .create_table()
            .table_name(self.name(store))
            .attribute_definitions(attribute("pk")?)
            .attribute_definitions(attribute("sk")?)
            .key_schema(key("pk", KeyType::Hash)?)
            .key_schema(key("sk", KeyType::Range)?)
            .billing_mode(BillingMode::PayPerRequest)
            .send()
            .await;
        match made {
            Ok(_) => {}
            Err(error) if error.code() == Some("ResourceInUseException") => {}
            Err(error) => return Err(unavailable(error)),
        }
        for _ in 0..PATIENCE {
            let answer = self
                .client
                .describe_table()
                .table_name(self.name(store))
                .send()
                .await
                .map_err(unavailable)?;
            if answer.table.and_then(|table| table.table_status) == Some(TableStatus::Active) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Err(Unavailable::new("the new table is not ready"))
    }

    async fn expire(&self, store: Store) -> Result<(), Unavailable> {
        let answer = self
            .client
            .describe_time_to_live()
            .table_name(self.name(store))
            .send()
            .await
            .map_err(unavailable)?;
        let status = answer
            .time_to_live_description
            .and_then(|description| description.time_to_live_status);
        if matches!(
            status,
            Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)
        ) {
            return Ok(());
        }
        let specification = TimeToLiveSpecification::builder()
            .attribute_name("expires")
            .enabled(true)
            .build()
            .map_err(Unavailable::new)?;
        self.client
            .update_time_to_live()
            .table_name(self.name(store))
            .time_to_live_specification(specification)
            .send()
            .await
            .map_err(unavailable)?;
        Ok(())
    }
}
