//! The pages of the till: the one a checkout URL leads to, and the index of all that was paid.

use axum::response::Response;
use serde_json::Value;

use super::currency::display;
use super::dev::all_events;
use super::error::ApiError;
use super::fields::{boolean, integer, optional_text, text};
use super::sessions;
use super::store::{Query, Tx};
use crate::html::{escape, page};

const BANNER: &str = "Test till — no money moves";

/// Where the buyer goes after paying: the success URL with the session's id put in.
pub(crate) fn success_url(session: &Value) -> Option<String> {
    let id = optional_text(session, "id")?;
    let url = optional_text(session, "success_url")?;
    Some(url.replace("{CHECKOUT_SESSION_ID}", id))
}

/// The page that the session's URL leads to.
pub(crate) fn session(tx: &Tx<'_>, session: &Value, declined: bool) -> Result<Response, ApiError> {
    let id = escape(text(session, "id")?);
    let amount = escape(&amount(session, "amount_total")?);
    let mut names = String::new();
    for item in sessions::items(tx, text(session, "id")?)? {
        let name = escape(text(&item, "description")?);
        match integer(&item, "quantity")? {
            1 => names.push_str(&format!("<h1>{name}</h1>\n")),
            quantity => names.push_str(&format!("<h1>{quantity} × {name}</h1>\n")),
        }
    }
    let cancel = optional_text(session, "cancel_url").map_or(String::new(), |url| {
        format!(
            "<p><a href=\"{}\">Cancel and go back</a></p>\n",
            escape(url)
        )
    });
    let status = text(session, "status")?;
    let payment_status = text(session, "payment_status")?;
    let rest = match (status, payment_status) {
        ("open", _) => pay_form(session, &id, &amount, declined),
        ("expired", _) => "<p>This session has expired.</p>\n".to_owned(),
        (_, "unpaid") => format!(
            "<p>The payment is under way. How does it end?</p>\n{}",
            settle_forms(&id)
        ),
        _ => "<p>This session is paid.</p>\n".to_owned(),
    };
    let back = match (status, success_url(session)) {
        ("complete", Some(url)) => {
            format!("<p><a href=\"{}\">Back to the shop</a></p>\n", escape(&url))
        }
        _ => cancel,
    };
    let body = format!(
        "<div class=\"narrow\">\n{names}<p class=\"amount\">{amount}</p>\n{rest}{back}\
         <p><a href=\"/_dev/till\">All sessions and payments</a></p>\n</div>"
    );
    // Browsers hold the redirect after a form to the policy too.
    let target = optional_text(session, "success_url").and_then(origin);
    Ok(page("Test till", BANNER, &body, target.as_slice()))
}

fn pay_form(session: &Value, id: &str, amount: &str, declined: bool) -> String {
    let locked = session
        .get("customer_details")
        .and_then(|details| optional_text(details, "email"));
    let field = match locked {
        Some(email) => format!(
            "<input id=\"email\" name=\"email\" type=\"email\" value=\"{}\" readonly>",
            escape(email)
        ),
        None => {
            "<input id=\"email\" name=\"email\" type=\"email\" autocomplete=\"email\" required>"
                .to_owned()
        }
    };
    let refused = if declined {
        "<p class=\"error\" role=\"alert\">The card was declined. Nothing was paid.</p>\n"
    } else {
        ""
    };
    format!(
        "{refused}<form class=\"pay\" method=\"post\" action=\"/_dev/till/sessions/{id}/pay\">\n\
         <label for=\"email\">E-mail</label>\n{field}\n\
         <button name=\"card\" value=\"ok\">Pay {amount}</button>\n\
         <button name=\"card\" value=\"declined\">Pay with a card that is declined</button>\n\
         <button name=\"card\" value=\"async\">Pay by a transfer that takes days</button>\n\
         </form>\n"
    )
}

fn settle_forms(id: &str) -> String {
    let action = format!("/_dev/till/sessions/{id}/settle");
    let form = |result: &str, label: &str| button(&action, &[("result", result)], label);
    form("succeeded", "The money arrives") + &form("failed", "It fails")
}

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
    let mut events = String::new();
    for event in all_events(tx)?.iter().rev().take(SHOWN) {
        events.push_str(&event_row(event)?);
    }
    let body = format!(
        "<h1>Test till</h1>\n<p>The last {SHOWN} of each kind, newest first.</p>\n\
         <h2>Sessions</h2>\n<div class=\"wide\"><table>\n<tr><th>Session<th>Amount<th>Buyer<th>Status<th></tr>\n{rows}</table></div>\n\
         <h2>Payments</h2>\n<div class=\"wide\"><table>\n<tr><th>Payment<th>Amount<th>Refunded<th>Status<th></tr>\n{payments}</table></div>\n\
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

fn button(action: &str, fields: &[(&str, &str)], label: &str) -> String {
    let hidden: String = fields
        .iter()
        .map(|(name, value)| format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">"))
        .collect();
    format!("<form method=\"post\" action=\"{action}\">{hidden}<button>{label}</button></form>")
}

fn newest(tx: &Tx<'_>, kind: &'static str) -> Result<Vec<Value>, ApiError> {
    let query = Query {
        kind,
        limit: SHOWN,
        ..Query::default()
    };
    Ok(tx.list(&query)?.unwrap_or_default().0)
}

fn amount(object: &Value, name: &str) -> Result<String, ApiError> {
    Ok(display(integer(object, name)?, text(object, "currency")?))
}

/// `https://shop.example:8443` of `https://shop.example:8443/order/?x`, if it can stand in a policy.
fn origin(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-.:[]".contains(c);
    (!host.is_empty() && host.chars().all(plain)).then(|| format!("{scheme}://{host}"))
}

#[cfg(test)]
mod tests {
    use super::origin;

    #[test]
    fn only_an_origin_gets_into_the_policy() {
        assert_eq!(
            origin("https://shop.example:8443/order/?x=1").as_deref(),
            Some("https://shop.example:8443")
        );
        assert_eq!(origin("http://a.example;script-src *"), None);
        assert_eq!(origin("http:///x"), None);
    }
}
