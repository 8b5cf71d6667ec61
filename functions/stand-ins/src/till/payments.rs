//! What a buyer does with a session: pays it at once, is declined, or pays in a way that takes days.
//!
//! Each function changes all objects that are concerned and makes the events that Stripe makes, in
//! one transaction, in the order given here.

use serde::Deserialize;
use serde_json::{Value, json};

use super::basket::{self, Mode};
use super::billing::start;
use super::coupons;
use super::error::ApiError;
use super::events::emit;
use super::fields::{integer, optional_text, set, text};
use super::ids::random_id;
use super::intents::{Decline, charge, fail, payment_intent, process, succeed};
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
    /// Paid at once, and refused when a subscription is to be renewed.
    #[serde(rename = "declines_later")]
    DeclinesLater,
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
    let mode = Mode::of(&session);
    if card == Card::DeclinesLater && mode == Mode::Payment {
        return Err(ApiError::invalid(
            "card",
            "A one-time payment is not charged again: there is no later to decline it.",
        ));
    }
    let email = payer_email(&session, email)?;
    basket::locate(tx, &mut session)?;
    let total = integer(&session, "amount_total")?;
    if mode == Mode::Subscription {
        if card == Card::Declined {
            return Ok(Paid {
                session,
                declined: true,
            });
        }
        ensure_customer(tx, &mut session, &email)?;
        let status = start::start(tx, &mut session, card, &email)?;
        complete(tx, &mut session, status, &email)?;
    } else if total == 0 {
        complete(tx, &mut session, "no_payment_required", &email)?;
    } else if card == Card::Declined {
        let mut intent = payment_intent(tx, &session)?;
        let mut charge = charge(tx, &intent, &email)?;
        let details = objects::card_details(total, true);
        set(&mut charge, [("payment_method_details", details)])?;
        fail(tx, &mut intent, &mut charge, Decline::Card)?;
        set(
            &mut session,
            [("payment_intent", text(&intent, "id")?.into())],
        )?;
        tx.update(&session)?;
    } else {
        let status = pay_once(tx, &mut session, card, &email)?;
        complete(tx, &mut session, status, &email)?;
    }
    Ok(Paid {
        declined: text(&session, "status")? == "open",
        session,
    })
}

/// The one payment of a session that is for that; answers how far it is paid.
fn pay_once(
    tx: &Tx<'_>,
    session: &mut Value,
    card: Card,
    email: &str,
) -> Result<&'static str, ApiError> {
    ensure_customer(tx, session, email)?;
    let mut intent = payment_intent(tx, session)?;
    set(
        &mut intent,
        [("customer", optional_text(session, "customer").into())],
    )?;
    set(session, [("payment_intent", text(&intent, "id")?.into())])?;
    let mut charge = charge(tx, &intent, email)?;
    if card == Card::Async {
        let kind = slow_kind(session);
        let details = objects::slow_details(&kind);
        set(&mut charge, [("payment_method_details", details)])?;
        process(tx, &mut intent, &charge, &kind)?;
        return Ok("unpaid");
    }
    let details = objects::card_details(integer(&charge, "amount")?, false);
    set(&mut charge, [("payment_method_details", details)])?;
    succeed(tx, &mut intent, &mut charge)?;
    Ok("paid")
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
    let settled = match Mode::of(&session) {
        Mode::Subscription => start::settle(tx, &session, settlement)?,
        Mode::Payment => settle_once(tx, &session, settlement)?,
    };
    if !settled {
        return Err(refused());
    }
    let event = match settlement {
        Settlement::Succeeded => {
            set(&mut session, [("payment_status", "paid".into())])?;
            tx.update(&session)?;
            "checkout.session.async_payment_succeeded"
        }
        Settlement::Failed => "checkout.session.async_payment_failed",
    };
    emit(tx, event, &session, None)?;
    Ok(session)
}

/// Ends the slow payment of a session for one payment; false if it has none under way.
fn settle_once(tx: &Tx<'_>, session: &Value, settlement: Settlement) -> Result<bool, ApiError> {
    let Some(intent) = optional_text(session, "payment_intent") else {
        return Ok(false);
    };
    let mut intent = tx.named(intent)?;
    if text(&intent, "status")? != "processing" {
        return Ok(false);
    }
    let mut charge = tx.named(text(&intent, "latest_charge")?)?;
    match settlement {
        Settlement::Succeeded => succeed(tx, &mut intent, &mut charge)?,
        Settlement::Failed => fail(tx, &mut intent, &mut charge, Decline::Returned)?,
    }
    Ok(true)
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

/// Makes the customer that the session asked for, if it did and there is none yet.
fn ensure_customer(tx: &Tx<'_>, session: &mut Value, email: &str) -> Result<(), ApiError> {
    let wanted = optional_text(session, "customer_creation") == Some("always");
    if !wanted || optional_text(session, "customer").is_some() {
        return Ok(());
    }
    let id = random_id("cus_", 14).map_err(StoreError::from)?;
    let mut customer = objects::customer(&id, tx.second());
    set(&mut customer, [("email", email.into())])?;
    tx.insert(&customer, &json!({}))?;
    emit(tx, "customer.created", &customer, None)?;
    set(session, [("customer", id.into())])?;
    Ok(())
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
    if let Some(coupon) = session
        .pointer("/discounts/0/coupon")
        .and_then(Value::as_str)
    {
        coupons::redeem(tx, coupon)?;
    }
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
