//! The calls to the table behind a page of a thread and behind a new comment, and nothing besides: no rule, no limit, no text.
//! `tests/it/comment_calls.rs` holds them to be those that the comments function makes.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Put, ReturnValue, TransactWriteItem,
};

/// Whatever goes wrong at the table.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

type Row = HashMap<String, AttributeValue>;

/// Comments on a page of a thread.
const PAGE: usize = 50;

/// Who asks, about which lesson.
pub struct Asked {
    /// Id of a learner who has an account.
    pub learner: String,
    /// The sort key of a session of theirs.
    pub session: String,
    /// `<course id>/<lesson id>`.
    pub lesson: String,
}

/// The two tables.
pub struct Floor {
    client: Client,
    lasting: String,
    ephemeral: String,
    made: AtomicU64,
}

impl Floor {
    /// Nothing is called yet.
    pub fn new(client: Client, lasting: &str, ephemeral: &str) -> Self {
        Self {
            client,
            lasting: lasting.to_owned(),
            ephemeral: ephemeral.to_owned(),
            made: AtomicU64::new(0),
        }
    }

    /// The first documents of a thread, as they are stored.
    pub async fn page(&self, asked: &Asked) -> Result<Vec<String>, Failure> {
        self.reader(asked).await?;
        let thread = format!("LESSON#{}", asked.lesson);
        let rows = self.query(&thread, "COMMENT#").await?;
        let docs = rows.into_iter().filter_map(|mut row| row.remove("doc"));
        let texts = docs.filter_map(|doc| match doc {
            AttributeValue::S(text) => Some(text),
            _ => None,
        });
        Ok(texts.take(PAGE).collect())
    }

    /// A comment with this document, and what leads to it.
    pub async fn post(&self, asked: &Asked, doc: &str) -> Result<(), Failure> {
        self.reader(asked).await?;
        let turn = self.made.fetch_add(1, Ordering::Relaxed);
        self.count("own").await?;
        self.count("network").await?;
        let learner = format!("LEARNER#{}", asked.learner);
        self.get(&self.lasting, &learner, "STANDING").await?;
        let lesson = format!("LESSON#{}", asked.lesson);
        self.add(&self.lasting, &lesson, "PLACES").await?;
        // Of each text it is counted apart whether it was said before.
        self.count(&format!("text-{turn}")).await?;
        let id = format!(
            "{:032x}",
            u128::from(turn) << 64 | u128::from(std::process::id())
        );
        let comment = format!("COMMENT#{id}");
        let leads = |pk: &str, sk: &str| {
            let mut row = key(pk, sk);
            row.insert("lesson".to_owned(), text(&asked.lesson));
            row
        };
        let mut stored = key(&lesson, &comment);
        stored.insert("doc".to_owned(), text(doc));
        let standing = ConditionCheck::builder()
            .table_name(&self.lasting)
            .set_key(Some(key(&learner, "STANDING")))
            .condition_expression("attribute_not_exists(pk)");
        let items = vec![
            self.put(stored)?,
            TransactWriteItem::builder()
                .condition_check(standing.build()?)
                .build(),
            self.put(leads(&comment, "AT"))?,
            self.put(leads(&learner, &comment))?,
            self.put(leads("QUEUE", &comment))?,
        ];
        let step = self.client.transact_write_items();
        step.set_transact_items(Some(items)).send().await?;
        Ok(())
    }

    /// Who asks, and what opens for them.
    async fn reader(&self, asked: &Asked) -> Result<(), Failure> {
        let learner = format!("LEARNER#{}", asked.learner);
        self.get(&self.lasting, &learner, &asked.session).await?;
        self.get(&self.lasting, &learner, "PROFILE").await?;
        self.query(&learner, "ENTITLEMENT#").await?;
        Ok(())
    }

    /// One use more, beside the uses of the window before.
    async fn count(&self, what: &str) -> Result<(), Failure> {
        let (now, before) = (format!("COUNT#{what}"), format!("COUNT#{what}-before"));
        tokio::try_join!(
            self.add(&self.ephemeral, &now, "COUNT"),
            self.get(&self.ephemeral, &before, "COUNT")
        )?;
        Ok(())
    }

    async fn get(&self, table: &str, pk: &str, sk: &str) -> Result<(), Failure> {
        let call = self.client.get_item().table_name(table);
        let call = call.set_key(Some(key(pk, sk))).consistent_read(true);
        call.send().await?;
        Ok(())
    }

    async fn add(&self, table: &str, pk: &str, sk: &str) -> Result<(), Failure> {
        let call = self.client.update_item().table_name(table);
        call.set_key(Some(key(pk, sk)))
            .update_expression("ADD n :one")
            .expression_attribute_values(":one", AttributeValue::N("1".to_owned()))
            .return_values(ReturnValue::AllNew)
            .send()
            .await?;
        Ok(())
    }

    async fn query(&self, pk: &str, prefix: &str) -> Result<Vec<Row>, Failure> {
        let (mut rows, mut start) = (Vec::new(), None);
        loop {
            let call = self.client.query().table_name(&self.lasting);
            let answer = call
                .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
                .expression_attribute_values(":pk", text(pk))
                .expression_attribute_values(":prefix", text(prefix))
                .set_exclusive_start_key(start)
                .consistent_read(true)
                .send()
                .await?;
            rows.extend(answer.items.unwrap_or_default());
            start = answer.last_evaluated_key;
            if start.is_none() {
                return Ok(rows);
            }
        }
    }

    fn put(&self, row: Row) -> Result<TransactWriteItem, Failure> {
        let put = Put::builder().table_name(&self.lasting).set_item(Some(row));
        Ok(TransactWriteItem::builder().put(put.build()?).build())
    }
}

fn key(pk: &str, sk: &str) -> Row {
    HashMap::from([("pk".to_owned(), text(pk)), ("sk".to_owned(), text(sk))])
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}
