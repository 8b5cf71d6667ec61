//! The few calls to DynamoDB that all ports are written in, and what their failures mean.
//!
//! Knows no key and no entity. A failed condition is an answer, not an error. A conflict between
//! transactions says nothing about any condition, so it is tried again here, a few times; the SDK
//! itself tries again what may be lost on the way, and sends a transaction again under the same
//! token, so that its second arrival changes nothing.

use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use futures::Stream;
use tuition_domain::ports::{Unavailable, Written};

use super::failure::{
    Failure, Refusal, contended, failure, found, fresh_token, pause, refusal, unavailable,
};
use super::keys::{Key, Range};
use super::row::Item;
use super::write::{Action, Write, attributes};
use super::{Store, Table};

/// How often a write that lost against another transaction is sent again.
const TRIES: u32 = 7;

/// What became of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Transacted {
    /// All of it is durable.
    Done,
    /// Nothing was written: the conditions of the writes at these positions did not hold.
    Refused(Vec<usize>),
    /// Nothing was written: other transactions were in the way each time.
    Contended,
}

/// What became of an update.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Updated {
    /// It is durable; the row after it.
    Yes(Item),
    /// Its condition did not hold of this row, or there is none.
    No(Option<Item>),
}

impl Transacted {
    /// For a transaction whose only conditions say "nobody else was first".
    pub(super) fn written(self) -> Result<Written, Unavailable> {
        match self {
            Self::Done => Ok(Written::Yes),
            Self::Refused(_) => Ok(Written::Conflict),
            Self::Contended => Err(contended()),
        }
    }
}

impl Table {
    /// The row, as it is now.
    pub(super) async fn get(&self, store: Store, key: &Key) -> Result<Option<Item>, Unavailable> {
        let answer = self
            .client
            .get_item()
            .table_name(self.name(store))
            .set_key(Some(attributes(key)))
            .consistent_read(true)
            .send()
            .await
            .map_err(unavailable)?;
        Ok(answer.item)
    }

    /// The rows of a range in the order of their sort keys, up to `limit`.
    pub(super) async fn query(
        &self,
        range: &Range,
        limit: Option<usize>,
    ) -> Result<Vec<Item>, Unavailable> {
        let mut rows = Vec::new();
        let mut start = None;
        loop {
            let left = limit.map(|limit| limit.saturating_sub(rows.len()));
            if left == Some(0) {
                return Ok(rows);
            }
            let (items, next) = self.page(range, left, start).await?;
            rows.extend(items);
            start = next;
            if start.is_none() {
                return Ok(rows);
            }
        }
    }

    /// The rows of a range in the order of their sort keys, as many at a time as come in one answer: up to a megabyte.
    pub(super) fn pages(&self, range: Range) -> impl Stream<Item = Result<Vec<Item>, Unavailable>> {
        let first = Some((range, None));
        futures::stream::try_unfold(first, move |next| async move {
            let Some((range, start)) = next else {
                return Ok(None);
            };
            let (items, start) = self.page(&range, None, start).await?;
            Ok(Some((items, start.map(|start| (range, Some(start))))))
        })
    }

    /// One answer, and where the next one starts, if there is one.
    async fn page(
        &self,
        range: &Range,
        limit: Option<usize>,
        start: Option<Item>,
    ) -> Result<(Vec<Item>, Option<Item>), Unavailable> {
        let answer = self
            .client
            .query()
            .table_name(self.name(Store::Lasting))
            .key_condition_expression("pk = :pk AND sk BETWEEN :from AND :to")
            .expression_attribute_values(":pk", AttributeValue::S(range.pk.clone()))
            .expression_attribute_values(":from", AttributeValue::S(range.from.clone()))
            .expression_attribute_values(":to", AttributeValue::S(range.to.clone()))
            .set_limit(limit.map(|limit| i32::try_from(limit).unwrap_or(i32::MAX)))
            .set_exclusive_start_key(start)
            .consistent_read(true)
            .send()
            .await
            .map_err(unavailable)?;
        Ok((answer.items.unwrap_or_default(), answer.last_evaluated_key))
    }

    /// One write by itself.
    pub(super) async fn write(&self, store: Store, write: Write) -> Result<Written, Unavailable> {
        for turn in 0..TRIES {
            pause(turn).await;
            match self.write_once(store, write.clone()).await {
                Err(Failure::Condition) => return Ok(Written::Conflict),
                Err(Failure::Conflict) => {}
                Err(Failure::Other(error)) => return Err(error),
                Ok(()) => return Ok(Written::Yes),
            }
        }
        Err(contended())
    }

    /// Writes a row, whatever was there.
    pub(super) async fn set(&self, store: Store, row: Item) -> Result<(), Unavailable> {
        match self.write(store, Write::put(row)).await? {
            Written::Yes => Ok(()),
            Written::Conflict => Err(contended()),
        }
    }

    /// Removes a row of the lasting table; one that is not there is fine.
    pub(super) async fn remove(&self, key: &Key) -> Result<(), Unavailable> {
        match self
            .write(Store::Lasting, Write::delete(key.clone()))
            .await?
        {
            Written::Yes => Ok(()),
            Written::Conflict => Err(contended()),
        }
    }

    async fn write_once(&self, store: Store, write: Write) -> Result<(), Failure> {
        let values = write.values();
        let table = self.name(store);
        match write.action {
            Action::Put(row) => self
                .client
                .put_item()
                .table_name(table)
                .set_item(Some(row))
                .set_condition_expression(write.condition)
                .set_expression_attribute_values(values)
                .send()
                .await
                .map(drop)
                .map_err(failure),
            Action::Update(key, expression) => self
                .client
                .update_item()
                .table_name(table)
                .set_key(Some(attributes(&key)))
                .update_expression(expression)
                .set_condition_expression(write.condition)
                .set_expression_attribute_values(values)
                .send()
                .await
                .map(drop)
                .map_err(failure),
            Action::Delete(key) => self
                .client
                .delete_item()
                .table_name(table)
                .set_key(Some(attributes(&key)))
                .set_condition_expression(write.condition)
                .set_expression_attribute_values(values)
                .send()
                .await
                .map(drop)
                .map_err(failure),
            Action::Check(_) => Err(Failure::Other(Unavailable::new(
                "a check writes nothing by itself",
            ))),
        }
    }

    /// An update, and the row after it; `None` if its condition did not hold.
    pub(super) async fn update(
        &self,
        store: Store,
        write: Write,
    ) -> Result<Option<Item>, Unavailable> {
        match self.update_or_find(store, write).await? {
            Updated::Yes(item) => Ok(Some(item)),
            Updated::No(_) => Ok(None),
        }
    }

    /// An update, and the row after it, or the one that its condition did not hold of.
    pub(super) async fn update_or_find(
        &self,
        store: Store,
        write: Write,
    ) -> Result<Updated, Unavailable> {
        let Action::Update(key, expression) = &write.action else {
            return Err(Unavailable::new("not an update"));
        };
        for turn in 0..TRIES {
            pause(turn).await;
            let answer = self
                .client
                .update_item()
                .table_name(self.name(store))
                .set_key(Some(attributes(key)))
                .update_expression(expression)
                .set_condition_expression(write.condition.clone())
                .set_expression_attribute_values(write.values())
                .return_values(ReturnValue::AllNew)
                .return_values_on_condition_check_failure(
                    ReturnValuesOnConditionCheckFailure::AllOld,
                )
                .send()
                .await;
            let found = answer.as_ref().err().and_then(found);
            match answer.map_err(failure) {
                Ok(answer) => return Ok(Updated::Yes(answer.attributes.unwrap_or_default())),
                Err(Failure::Condition) => return Ok(Updated::No(found)),
                Err(Failure::Conflict) => {}
                Err(Failure::Other(error)) => return Err(error),
            }
        }
        Err(contended())
    }

    /// Several writes to the lasting table, all or none.
    pub(super) async fn transact(&self, writes: Vec<Write>) -> Result<Transacted, Unavailable> {
        let table = self.name(Store::Lasting);
        let items = writes
            .into_iter()
            .map(|write| write.in_transaction(table))
            .collect::<Result<Vec<_>, _>>()?;
        let mut token = fresh_token()?;
        for turn in 0..TRIES {
            pause(turn).await;
            let answer = self
                .client
                .transact_write_items()
                .set_transact_items(Some(items.clone()))
                .client_request_token(&token)
                .send()
                .await;
            let Err(error) = answer else {
                return Ok(Transacted::Done);
            };
            match refusal(&error) {
                Some(Refusal::Conditions(at)) => return Ok(Transacted::Refused(at)),
                Some(Refusal::Conflict) => token = fresh_token()?,
                // Our own first sending is still at work: only the same token meets its result.
                Some(Refusal::InProgress) => {}
                None => return Err(unavailable(error)),
            }
        }
        Ok(Transacted::Contended)
    }
}
