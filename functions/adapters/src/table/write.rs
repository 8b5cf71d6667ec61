//! A write as a value: what it does to which row, and what must hold for it.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Delete, Put, TransactWriteItem, Update,
};
use tuition_domain::ports::Unavailable;

use super::keys::Key;
use super::row::Item;

/// One write, alone or as part of a transaction.
#[derive(Debug, Clone)]
pub(super) struct Write {
    pub(super) action: Action,
    pub(super) condition: Option<String>,
    values: HashMap<String, AttributeValue>,
}

#[derive(Debug, Clone)]
pub(super) enum Action {
    Put(Item),
    Update(Key, String),
    Delete(Key),
    Check(Key),
}

impl Write {
    /// Writes a whole row.
    pub(super) fn put(item: Item) -> Self {
        Self::of(Action::Put(item))
    }

    /// Changes attributes by an update expression.
    pub(super) fn update(key: Key, expression: &str) -> Self {
        Self::of(Action::Update(key, expression.to_owned()))
    }

    /// Removes a row; one that is not there is fine.
    pub(super) fn delete(key: Key) -> Self {
        Self::of(Action::Delete(key))
    }

    /// Changes nothing, but the transaction fails unless the condition holds.
    pub(super) fn check(key: Key) -> Self {
        Self::of(Action::Check(key))
    }

    fn of(action: Action) -> Self {
        Self {
            action,
            condition: None,
            values: HashMap::new(),
        }
    }

    /// Only if this holds of the stored row.
    pub(super) fn when(mut self, condition: &str) -> Self {
        self.condition = Some(condition.to_owned());
        self
    }

    /// A value that an expression names, `:x`.
    pub(super) fn value(mut self, name: &str, value: AttributeValue) -> Self {
        self.values.insert(name.to_owned(), value);
        self
    }

    /// All values; `None` where there are none, as the API wants it.
    pub(super) fn values(&self) -> Option<HashMap<String, AttributeValue>> {
        Some(self.values.clone()).filter(|values| !values.is_empty())
    }

    /// The write as a part of a transaction on `table`.
    pub(super) fn in_transaction(self, table: &str) -> Result<TransactWriteItem, Unavailable> {
        let values = self.values();
        let item = TransactWriteItem::builder();
        let item = match self.action {
            Action::Put(row) => item.put(
                Put::builder()
                    .table_name(table)
                    .set_item(Some(row))
                    .set_condition_expression(self.condition)
                    .set_expression_attribute_values(values)
                    .build()
                    .map_err(Unavailable::new)?,
            ),
            Action::Update(key, expression) => item.update(
                Update::builder()
                    .table_name(table)
                    .set_key(Some(attributes(&key)))
                    .update_expression(expression)
                    .set_condition_expression(self.condition)
                    .set_expression_attribute_values(values)
                    .build()
                    .map_err(Unavailable::new)?,
            ),
            Action::Delete(key) => item.delete(
                Delete::builder()
                    .table_name(table)
                    .set_key(Some(attributes(&key)))
                    .set_condition_expression(self.condition)
                    .set_expression_attribute_values(values)
                    .build()
                    .map_err(Unavailable::new)?,
            ),
            Action::Check(key) => item.condition_check(
                ConditionCheck::builder()
                    .table_name(table)
                    .set_key(Some(attributes(&key)))
                    .set_condition_expression(self.condition)
                    .set_expression_attribute_values(values)
                    .build()
                    .map_err(Unavailable::new)?,
            ),
        };
        Ok(item.build())
    }
}

/// A key as the API takes it.
pub(super) fn attributes(key: &Key) -> Item {
    HashMap::from([
        ("pk".to_owned(), AttributeValue::S(key.pk.clone())),
        ("sk".to_owned(), AttributeValue::S(key.sk.clone())),
    ])
}
