//! The billing portal: a page of the till where a customer sees their subscriptions and can cancel
//! them, or take that back, and nothing else.

use axum::response::Response;
use serde_json::{Value, json};

use super::billing::change::schedule_cancel;
use super::billing::{items, period};
use super::currency::display;
use super::endpoints::find;
use super::error::ApiError;
use super::fields::{boolean, integer, optional_text, text};
use super::ids::random_id;
use super::objects;
use super::params::Params;
use super::pay_page::{BANNER, button, origin};
use super::sessions::url;
use super::store::{Query, StoreError, Tx};
use crate::html::{escape, page};

/// How long the page can be used, in seconds. Stripe says "a short time".
const LIFE_S: i64 = 3600;

/// `POST /v1/billing_portal/sessions`.
pub(crate) fn create(tx: &Tx<'_>, params: &mut Params, own: &str) -> Result<Value, ApiError> {
    let customer = params.required_text("customer")?;
    tx.find("customer", &customer)?
        .ok_or_else(|| ApiError::no_such("customer", &customer, "customer"))?;
    let return_url = url(params, "return_url")?;
    let locale = params.text("locale")?;
    let id = random_id("bps_1", 23).map_err(StoreError::from)?;
    // The page's name is its secret: whoever has it may use it.
    let secret = random_id("test_", 40).map_err(StoreError::from)?;
    let session = objects::portal_session(
        &id,
        tx.second(),
        &customer,
        &format!("{own}/_dev/till/portal/{secret}"),
        return_url.as_deref(),
        locale.as_deref(),
    );
    tx.insert(&session, &json!({}))?;
    let page =
        json!({ "id": secret, "object": "portal page", "session": id, "created": tx.second() });
    tx.insert(&page, &json!({}))?;
    Ok(session)
}

/// The page.
pub(crate) fn show(tx: &Tx<'_>, secret: &str) -> Result<Response, ApiError> {
    let session = session(tx, secret)?;
    let customer = find(tx, "customer", text(&session, "customer")?)?;
    let mut shown = String::new();
    for subscription in subscriptions(tx, &customer)? {
        shown.push_str(&article(tx, secret, &subscription)?);
    }
    if shown.is_empty() {
        shown.push_str("<p>There is no subscription.</p>\n");
    }
    let return_url = optional_text(&session, "return_url");
    let back = return_url.map_or(String::new(), |url| {
        format!("<p><a href=\"{}\">Back to the shop</a></p>\n", escape(url))
    });
    let email = escape(optional_text(&customer, "email").unwrap_or("—"));
    let body = format!(
        "<div class=\"narrow\">\n<h1>Your subscriptions</h1>\n<p>{email}</p>\n{shown}{back}</div>"
    );
    let target = return_url.and_then(origin);
    Ok(page(
        "Test till: your subscriptions",
        BANNER,
        &body,
        target.as_slice(),
    ))
}

/// What a button of the page does: cancels the customer's subscription at the end of its period, or
/// takes that back.
pub(crate) fn set_cancel(
    tx: &Tx<'_>,
    secret: &str,
    subscription: &str,
    cancels: bool,
) -> Result<Value, ApiError> {
    let session = session(tx, secret)?;
    let before = find(tx, "subscription", subscription)?;
    if text(&before, "customer")? != text(&session, "customer")? {
        return Err(ApiError::no_such("subscription", subscription, "id"));
    }
    if !runs(&before) {
        return Err(ApiError::refused(
            "subscription_ended",
            "The subscription has ended.",
        ));
    }
    let mut after = before.clone();
    schedule_cancel(&mut after, cancels, tx.second())?;
    super::billing::save(tx, &before, &after)?;
    Ok(after)
}

/// The session that the page belongs to, while it can be used.
fn session(tx: &Tx<'_>, secret: &str) -> Result<Value, ApiError> {
    let page = find(tx, "portal page", secret)?;
    if integer(&page, "created")? + LIFE_S < tx.second() {
        return Err(ApiError::no_such("portal page", secret, "id"));
    }
    Ok(tx.named(text(&page, "session")?)?)
}

fn subscriptions(tx: &Tx<'_>, customer: &Value) -> Result<Vec<Value>, ApiError> {
    let query = Query {
        kind: "subscription",
        equal: vec![("customer", text(customer, "id")?.to_owned().into())],
        limit: 100,
        ..Query::default()
    };
    Ok(tx.list(&query)?.unwrap_or_default().0)
}

fn runs(subscription: &Value) -> bool {
    !matches!(
        optional_text(subscription, "status"),
        Some("canceled" | "incomplete_expired")
    )
}

fn article(tx: &Tx<'_>, secret: &str, subscription: &Value) -> Result<String, ApiError> {
    let id = escape(text(subscription, "id")?);
    let mut names = Vec::new();
    for item in items(subscription) {
        let price = item.get("price").cloned().unwrap_or_default();
        let product = tx.named(text(&price, "product")?)?;
        names.push(format!(
            "{} ({})",
            escape(text(&product, "name")?),
            escape(&display(
                integer(&price, "unit_amount")?,
                text(&price, "currency")?
            ))
        ));
    }
    let (_, end) = period(subscription)?;
    let day = jiff::Timestamp::from_second(end)
        .map(|end| end.strftime("%Y-%m-%d").to_string())
        .unwrap_or_default();
    let cancels = boolean(subscription, "cancel_at_period_end")?;
    let status = escape(text(subscription, "status")?);
    let (what, action) = if !runs(subscription) {
        (status, String::new())
    } else if cancels {
        let action = format!("/_dev/till/portal/{}/{id}/resume", escape(secret));
        (
            format!("{status}, ends on {day}"),
            button(&action, &[], "Don't cancel"),
        )
    } else {
        let action = format!("/_dev/till/portal/{}/{id}/cancel", escape(secret));
        (
            format!("{status}, next payment on {day}"),
            button(&action, &[], "Cancel at the end of the period"),
        )
    };
    Ok(format!(
        "<article>\n<h2>{}</h2>\n<p>{what}</p>\n{action}</article>\n",
        names.join(", ")
    ))
}
