//! What a failed call means: an answer, a reason to try again, or neither.

use std::time::Duration;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use tuition_domain::ports::Unavailable;

use super::row::Item;
use crate::causes::causes;

/// Too many at once on the same rows; the caller may try again.
pub(super) fn contended() -> Unavailable {
    Unavailable::new("other transactions were in the way")
}

/// Waits before another try: up to twice as long each time, at random, so that those who met once
/// do not meet again.
pub(super) async fn pause(turn: u32) {
    if turn == 0 {
        return;
    }
    let longest = 10_u64 << turn.min(6);
    let mut random = [0; 8];
    // Without chance the wait is the longest one: slower, not wrong.
    let wait = match getrandom::fill(&mut random) {
        Ok(()) => u64::from_le_bytes(random) % longest,
        Err(_) => longest,
    };
    tokio::time::sleep(Duration::from_millis(wait)).await;
}

/// Why a single write did not happen.
pub(super) enum Failure {
    Condition,
    Conflict,
    Other(Unavailable),
}

pub(super) fn failure<E, R>(error: SdkError<E, R>) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    match error
        .as_service_error()
        .and_then(ProvideErrorMetadata::code)
    {
        Some("ConditionalCheckFailedException") => Failure::Condition,
        Some("TransactionConflictException") => Failure::Conflict,
        _ => Failure::Other(unavailable(error)),
    }
}

/// The row that the condition of an update did not hold of.
pub(super) fn found<R>(error: &SdkError<UpdateItemError, R>) -> Option<Item> {
    match error.as_service_error()? {
        UpdateItemError::ConditionalCheckFailedException(failed) => failed.item().cloned(),
        _ => None,
    }
}

/// Why a transaction wrote nothing, as far as that is an answer.
pub(super) enum Refusal {
    /// Conditions at these positions did not hold.
    Conditions(Vec<usize>),
    /// Another transaction was in the way.
    Conflict,
    /// The same transaction is being carried out.
    InProgress,
}

pub(super) fn refusal<R>(error: &SdkError<TransactWriteItemsError, R>) -> Option<Refusal> {
    match error.as_service_error()? {
        TransactWriteItemsError::TransactionCanceledException(cancelled) => {
            let mut refused = Vec::new();
            for (position, reason) in cancelled.cancellation_reasons().iter().enumerate() {
                match reason.code() {
                    Some("ConditionalCheckFailed") => refused.push(position),
                    None | Some("None" | "TransactionConflict") => {}
                    Some(_) => return None,
                }
            }
            if refused.is_empty() {
                Some(Refusal::Conflict)
            } else {
                Some(Refusal::Conditions(refused))
            }
        }
        TransactWriteItemsError::TransactionInProgressException(_) => Some(Refusal::InProgress),
        _ => None,
    }
}

/// Under which DynamoDB knows a transaction again when it arrives twice.
pub(super) fn fresh_token() -> Result<String, Unavailable> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|error| Unavailable::new(error.to_string()))?;
    Ok(hex::encode(random))
}

/// A failure that is no answer to anything.
pub(super) fn unavailable(error: impl std::error::Error) -> Unavailable {
    Unavailable::new(causes(&error))
}
