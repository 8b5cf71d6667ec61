//! What a buyer does with a session: pays it at once, is declined, or pays in a way that takes days.
//!
//! Each function changes all objects that are concerned and makes the events that Stripe makes, in
//! one transaction, in the order given here.

use serde::Deserialize;
use serde_json::{Value, json};

use super::error::ApiError;
use super::events::emit;
use super::fields::{integer, optional_text, set, text};
use super::ids::random_id;
use super::intents::{charge, fail, payment_intent, succeed};
use super::objects;
use super::sessions::check_email;
use super::store::{StoreError, Tx};

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
