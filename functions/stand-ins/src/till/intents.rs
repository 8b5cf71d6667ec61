//! Payment intents and their charges: made, succeeded, failed. Knows no session but to read it.

use serde_json::{Value, json};

use super::agenda::{self, Matter};
use super::error::ApiError;
use super::events::emit;
use super::faults;
use super::fields::{integer, optional_text, set, text};
use super::ids::random_id;
use super::objects;
use super::refunds::{fee, move_money};
use super::store::{StoreError, Tx};

/// The session's payment intent, made at the first attempt to pay, not with the session.
pub(crate) fn payment_intent(tx: &Tx<'_>, session: &Value) -> Result<Value, ApiError> {
    if let Some(id) = optional_text(session, "payment_intent") {
        return Ok(tx.named(id)?);
    }
    let id = random_id("pi_3", 23).map_err(StoreError::from)?;
    let secret = random_id(&format!("{id}_secret_"), 25).map_err(StoreError::from)?;
    let mut intent = objects::payment_intent(
        &id,
        &secret,
        tx.second(),
        integer(session, "amount_total")?,
        text(session, "currency")?,
    );
    set(
        &mut intent,
        [("customer", optional_text(session, "customer").into())],
    )?;
    let hidden = tx.hidden(text(session, "id")?)?;
    if let Some(Value::Object(data)) = hidden.get("payment_intent_data") {
        for (name, value) in data {
            set(&mut intent, [(name, value.clone())])?;
        }
    }
    tx.insert(&intent, &json!({}))?;
    Ok(intent)
}

/// A new charge of the whole payment, noted in it as the latest.
pub(crate) fn charge(tx: &Tx<'_>, intent: &Value, email: &str) -> Result<Value, ApiError> {
    let id = random_id("ch_3", 23).map_err(StoreError::from)?;
    let method = random_id("pm_1", 23).map_err(StoreError::from)?;
    let field = |name: &str| intent.get(name).cloned().unwrap_or_default();
    let mut charge = objects::charge(
        &id,
        tx.second(),
        integer(intent, "amount")?,
        text(intent, "currency")?,
    );
    set(
        &mut charge,
        [
            ("payment_intent", text(intent, "id")?.into()),
            ("payment_method", method.into()),
            ("metadata", field("metadata")),
            ("customer", field("customer")),
            ("description", field("description")),
            ("receipt_email", field("receipt_email")),
            ("statement_descriptor", field("statement_descriptor")),
            (
                "statement_descriptor_suffix",
                field("statement_descriptor_suffix"),
            ),
        ],
    )?;
    if let Some(details) = charge.get_mut("billing_details") {
        set(details, [("email", email.into())])?;
    }
    tx.insert(&charge, &json!({}))?;
    Ok(charge)
}

/// The money came: changes the charge and its intent and tells both. It reaches the balance at once,
/// or as late as the fault plan says.
pub(crate) fn succeed(tx: &Tx<'_>, intent: &mut Value, charge: &mut Value) -> Result<(), ApiError> {
    let amount = integer(charge, "amount")?;
    let id = text(charge, "id")?.to_owned();
    let delay = faults::plan(tx)?.balance_delay_s;
    if delay == 0 {
        enter_balance(tx, charge)?;
    } else {
        agenda::plan(tx, &id, Matter::Balance, tx.second().saturating_add(delay))?;
    }
    set(
        charge,
        [
            ("amount_captured", amount.into()),
            ("outcome", objects::outcome(false)),
            ("paid", true.into()),
            ("status", "succeeded".into()),
        ],
    )?;
    set(
        intent,
        [
            ("amount_received", amount.into()),
            ("last_payment_error", Value::Null),
            ("latest_charge", id.into()),
            ("payment_method", text(charge, "payment_method")?.into()),
            ("status", "succeeded".into()),
        ],
    )?;
    tx.update(charge)?;
    tx.update(intent)?;
    emit(tx, "charge.succeeded", charge, None)?;
    emit(tx, "payment_intent.succeeded", intent, None)?;
    Ok(())
}

/// The money of a charge that came before reaches the balance.
pub(crate) fn settle_balance(tx: &Tx<'_>, charge: &str) -> Result<(), ApiError> {
    let mut charge = tx.named(charge)?;
    enter_balance(tx, &mut charge)?;
    tx.update(&charge)?;
    let before = json!({ "balance_transaction": null });
    emit(tx, "charge.updated", &charge, Some(before))?;
    Ok(())
}

fn enter_balance(tx: &Tx<'_>, charge: &mut Value) -> Result<(), ApiError> {
    let amount = integer(charge, "amount")?;
    let currency = text(charge, "currency")?.to_owned();
    let id = text(charge, "id")?.to_owned();
    let movement = move_money(tx, "charge", "charge", amount, fee(amount), &currency, &id)?;
    set(
        charge,
        [("balance_transaction", text(&movement, "id")?.into())],
    )?;
    Ok(())
}

/// The bank takes days: the charge is pending until it has decided.
pub(crate) fn process(
    tx: &Tx<'_>,
    intent: &mut Value,
    charge: &Value,
    kind: &str,
) -> Result<(), ApiError> {
    set(
        intent,
        [
            ("last_payment_error", Value::Null),
            ("latest_charge", text(charge, "id")?.into()),
            ("payment_method", text(charge, "payment_method")?.into()),
            ("payment_method_types", json!([kind])),
            ("status", "processing".into()),
        ],
    )?;
    tx.update(charge)?;
    tx.update(intent)?;
    emit(tx, "charge.pending", charge, None)?;
    emit(tx, "payment_intent.processing", intent, None)?;
    Ok(())
}

/// Why money will not come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Decline {
    /// The card's bank refuses.
    Card,
    /// The bank that took days returns the payment.
    Returned,
}

/// The money will not come: tells it of the charge and its intent, which can be tried again.
pub(crate) fn fail(
    tx: &Tx<'_>,
    intent: &mut Value,
    charge: &mut Value,
    decline: Decline,
) -> Result<(), ApiError> {
    let (code, message, kind, decline) = match decline {
        Decline::Card => (
            "card_declined",
            "Your card was declined.",
            "card_error",
            Some("generic_decline"),
        ),
        Decline::Returned => (
            "payment_intent_payment_attempt_failed",
            "The payment was returned by the bank.",
            "invalid_request_error",
            None,
        ),
    };
    let id = text(charge, "id")?.to_owned();
    set(
        charge,
        [
            ("failure_code", code.into()),
            ("failure_message", message.into()),
            ("outcome", objects::outcome(true)),
            ("status", "failed".into()),
        ],
    )?;
    let mut error = json!({
        "charge": id,
        "code": code,
        "doc_url": format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-")),
        "message": message,
        "type": kind,
    });
    if let (Some(decline), Some(error)) = (decline, error.as_object_mut()) {
        error.insert("decline_code".to_owned(), decline.into());
    }
    set(
        intent,
        [
            ("last_payment_error", error),
            ("latest_charge", id.into()),
            ("payment_method", Value::Null),
            ("status", "requires_payment_method".into()),
        ],
    )?;
    tx.update(charge)?;
    tx.update(intent)?;
    emit(tx, "charge.failed", charge, None)?;
    emit(tx, "payment_intent.payment_failed", intent, None)?;
    Ok(())
}
