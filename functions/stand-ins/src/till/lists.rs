//! Lists of the Stripe API: filters, `created` ranges, cursors.
//!
//! Source: <https://docs.stripe.com/api/pagination>.

use rusqlite::types::Value as SqlValue;
use serde_json::Value;

use super::error::ApiError;
use super::objects;
use super::params::Params;
use super::store::{Query, Tx};

/// What a kind of object can be listed by.
pub(crate) struct Listing {
    pub(crate) kind: &'static str,
    pub(crate) url: &'static str,
    /// Parameter and the field it must equal.
    pub(crate) filters: &'static [(&'static str, &'static str)],
    /// The same for switches.
    pub(crate) switches: &'static [&'static str],
    /// The same for lists of texts one of which must match, and how many there can be.
    pub(crate) any: &'static [(&'static str, &'static str, usize)],
}

const NONE: Listing = Listing {
    kind: "",
    url: "",
    filters: &[],
    switches: &[],
    any: &[],
};

pub(crate) const SESSIONS: Listing = Listing {
    kind: "checkout.session",
    url: "/v1/checkout/sessions",
    filters: &[
        ("customer", "customer"),
        ("payment_intent", "payment_intent"),
        ("status", "status"),
        ("subscription", "subscription"),
    ],
    ..NONE
};
pub(crate) const PAYMENT_INTENTS: Listing = Listing {
    kind: "payment_intent",
    url: "/v1/payment_intents",
    filters: &[("customer", "customer")],
    ..NONE
};
pub(crate) const CHARGES: Listing = Listing {
    kind: "charge",
    url: "/v1/charges",
    filters: &[
        ("customer", "customer"),
        ("payment_intent", "payment_intent"),
    ],
    ..NONE
};
pub(crate) const REFUNDS: Listing = Listing {
    kind: "refund",
    url: "/v1/refunds",
    filters: &[("charge", "charge"), ("payment_intent", "payment_intent")],
    ..NONE
};
pub(crate) const DISPUTES: Listing = Listing {
    kind: "dispute",
    url: "/v1/disputes",
    filters: &[("charge", "charge"), ("payment_intent", "payment_intent")],
    ..NONE
};
pub(crate) const CUSTOMERS: Listing = Listing {
    kind: "customer",
    url: "/v1/customers",
    filters: &[("email", "email")],
    ..NONE
};
pub(crate) const PRODUCTS: Listing = Listing {
    kind: "product",
    url: "/v1/products",
    switches: &["active"],
    any: &[("ids", "id", 100)],
    ..NONE
};
pub(crate) const PRICES: Listing = Listing {
    kind: "price",
    url: "/v1/prices",
    filters: &[
        ("currency", "currency"),
        ("product", "product"),
        ("type", "type"),
    ],
    switches: &["active"],
    any: &[("lookup_keys", "lookup_key", 10)],
};
pub(crate) const BALANCE_TRANSACTIONS: Listing = Listing {
    kind: "balance_transaction",
    url: "/v1/balance_transactions",
    filters: &[
        ("currency", "currency"),
        ("source", "source"),
        ("type", "type"),
    ],
    ..NONE
};
pub(crate) const COUPONS: Listing = Listing {
    kind: "coupon",
    url: "/v1/coupons",
    ..NONE
};
pub(crate) const SUBSCRIPTIONS: Listing = Listing {
    kind: "subscription",
    url: "/v1/subscriptions",
    filters: &[("customer", "customer")],
    ..NONE
};
pub(crate) const INVOICES: Listing = Listing {
    kind: "invoice",
    url: "/v1/invoices",
    filters: &[
        ("customer", "customer"),
        ("status", "status"),
        ("subscription", "parent.subscription_details.subscription"),
    ],
    ..NONE
};
pub(crate) const INVOICE_PAYMENTS: Listing = Listing {
    kind: "invoice_payment",
    url: "/v1/invoice_payments",
    filters: &[("invoice", "invoice"), ("status", "status")],
    ..NONE
};
pub(crate) const EVENTS: Listing = Listing {
    kind: "event",
    url: "/v1/events",
    any: &[("types", "type", 20)],
    ..NONE
};

/// How long events can be asked for, in seconds: 30 days.
pub(crate) const EVENT_LIFE_S: i64 = 30 * 86_400;

/// Answers one page, newest first.
pub(crate) fn list(tx: &Tx<'_>, params: &mut Params, listing: &Listing) -> Result<Value, ApiError> {
    let mut query = Query {
        kind: listing.kind,
        limit: limit(params)?,
        after: params.text("starting_after")?,
        before: params.text("ending_before")?,
        ..Query::default()
    };
    if query.after.is_some() && query.before.is_some() {
        return Err(ApiError::invalid(
            "ending_before",
            "You may only specify one of these parameters: ending_before, starting_after.",
        ));
    }
    for (name, field) in listing.filters {
        if let Some(wanted) = params.text(name)? {
            query.equal.push((field, wanted.into()));
        }
    }
    for name in listing.switches {
        if let Some(wanted) = params.boolean(name)? {
            query.equal.push((name, SqlValue::from(wanted)));
        }
    }
    for (name, field, most) in listing.any {
        let wanted = params.texts(name)?;
        if wanted.len() > *most {
            return Err(ApiError::invalid(
                *name,
                format!("{name} can have up to {most} values."),
            ));
        }
        if !wanted.is_empty() {
            query.like.push((field, wanted));
        }
    }
    created(params, &mut query)?;
    match listing.kind {
        "event" => {
            query.created.push((">=", tx.second() - EVENT_LIFE_S));
            if let Some(pattern) = params.text("type")? {
                query.like.push(("type", vec![pattern]));
            }
        }
        "checkout.session" => {
            if let Some(mut details) = params.hash("customer_details")? {
                if let Some(email) = details.text("email")? {
                    query.equal.push(("customer_details.email", email.into()));
                }
                params.close(details);
            }
        }
        "subscription" => status(params, &mut query)?,
        "invoice_payment" => payment(params, &mut query)?,
        _ => {}
    }
    match tx.list(&query)? {
        Some((page, more)) => Ok(objects::list(listing.url, page, more)),
        None => {
            let (param, id) = match (query.after, query.before) {
                (Some(id), _) => ("starting_after", id),
                (None, id) => ("ending_before", id.unwrap_or_default()),
            };
            Err(ApiError::no_such(listing.kind, &id, param))
        }
    }
}

/// `status` of subscriptions: without it all that have not ended, `all`, `ended`, or just one.
fn status(params: &mut Params, query: &mut Query) -> Result<(), ApiError> {
    let running = [
        "active",
        "incomplete",
        "past_due",
        "paused",
        "trialing",
        "unpaid",
    ];
    let over = ["canceled", "incomplete_expired"];
    let names = |all: &[&str]| all.iter().map(|name| (*name).to_owned()).collect();
    match params.text("status")?.as_deref() {
        None => query.like.push(("status", names(&running))),
        Some("all") => {}
        Some("ended") => query.like.push(("status", names(&over))),
        Some(one) if running.contains(&one) || over.contains(&one) => {
            query.equal.push(("status", one.to_owned().into()));
        }
        Some(_) => {
            return Err(ApiError::invalid(
                "status",
                "Invalid status: must be all, ended, or a subscription's status",
            ));
        }
    }
    Ok(())
}

/// `payment[type]` and `payment[payment_intent]` of invoice payments.
fn payment(params: &mut Params, query: &mut Query) -> Result<(), ApiError> {
    let Some(mut payment) = params.hash("payment")? else {
        return Ok(());
    };
    payment
        .choice("type", &["payment_intent"])?
        .ok_or_else(|| ApiError::missing(&payment.name("type")))?;
    if let Some(intent) = payment.text("payment_intent")? {
        query.equal.push(("payment.payment_intent", intent.into()));
    }
    params.close(payment);
    Ok(())
}

pub(crate) fn limit(params: &mut Params) -> Result<usize, ApiError> {
    let Some(limit) = params.integer("limit")? else {
        return Ok(10);
    };
    match usize::try_from(limit) {
        Ok(limit @ 1..=100) => Ok(limit),
        _ => Err(ApiError::invalid(
            "limit",
            "Invalid limit: must be between 1 and 100",
        )),
    }
}

/// `created=1700000000`, or bounds: `created[gte]=…&created[lt]=…`.
fn created(params: &mut Params, query: &mut Query) -> Result<(), ApiError> {
    if !params.is_hash("created") {
        if let Some(exact) = params.integer("created")? {
            query.created.push(("=", exact));
        }
        return Ok(());
    }
    let Some(mut bounds) = params.hash("created")? else {
        return Ok(());
    };
    for (name, comparison) in [("gt", ">"), ("gte", ">="), ("lt", "<"), ("lte", "<=")] {
        if let Some(bound) = bounds.integer(name)? {
            query.created.push((comparison, bound));
        }
    }
    params.close(bounds);
    Ok(())
}
