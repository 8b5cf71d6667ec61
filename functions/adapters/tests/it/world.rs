//! An engine of its own for each test, and a clock that the test moves.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use jiff::{SignedDuration, Timestamp};
use tuition_adapters::config::environment;
use tuition_adapters::{OsEntropy, Table, TableNames, aws};
use tuition_domain::ports::{Clock, Entropy as _};

pub(crate) struct TestClock(Mutex<Timestamp>);

impl TestClock {
    pub(crate) fn advance(&self, by: SignedDuration) {
        let mut now = self.0.lock().unwrap();
        *now += by;
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }
}

pub(crate) struct World {
    pub(crate) table: Arc<Table>,
    pub(crate) clock: Arc<TestClock>,
    client: Client,
}

impl World {
    pub(crate) async fn start() -> Self {
        let database = dynoxide::Database::memory().unwrap();
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(dynoxide::server::serve_on(listener, database));
        let world = Self::at(&endpoint);
        world.table.ensure().await.unwrap();
        world
    }

    /// Tables of their own in the emulator that `TUITION_EMULATOR` names.
    pub(crate) async fn in_the_emulator() -> Self {
        let endpoint = environment("TUITION_EMULATOR").expect("TUITION_EMULATOR");
        let mut name = [0; 8];
        OsEntropy.fill(&mut name);
        let world = Self::named(&endpoint, &hex::encode(name));
        world.table.ensure().await.unwrap();
        world
    }

    /// Tables at an address where something may or may not listen.
    pub(crate) fn at(endpoint: &str) -> Self {
        Self::named(endpoint, "shop")
    }

    fn named(endpoint: &str, name: &str) -> Self {
        let sdk = aws::made_up();
        let clock = Arc::new(TestClock(Mutex::new(crate::sample::now())));
        let names = TableNames {
            lasting: name.to_owned(),
            ephemeral: format!("{name}-ephemeral"),
        };
        let mut config = aws_sdk_dynamodb::config::Builder::from(&sdk);
        config.set_endpoint_url(Some(endpoint.to_owned()));
        Self {
            table: Arc::new(Table::new(&sdk, Some(endpoint), names, clock.clone())),
            clock,
            client: Client::from_conf(config.build()),
        }
    }

    /// Every row of a table.
    pub(crate) async fn rows(&self, table: &str) -> Vec<HashMap<String, AttributeValue>> {
        let mut rows = Vec::new();
        let mut pages = self
            .client
            .scan()
            .table_name(table)
            .consistent_read(true)
            .into_paginator()
            .send();
        while let Some(page) = pages.next().await {
            rows.extend(page.unwrap().items.unwrap_or_default());
        }
        rows
    }

    /// The rows that hold `text` anywhere, as text.
    pub(crate) async fn rows_with(&self, text: &str) -> Vec<String> {
        let mut found = Vec::new();
        for table in ["shop", "shop-ephemeral"] {
            let rows = self.rows(table).await;
            found.extend(rows.iter().map(|row| format!("{row:?}")));
        }
        found.retain(|row| row.contains(text));
        found
    }

    /// Changes one attribute of a row behind the adapter's back.
    pub(crate) async fn set(&self, pk: &str, sk: &str, name: &str, value: AttributeValue) {
        self.client
            .update_item()
            .table_name("shop")
            .key("pk", AttributeValue::S(pk.to_owned()))
            .key("sk", AttributeValue::S(sk.to_owned()))
            .update_expression("SET #n = :v")
            .expression_attribute_names("#n", name)
            .expression_attribute_values(":v", value)
            .send()
            .await
            .unwrap();
    }

    /// The value of the TTL attribute that a table has been told of.
    pub(crate) async fn ttl_attribute(&self, table: &str) -> Option<String> {
        let answer = self
            .client
            .describe_time_to_live()
            .table_name(table)
            .send()
            .await
            .unwrap();
        answer.time_to_live_description?.attribute_name
    }
}
