//! Payment intents and their charges: made, succeeded, failed. Knows no session but to read it.

use serde_json::{Value, json};

use super::error::ApiError;
use super::events::emit;
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

/// The money came: changes the charge and its intent and tells both.
pub(crate) fn succeed(tx: &Tx<'_>, intent: &mut Value, charge: &mut Value) -> Result<(), ApiError> {
    let amount = integer(charge, "amount")?;
    let currency = text(charge, "currency")?.to_owned();
    let id = text(charge, "id")?.to_owned();
    let movement = move_money(tx, "charge", "charge", amount, fee(amount), &currency, &id)?;
    set(
        charge,
        [
            ("amount_captured", amount.into()),
            ("balance_transaction", text(&movement, "id")?.into()),
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

/// The money will not come, for the reason that `code` and `message` give; the intent can be tried again.
pub(crate) fn fail(
    tx: &Tx<'_>,
    intent: &mut Value,
    charge: &mut Value,
    code: &str,
    message: &str,
) -> Result<(), ApiError> {
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
    let decline = (code == "card_declined").then_some("generic_decline");
    set(
        intent,
        [
            (
                "last_payment_error",
                json!({
                    "charge": id,
                    "code": code,
                    "decline_code": decline,
                    "doc_url": format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-")),
                    "message": message,
                    "type": if decline.is_some() { "card_error" } else { "invalid_request_error" },
                }),
            ),
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
