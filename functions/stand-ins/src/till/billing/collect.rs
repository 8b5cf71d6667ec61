//! How an invoice is paid, or isn't: its payment intent, charges, and what is told of them.

use serde_json::{Value, json};

use super::invoices::stamp;
use super::record::Means;
use crate::till::error::ApiError;
use crate::till::events::emit;
use crate::till::fields::{integer, optional_text, set, text};
use crate::till::ids::random_id;
use crate::till::intents::{self, Decline};
use crate::till::objects;
use crate::till::payments::Settlement;
use crate::till::store::{Query, StoreError, Tx};

/// How an attempt to collect goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Attempt {
    Succeeds,
    /// The bank refuses.
    Fails,
    /// The bank takes days to say.
    Waits,
    /// There is nothing to charge.
    NoMeans,
}

impl From<Means> for Attempt {
    fn from(means: Means) -> Self {
        match means {
            Means::Card => Self::Succeeds,
            Means::FailingCard => Self::Fails,
            Means::Nothing => Self::NoMeans,
        }
    }
}

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Outcome {
    Paid,
    Failed,
    Pending,
}

/// Tries to collect an open invoice. What costs nothing is paid without a payment.
pub(crate) fn collect(
    tx: &Tx<'_>,
    invoice: &mut Value,
    attempt: Attempt,
    email: &str,
) -> Result<Outcome, ApiError> {
    if integer(invoice, "amount_due")? == 0 {
        paid(tx, invoice, 0)?;
        return Ok(Outcome::Paid);
    }
    let mut payment = payment(tx, invoice)?;
    let mut intent = intent_of(tx, &payment)?;
    let attempts = integer(invoice, "attempt_count")? + 1;
    set(
        invoice,
        [
            ("attempted", true.into()),
            ("attempt_count", attempts.into()),
        ],
    )?;
    if attempt == Attempt::NoMeans {
        failed(tx, invoice)?;
        return Ok(Outcome::Failed);
    }
    let mut charge = intents::charge(tx, &intent, email)?;
    let amount = integer(&charge, "amount")?;
    let details = match attempt {
        Attempt::Waits => objects::slow_details("us_bank_account"),
        _ => objects::card_details(amount, attempt == Attempt::Fails),
    };
    set(&mut charge, [("payment_method_details", details)])?;
    match attempt {
        Attempt::Succeeds => {
            intents::succeed(tx, &mut intent, &mut charge)?;
            close(tx, &mut payment, invoice, amount)?;
            Ok(Outcome::Paid)
        }
        Attempt::Waits => {
            intents::process(tx, &mut intent, &charge, "us_bank_account")?;
            tx.update(invoice)?;
            Ok(Outcome::Pending)
        }
        Attempt::Fails | Attempt::NoMeans => {
            intents::fail(tx, &mut intent, &mut charge, Decline::Card)?;
            failed(tx, invoice)?;
            Ok(Outcome::Failed)
        }
    }
}

/// Ends the slow payment of an invoice; `None` if it has none under way.
pub(crate) fn settle(
    tx: &Tx<'_>,
    invoice: &mut Value,
    settlement: Settlement,
) -> Result<Option<Outcome>, ApiError> {
    let mut payment = payment(tx, invoice)?;
    let mut intent = intent_of(tx, &payment)?;
    if text(&intent, "status")? != "processing" {
        return Ok(None);
    }
    let mut charge = tx.named(text(&intent, "latest_charge")?)?;
    match settlement {
        Settlement::Succeeded => {
            intents::succeed(tx, &mut intent, &mut charge)?;
            let amount = integer(&charge, "amount")?;
            close(tx, &mut payment, invoice, amount)?;
            Ok(Some(Outcome::Paid))
        }
        Settlement::Failed => {
            intents::fail(tx, &mut intent, &mut charge, Decline::Returned)?;
            failed(tx, invoice)?;
            Ok(Some(Outcome::Failed))
        }
    }
}

/// The payment that the invoice waits for; made when it is first needed.
fn payment(tx: &Tx<'_>, invoice: &Value) -> Result<Value, ApiError> {
    let id = text(invoice, "id")?;
    let query = Query {
        kind: "invoice_payment",
        equal: vec![("invoice", id.to_owned().into())],
        limit: 1,
        ..Query::default()
    };
    if let Some(known) = tx
        .list(&query)?
        .and_then(|(found, _)| found.into_iter().next())
    {
        return Ok(known);
    }
    let amount = integer(invoice, "amount_due")?;
    let currency = text(invoice, "currency")?;
    let intent = random_id("pi_3", 23).map_err(StoreError::from)?;
    let secret = random_id(&format!("{intent}_secret_"), 25).map_err(StoreError::from)?;
    let mut object = objects::payment_intent(&intent, &secret, tx.second(), amount, currency);
    let description = match optional_text(invoice, "billing_reason") {
        Some("subscription_create") => "Subscription creation",
        _ => "Subscription update",
    };
    set(
        &mut object,
        [
            ("customer", text(invoice, "customer")?.into()),
            ("description", description.into()),
            ("setup_future_usage", "off_session".into()),
        ],
    )?;
    tx.insert(&object, &json!({}))?;
    let id_of_payment = random_id("inpay_1", 23).map_err(StoreError::from)?;
    let payment =
        objects::invoice_payment(&id_of_payment, tx.second(), id, &intent, amount, currency);
    tx.insert(&payment, &json!({}))?;
    Ok(payment)
}

fn intent_of(tx: &Tx<'_>, payment: &Value) -> Result<Value, ApiError> {
    let named = payment.get("payment").unwrap_or(&Value::Null);
    Ok(tx.named(text(named, "payment_intent")?)?)
}

fn close(
    tx: &Tx<'_>,
    payment: &mut Value,
    invoice: &mut Value,
    amount: i64,
) -> Result<(), ApiError> {
    set(
        payment,
        [("amount_paid", amount.into()), ("status", "paid".into())],
    )?;
    stamp(tx, payment, "paid_at")?;
    tx.update(payment)?;
    emit(tx, "invoice_payment.paid", payment, None)?;
    paid(tx, invoice, amount)
}

fn paid(tx: &Tx<'_>, invoice: &mut Value, amount: i64) -> Result<(), ApiError> {
    set(
        invoice,
        [
            ("amount_paid", amount.into()),
            ("amount_remaining", 0.into()),
            ("attempted", true.into()),
            ("auto_advance", false.into()),
            ("next_payment_attempt", Value::Null),
            ("status", "paid".into()),
        ],
    )?;
    stamp(tx, invoice, "paid_at")?;
    tx.update(invoice)?;
    emit(tx, "invoice.paid", invoice, None)?;
    emit(tx, "invoice.payment_succeeded", invoice, None)?;
    Ok(())
}

/// Plans the next attempt, if there is one, before it is told.
fn failed(tx: &Tx<'_>, invoice: &mut Value) -> Result<(), ApiError> {
    let next = super::retry::plan(tx, invoice)?;
    set(
        invoice,
        [
            ("next_payment_attempt", next.into()),
            ("auto_advance", next.is_some().into()),
        ],
    )?;
    tx.update(invoice)?;
    emit(tx, "invoice.payment_failed", invoice, None)?;
    Ok(())
}
