//! Which request does what: the part of Stripe's API that the till knows.

use http::Method;
use serde_json::Value;

use super::basket;
use super::billing::change;
use super::coupons;
use super::error::ApiError;
use super::expand::expand;
use super::fields::integer;
use super::lists::{self, Listing, list};
use super::objects;
use super::params::Params;
use super::portal;
use super::prices;
use super::refunds;
use super::sessions;
use super::store::Tx;

/// Answers a request. Everything in it is understood and done, or nothing is.
pub(crate) fn answer(
    tx: &Tx<'_>,
    method: &Method,
    path: &str,
    mut params: Params,
    origin: &str,
) -> Result<Value, ApiError> {
    let paths = params.texts("expand")?;
    let mut object = dispatch(tx, method, path, &mut params, origin)?;
    params.finish()?;
    expand(tx, &mut object, &paths)?;
    Ok(object)
}

fn dispatch(
    tx: &Tx<'_>,
    method: &Method,
    path: &str,
    params: &mut Params,
    origin: &str,
) -> Result<Value, ApiError> {
    let names: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let ["v1", names @ ..] = names.as_slice() else {
        return Err(ApiError::no_such_url(method.as_str(), path));
    };
    match (method.as_str(), names) {
        ("POST", ["checkout", "sessions"]) => sessions::create(tx, params, origin),
        ("GET", ["checkout", "sessions"]) => list(tx, params, &lists::SESSIONS),
        ("GET", ["checkout", "sessions", id]) => find(tx, "checkout.session", id),
        ("GET", ["checkout", "sessions", id, "line_items"]) => line_items(tx, params, id),
        ("POST", ["checkout", "sessions", id, "expire"]) => {
            sessions::expire(tx, find(tx, "checkout.session", id)?)
        }
        ("POST", ["refunds"]) => create_refund(tx, params),
        ("POST", ["refunds", id]) => refunds::update(tx, params, find(tx, "refund", id)?),
        ("POST", ["subscriptions", id]) => {
            change::update(tx, params, find(tx, "subscription", id)?)
        }
        ("DELETE", ["subscriptions", id]) => {
            change::cancel(tx, params, find(tx, "subscription", id)?)
        }
        ("POST", ["subscriptions", id, "resume"]) => {
            change::resume(tx, params, find(tx, "subscription", id)?)
        }
        ("GET", ["invoices", id, "lines"]) => invoice_lines(tx, params, id),
        ("POST", ["coupons"]) => coupons::create(tx, params),
        ("POST", ["coupons", id]) => coupons::update(tx, params, find(tx, "coupon", id)?),
        ("DELETE", ["coupons", id]) => coupons::delete(tx, &find(tx, "coupon", id)?),
        ("POST", ["billing_portal", "sessions"]) => portal::create(tx, params, origin),
        ("POST", ["customers"]) => prices::create_customer(tx, params),
        ("POST", ["customers", id]) => {
            prices::update_customer(tx, params, find(tx, "customer", id)?)
        }
        ("POST", ["products"]) => prices::create_product(tx, params),
        ("POST", ["products", id]) => prices::update_product(tx, params, find(tx, "product", id)?),
        ("POST", ["prices"]) => prices::create_price(tx, params),
        ("POST", ["prices", id]) => prices::update_price(tx, params, find(tx, "price", id)?),
        ("GET", [collection]) => match listing(collection) {
            Some(listing) => list(tx, params, listing),
            None => Err(ApiError::no_such_url(method.as_str(), path)),
        },
        ("GET", ["events", id]) => event(tx, id),
        ("GET", [collection, id]) => match listing(collection) {
            Some(listing) => find(tx, listing.kind, id),
            None => Err(ApiError::no_such_url(method.as_str(), path)),
        },
        _ => Err(ApiError::no_such_url(method.as_str(), path)),
    }
}

fn listing(collection: &str) -> Option<&'static Listing> {
    Some(match collection {
        "payment_intents" => &lists::PAYMENT_INTENTS,
        "charges" => &lists::CHARGES,
        "refunds" => &lists::REFUNDS,
        "disputes" => &lists::DISPUTES,
        "customers" => &lists::CUSTOMERS,
        "products" => &lists::PRODUCTS,
        "prices" => &lists::PRICES,
        "balance_transactions" => &lists::BALANCE_TRANSACTIONS,
        "events" => &lists::EVENTS,
        "coupons" => &lists::COUPONS,
        "subscriptions" => &lists::SUBSCRIPTIONS,
        "invoices" => &lists::INVOICES,
        "invoice_payments" => &lists::INVOICE_PAYMENTS,
        _ => return None,
    })
}

/// The object that the URL names.
pub(crate) fn find(tx: &Tx<'_>, kind: &str, id: &str) -> Result<Value, ApiError> {
    tx.find(kind, id)?
        .ok_or_else(|| ApiError::no_such(kind, id, "id"))
}

/// Events are gone after 30 days.
fn event(tx: &Tx<'_>, id: &str) -> Result<Value, ApiError> {
    let event = find(tx, "event", id)?;
    if integer(&event, "created")? < tx.second() - lists::EVENT_LIFE_S {
        return Err(ApiError::no_such("event", id, "id"));
    }
    Ok(event)
}

/// All line items of a session; they are few, so cursors are refused as unknown.
fn line_items(tx: &Tx<'_>, params: &mut Params, id: &str) -> Result<Value, ApiError> {
    find(tx, "checkout.session", id)?;
    let items = basket::items(tx, id)?;
    let url = format!("/v1/checkout/sessions/{id}/line_items");
    first_page(params, items, &url)
}

/// The same for the lines of an invoice.
fn invoice_lines(tx: &Tx<'_>, params: &mut Params, id: &str) -> Result<Value, ApiError> {
    let invoice = find(tx, "invoice", id)?;
    let lines = invoice
        .pointer("/lines/data")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    first_page(params, lines, &format!("/v1/invoices/{id}/lines"))
}

fn first_page(params: &mut Params, all: Vec<Value>, url: &str) -> Result<Value, ApiError> {
    let limit = lists::limit(params)?;
    let more = all.len() > limit;
    let page = all.into_iter().take(limit).collect();
    Ok(objects::list(url, page, more))
}

fn create_refund(tx: &Tx<'_>, params: &mut Params) -> Result<Value, ApiError> {
    let charge = match (params.text("charge")?, params.text("payment_intent")?) {
        (Some(id), None) => tx
            .find("charge", &id)?
            .ok_or_else(|| ApiError::no_such("charge", &id, "charge"))?,
        (None, Some(id)) => {
            tx.find("payment_intent", &id)?
                .ok_or_else(|| ApiError::no_such("payment_intent", &id, "payment_intent"))?;
            refunds::charge_of(tx, &id, "payment_intent")?
        }
        _ => {
            return Err(ApiError::invalid(
                "charge",
                "You must specify exactly one of `charge` and `payment_intent`.",
            ));
        }
    };
    let amount = params.integer("amount")?;
    let reasons = ["duplicate", "fraudulent", "requested_by_customer"];
    let reason = params.choice("reason", &reasons)?;
    let metadata = params.metadata("metadata")?.unwrap_or_default();
    refunds::refund(tx, charge, amount, reason, metadata)
}
