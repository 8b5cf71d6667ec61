//! What happens to money: a session is paid, a slow payment settles, a charge is refunded.
//!
//! Each function changes all objects that are concerned and makes the events that Stripe makes, in
//! one transaction, in the order given here.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::currency::display;
use super::error::ApiError;
use super::fields::{boolean, integer, optional_text, set, text};
use super::ids::random_id;
use super::objects::{self, Movement};
use super::sessions::check_email;
use super::store::{StoreError, Tx};
use super::webhooks::emit;

/// How the buyer pays at the pay page.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Card {
    /// Paid at once.
    Ok,
    /// Refused by the bank; the session stays open.
    Declined,
    /// A way to pay that takes days: the session is complete but unpaid until it settles.
    Async,
}

/// How a slow payment ends.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Settlement {
    Succeeded,
    Failed,
}

/// The code of the error for a session that is paid or expired already.
pub(crate) const NOT_OPEN: &str = "checkout_session_not_open";

/// What paying led to: the session as it is now, and whether the bank refused.
pub(crate) struct Paid {
    pub(crate) session: Value,
    pub(crate) declined: bool,
}

/// Pays an open session. An address that the session came with cannot be changed on the page; if
/// there is none and none is typed, the buyer gets one that no other session has.
pub(crate) fn pay(
    tx: &Tx<'_>,
    mut session: Value,
    card: Card,
    email: Option<&str>,
) -> Result<Paid, ApiError> {
    let status = text(&session, "status")?;
    if status != "open" {
        return Err(ApiError::refused(
            NOT_OPEN,
            format!("The Checkout Session has a status of `{status}`."),
        ));
    }
    let email = payer_email(&session, email)?;
    let total = integer(&session, "amount_total")?;
    if total == 0 {
        complete(tx, &mut session, "no_payment_required", &email)?;
        return Ok(Paid {
            session,
            declined: false,
        });
    }

    let mut intent = payment_intent(tx, &session)?;
    let mut charge = charge(tx, &intent, &email)?;
    match card {
        Card::Ok => {
            set(
                &mut charge,
                [(
                    "payment_method_details",
                    objects::card_details(total, false),
                )],
            )?;
            // The customer is made with the session, before the payment is told.
            attach_customer(tx, &mut session, &mut intent, &mut charge, &email)?;
            succeed(tx, &mut intent, &mut charge)?;
            complete(tx, &mut session, "paid", &email)?;
        }
        Card::Declined => {
            set(
                &mut charge,
                [("payment_method_details", objects::card_details(total, true))],
            )?;
            fail(
                tx,
                &mut intent,
                &mut charge,
                "card_declined",
                "Your card was declined.",
            )?;
            tx.update(&session_with_intent(session.clone(), &intent)?)?;
        }
        Card::Async => {
            let kind = slow_kind(&session);
            set(
                &mut charge,
                [("payment_method_details", objects::slow_details(&kind))],
            )?;
            attach_customer(tx, &mut session, &mut intent, &mut charge, &email)?;
            set(
                &mut intent,
                [
                    ("status", "processing".into()),
                    ("payment_method_types", json!([kind])),
                    ("last_payment_error", Value::Null),
                ],
            )?;
            tx.update(&charge)?;
            tx.update(&intent)?;
            emit(tx, "charge.pending", &charge, None)?;
            emit(tx, "payment_intent.processing", &intent, None)?;
            complete(tx, &mut session, "unpaid", &email)?;
        }
    }
    let session = tx.named(text(&session, "id")?)?;
    Ok(Paid {
        session,
        declined: card == Card::Declined,
    })
}

/// Ends a slow payment.
pub(crate) fn settle(
    tx: &Tx<'_>,
    mut session: Value,
    settlement: Settlement,
) -> Result<Value, ApiError> {
    let refused = || {
        ApiError::refused(
            "checkout_session_not_processing",
            "The Checkout Session has no payment that is being processed.",
        )
    };
    let intent = optional_text(&session, "payment_intent").ok_or_else(refused)?;
    let mut intent = tx.named(intent)?;
    if text(&intent, "status")? != "processing" {
        return Err(refused());
    }
    let mut charge = tx.named(text(&intent, "latest_charge")?)?;
    match settlement {
        Settlement::Succeeded => {
            succeed(tx, &mut intent, &mut charge)?;
            set(&mut session, [("payment_status", "paid".into())])?;
            tx.update(&session)?;
            emit(
                tx,
                "checkout.session.async_payment_succeeded",
                &session,
                None,
            )?;
        }
        Settlement::Failed => {
            let message = "The payment was returned by the bank.";
            fail(
                tx,
                &mut intent,
                &mut charge,
                "payment_intent_payment_attempt_failed",
                message,
            )?;
            emit(tx, "checkout.session.async_payment_failed", &session, None)?;
        }
    }
    Ok(session)
}

/// Refunds `amount` (minor units), or all that is left, of the charge.
pub(crate) fn refund(
    tx: &Tx<'_>,
    mut charge: Value,
    amount: Option<i64>,
    reason: Option<&str>,
    metadata: Map<String, Value>,
) -> Result<Value, ApiError> {
    let charge_id = text(&charge, "id")?.to_owned();
    if text(&charge, "status")? != "succeeded" {
        return Err(ApiError::refused(
            "charge_not_refundable",
            format!("Charge {charge_id} did not succeed; there is nothing to refund."),
        ));
    }
    if boolean(&charge, "refunded")? {
        return Err(ApiError::refused(
            "charge_already_refunded",
            format!("Charge {charge_id} has already been refunded."),
        ));
    }
    if super::disputes::blocks_refund(tx, &charge_id)? {
        return Err(ApiError::refused(
            "charge_disputed",
            format!("Charge {charge_id} has been charged back; cannot issue a refund."),
        ));
    }
    let currency = text(&charge, "currency")?.to_owned();
    let refunded = integer(&charge, "amount_refunded")?;
    let left = integer(&charge, "amount")? - refunded;
    let amount = amount.unwrap_or(left);
    if amount < 1 {
        return Err(ApiError::invalid("amount", "Invalid positive integer")
            .with_code("parameter_invalid_integer"));
    }
    if amount > left {
        return Err(ApiError::invalid(
            "amount",
            format!(
                "Refund amount ({}) is greater than unrefunded amount on charge ({})",
                display(amount, &currency),
                display(left, &currency)
            ),
        ));
    }

    let id = random_id("re_3", 23).map_err(StoreError::from)?;
    let movement = move_money(tx, "refund", "refund", -amount, 0, &currency, &id)?;
    let mut refund = objects::refund(&id, tx.second(), amount, &currency);
    set(
        &mut refund,
        [
            ("balance_transaction", text(&movement, "id")?.into()),
            ("charge", charge_id.into()),
            (
                "payment_intent",
                optional_text(&charge, "payment_intent").into(),
            ),
            ("reason", reason.into()),
            ("metadata", metadata.into()),
        ],
    )?;
    tx.insert(&refund, &json!({}))?;
    set(
        &mut charge,
        [
            ("amount_refunded", (refunded + amount).into()),
            ("refunded", (amount == left).into()),
        ],
    )?;
    tx.update(&charge)?;
    emit(tx, "refund.created", &refund, None)?;
    let before = json!({ "amount_refunded": refunded, "refunded": false });
    emit(tx, "charge.refunded", &charge, Some(before))?;
    Ok(refund)
}

/// The charge that `id` (`ch_…`, or the `pi_…` whose latest charge it is) names.
pub(crate) fn charge_of(tx: &Tx<'_>, id: &str, param: &str) -> Result<Value, ApiError> {
    if let Some(charge) = tx.find("charge", id)? {
        return Ok(charge);
    }
    let Some(intent) = tx.find("payment_intent", id)? else {
        let kind = if id.starts_with("ch_") {
            "charge"
        } else {
            "payment_intent"
        };
        return Err(ApiError::no_such(kind, id, param));
    };
    match optional_text(&intent, "latest_charge") {
        Some(charge) => Ok(tx.named(charge)?),
        None => Err(ApiError::refused(
            "payment_intent_unexpected_state",
            format!("This PaymentIntent ({id}) does not have a successful charge."),
        )),
    }
}

/// Records money that came (`amount` > 0) or went, and what Stripe kept of it.
pub(crate) fn move_money(
    tx: &Tx<'_>,
    kind: &'static str,
    category: &'static str,
    amount: i64,
    fee: i64,
    currency: &str,
    source: &str,
) -> Result<Value, StoreError> {
    let id = random_id("txn_3", 23)?;
    let movement = objects::balance_transaction(&Movement {
        id: &id,
        created: tx.second(),
        kind,
        category,
        amount,
        fee,
        currency,
        source,
    });
    tx.insert(&movement, &json!({}))?;
    Ok(movement)
}

/// What Stripe keeps of a domestic card payment: 2.9 % and 30 minor units, rounded half up.
fn fee(amount: i64) -> i64 {
    (amount * 29 + 500) / 1000 + 30
}

/// The address the session came with, else the typed one, else one of the session's own.
fn payer_email(session: &Value, typed: Option<&str>) -> Result<String, ApiError> {
    let locked = session
        .get("customer_details")
        .and_then(|details| optional_text(details, "email"));
    if let Some(locked) = locked {
        return Ok(locked.to_owned());
    }
    match typed {
        Some(typed) => {
            check_email("email", typed)?;
            Ok(typed.to_owned())
        }
        None => {
            let id = text(session, "id")?.to_ascii_lowercase();
            let tail: String = id.chars().skip(id.len().saturating_sub(12)).collect();
            Ok(format!("buyer-{tail}@example.com"))
        }
    }
}

/// The session's payment intent, made at the first attempt to pay, not with the session.
fn payment_intent(tx: &Tx<'_>, session: &Value) -> Result<Value, ApiError> {
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
fn charge(tx: &Tx<'_>, intent: &Value, email: &str) -> Result<Value, ApiError> {
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

fn succeed(tx: &Tx<'_>, intent: &mut Value, charge: &mut Value) -> Result<(), ApiError> {
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

fn fail(
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

/// Makes the customer that the session asked for, if it did, and names it everywhere; notes the
/// payment in the session.
fn attach_customer(
    tx: &Tx<'_>,
    session: &mut Value,
    intent: &mut Value,
    charge: &mut Value,
    email: &str,
) -> Result<(), ApiError> {
    set(session, [("payment_intent", text(intent, "id")?.into())])?;
    set(
        intent,
        [
            ("latest_charge", text(charge, "id")?.into()),
            ("payment_method", text(charge, "payment_method")?.into()),
        ],
    )?;
    let wanted = optional_text(session, "customer_creation") == Some("always");
    if !wanted || optional_text(session, "customer").is_some() {
        return Ok(());
    }
    let id = random_id("cus_", 14).map_err(StoreError::from)?;
    let mut customer = objects::customer(&id, tx.second());
    set(&mut customer, [("email", email.into())])?;
    tx.insert(&customer, &json!({}))?;
    emit(tx, "customer.created", &customer, None)?;
    for object in [session, intent, charge] {
        set(object, [("customer", id.clone().into())])?;
    }
    Ok(())
}

fn session_with_intent(mut session: Value, intent: &Value) -> Result<Value, ApiError> {
    set(
        &mut session,
        [("payment_intent", text(intent, "id")?.into())],
    )?;
    Ok(session)
}

fn complete(
    tx: &Tx<'_>,
    session: &mut Value,
    payment_status: &str,
    email: &str,
) -> Result<(), ApiError> {
    set(
        session,
        [
            (
                "collected_information",
                json!({ "business_name": null, "individual_name": null, "shipping_details": null }),
            ),
            ("customer_details", objects::customer_details(email)),
            ("payment_status", payment_status.into()),
            ("status", "complete".into()),
            ("url", Value::Null),
        ],
    )?;
    tx.update(session)?;
    emit(tx, "checkout.session.completed", session, None)?;
    Ok(())
}

/// The first way to pay of the session that isn't a card.
fn slow_kind(session: &Value) -> String {
    session
        .get("payment_method_types")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .find(|kind| *kind != "card")
        .unwrap_or("us_bank_account")
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::fee;

    #[test]
    fn the_fee_is_rounded_half_up() {
        assert_eq!(fee(4900), 142 + 30);
        assert_eq!(fee(1), 30);
        assert_eq!(fee(10_000), 320);
    }
}
