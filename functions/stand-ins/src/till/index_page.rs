//! The index of the till: all that was sold and paid, with what can be done to it, and the events.

use axum::response::Response;
use serde_json::Value;

use super::billing::{items, period};
use super::dev::all_events;
use super::error::ApiError;
use super::fields::{boolean, optional_text, text};
use super::pay_page::{BANNER, amount, button, settle_forms};
use super::store::{Query, Tx};
use crate::html::{escape, page};

/// All sessions and payments, newest first, with what can be done to them; then the events.
pub(crate) fn index(tx: &Tx<'_>) -> Result<Response, ApiError> {
    let sessions = newest(tx, "checkout.session")?;
    let mut rows = String::new();
    for session in &sessions {
        rows.push_str(&session_row(session)?);
    }
    let mut payments = String::new();
    for charge in &newest(tx, "charge")? {
        payments.push_str(&payment_row(charge)?);
    }
    let mut subscriptions = String::new();
    for subscription in &newest(tx, "subscription")? {
        subscriptions.push_str(&subscription_row(subscription)?);
    }
    let mut refunds = String::new();
    for refund in &newest(tx, "refund")? {
        refunds.push_str(&refund_row(refund)?);
    }
    let mut events = String::new();
    for event in all_events(tx)?.iter().rev().take(SHOWN) {
        events.push_str(&event_row(event)?);
    }
    let body = format!(
        "<h1>Test till</h1>\n<p>The last {SHOWN} of each kind, newest first.</p>\n\
         <h2>Sessions</h2>\n<div class=\"wide\"><table>\n<tr><th>Session<th>Amount<th>Buyer<th>Status<th></tr>\n{rows}</table></div>\n\
         <h2>Subscriptions</h2>\n<div class=\"wide\"><table>\n<tr><th>Subscription<th>Price<th>Paid until<th>Status<th></tr>\n{subscriptions}</table></div>\n\
         <h2>Payments</h2>\n<div class=\"wide\"><table>\n<tr><th>Payment<th>Amount<th>Refunded<th>Status<th></tr>\n{payments}</table></div>\n\
         <h2>Refunds</h2>\n<div class=\"wide\"><table>\n<tr><th>Refund<th>Amount<th>Status<th></tr>\n{refunds}</table></div>\n\
         <h2>Events</h2>\n<p><a href=\"/_dev/till/events\">All of them, as JSON</a></p>\n\
         <div class=\"wide\"><table>\n<tr><th>Event<th>Type<th>Answers<th></tr>\n{events}</table></div>"
    );
    Ok(page("Test till", BANNER, &body, &[]))
}

const SHOWN: usize = 50;

fn session_row(session: &Value) -> Result<String, ApiError> {
    let id = escape(text(session, "id")?);
    let email = session
        .get("customer_details")
        .and_then(|details| optional_text(details, "email"))
        .unwrap_or("—");
    let status = text(session, "status")?;
    let payment_status = text(session, "payment_status")?;
    let actions = match (status, payment_status) {
        ("open", _) => button(&format!("/_dev/till/sessions/{id}/expire"), &[], "Expire"),
        ("complete", "unpaid") => settle_forms(&id),
        _ => String::new(),
    };
    Ok(format!(
        "<tr><td><a href=\"/_dev/till/sessions/{id}\"><code>{}…</code></a><td>{}<td>{}<td>{status}, {payment_status}<td>{actions}</tr>\n",
        id.chars().take(20).collect::<String>(),
        escape(&amount(session, "amount_total")?),
        escape(email),
    ))
}

fn subscription_row(subscription: &Value) -> Result<String, ApiError> {
    let id = escape(text(subscription, "id")?);
    let status = text(subscription, "status")?;
    let mut prices = Vec::new();
    for item in items(subscription) {
        let price = item.get("price").cloned().unwrap_or_default();
        prices.push(escape(&amount(&price, "unit_amount")?));
    }
    let (_, end) = period(subscription)?;
    let until = jiff::Timestamp::from_second(end).unwrap_or_default();
    let path = |name: &str| format!("/_dev/till/subscriptions/{id}/{name}");
    let cancels = boolean(subscription, "cancel_at_period_end")?;
    let collects = subscription
        .get("pause_collection")
        .is_none_or(Value::is_null);
    let mut actions = String::new();
    let mut offer = |name: &str, fields: &[(&str, &str)], label: &str| {
        actions.push_str(&button(&path(name), fields, label));
    };
    if matches!(status, "trialing" | "active" | "past_due") {
        offer("renew", &[("result", "succeeded")], "Renew");
        offer("renew", &[("result", "failed")], "Renew: declined");
    }
    if status == "trialing" {
        offer("end_trial", &[], "End the trial");
    }
    if status != "canceled" {
        if cancels || !collects || status == "paused" {
            offer("resume", &[], "Go on");
        } else {
            offer("cancel", &[("at_period_end", "true")], "Cancel at the end");
            offer("pause", &[], "Pause collection");
        }
        offer("cancel", &[], "Cancel now");
    }
    let mut notes = status.to_owned();
    if cancels {
        notes.push_str(", ends then");
    }
    if !collects {
        notes.push_str(", collection paused");
    }
    Ok(format!(
        "<tr><td><code>{id}</code><td>{}<td><time datetime=\"{until}\">{until}</time><td>{notes}<td>{actions}</tr>\n",
        prices.join(", ")
    ))
}

fn refund_row(refund: &Value) -> Result<String, ApiError> {
    let id = escape(text(refund, "id")?);
    let status = text(refund, "status")?;
    let action = format!("/_dev/till/refunds/{id}/settle");
    let mut actions = String::new();
    if status == "pending" {
        actions.push_str(&button(&action, &[("result", "succeeded")], "It arrives"));
    }
    if matches!(status, "pending" | "succeeded") {
        actions.push_str(&button(&action, &[("result", "failed")], "It fails"));
    }
    Ok(format!(
        "<tr><td><code>{id}</code><td>{}<td>{}<td>{actions}</tr>\n",
        escape(&amount(refund, "amount")?),
        escape(status),
    ))
}

fn payment_row(charge: &Value) -> Result<String, ApiError> {
    let id = escape(text(charge, "id")?);
    let status = text(charge, "status")?;
    let disputed = if boolean(charge, "disputed")? {
        ", disputed"
    } else {
        ""
    };
    let mut actions = String::new();
    if status == "succeeded" {
        if !boolean(charge, "refunded")? {
            actions.push_str(&format!(
                "<form method=\"post\" action=\"/_dev/till/payments/{id}/refund\">\
                 <input name=\"amount\" inputmode=\"numeric\" pattern=\"[0-9]*\" placeholder=\"all\" \
                 aria-label=\"Amount to refund, in minor units\"> <button>Refund</button></form>"
            ));
        }
        let action = format!("/_dev/till/payments/{id}/dispute");
        for ruling in ["warning", "open", "won", "lost"] {
            actions.push_str(&button(
                &action,
                &[("status", ruling)],
                &format!("Dispute: {ruling}"),
            ));
        }
    }
    Ok(format!(
        "<tr><td><code>{id}</code><td>{}<td>{}<td>{status}{disputed}<td>{actions}</tr>\n",
        escape(&amount(charge, "amount")?),
        escape(&amount(charge, "amount_refunded")?),
    ))
}

fn event_row(event: &Value) -> Result<String, ApiError> {
    let id = escape(text(event, "id")?);
    let answers: Vec<String> = event
        .get("deliveries")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(
            |delivery| match delivery.get("status").and_then(Value::as_i64) {
                Some(status) => status.to_string(),
                None => "no answer".to_owned(),
            },
        )
        .collect();
    Ok(format!(
        "<tr><td><code>{id}</code><td>{}<td>{}<td>{}</tr>\n",
        escape(text(event, "type")?),
        answers.join(", "),
        button(&format!("/_dev/till/events/{id}/resend"), &[], "Resend"),
    ))
}

fn newest(tx: &Tx<'_>, kind: &'static str) -> Result<Vec<Value>, ApiError> {
    let query = Query {
        kind,
        limit: SHOWN,
        ..Query::default()
    };
    Ok(tx.list(&query)?.unwrap_or_default().0)
}
