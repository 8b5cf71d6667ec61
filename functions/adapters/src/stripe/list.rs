//! What Stripe is asked to list.

use jiff::Timestamp;
use serde::Serialize;
use stripe_client_core::{RequestBuilder, StripeMethod};

/// The most that Stripe puts on a page.
const PAGE: u8 = 100;

/// The parameters of a list; those that are absent are not sent.
#[derive(Default, Serialize)]
struct Query<'a> {
    limit: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    starting_after: Option<&'a str>,
    #[serde(rename = "created[gte]", skip_serializing_if = "Option::is_none")]
    created_from: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_intent: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subscription: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'a str>,
    #[serde(rename = "payment[type]", skip_serializing_if = "Option::is_none")]
    payment_type: Option<&'a str>,
    #[serde(
        rename = "payment[payment_intent]",
        skip_serializing_if = "Option::is_none"
    )]
    paid_by: Option<&'a str>,
    #[serde(rename = "expand[0]", skip_serializing_if = "Option::is_none")]
    expand: Option<&'a str>,
}

fn page<'a>(cursor: Option<&'a str>) -> Query<'a> {
    Query {
        limit: PAGE,
        starting_after: cursor,
        ..Query::default()
    }
}

fn list(path: &str, query: &Query<'_>) -> RequestBuilder {
    RequestBuilder::new(StripeMethod::Get, path).query(query)
}

/// The session that a payment or a subscription comes from: one at most.
pub(super) fn sessions_of(member: &'static str, id: &str) -> RequestBuilder {
    let mut query = page(None);
    query.limit = 1;
    match member {
        "subscription" => query.subscription = Some(id),
        _ => query.payment_intent = Some(id),
    }
    list("/checkout/sessions", &query)
}

/// The disputes of a payment, newest first.
pub(super) fn disputes(payment: &str) -> RequestBuilder {
    let query = Query {
        payment_intent: Some(payment),
        ..page(None)
    };
    list("/disputes", &query)
}

/// Events since an instant, newest first.
pub(super) fn events(since: Timestamp, cursor: Option<&str>) -> RequestBuilder {
    let query = Query {
        created_from: Some(since.as_second()),
        ..page(cursor)
    };
    list("/events", &query)
}

/// Sessions opened since an instant, newest first.
pub(super) fn sessions(since: Timestamp, cursor: Option<&str>) -> RequestBuilder {
    let query = Query {
        created_from: Some(since.as_second()),
        ..page(cursor)
    };
    list("/checkout/sessions", &query)
}

/// All subscriptions, newest first.
pub(super) fn subscriptions(cursor: Option<&str>) -> RequestBuilder {
    let query = Query {
        status: Some("all"),
        ..page(cursor)
    };
    list("/subscriptions", &query)
}

/// The invoices of a subscription with the payments made on them, newest first.
pub(super) fn invoices(subscription: &str, cursor: Option<&str>) -> RequestBuilder {
    let query = Query {
        subscription: Some(subscription),
        expand: Some("data.payments"),
        ..page(cursor)
    };
    list("/invoices", &query)
}

/// The charges of a customer with what they cost, newest first.
pub(super) fn charges(customer: &str, cursor: Option<&str>) -> RequestBuilder {
    let query = Query {
        customer: Some(customer),
        expand: Some("data.balance_transaction"),
        ..page(cursor)
    };
    list("/charges", &query)
}

/// The invoices that a payment was made on: one at most.
pub(super) fn invoices_paid_by(payment: &str) -> RequestBuilder {
    let query = Query {
        payment_type: Some("payment_intent"),
        paid_by: Some(payment),
        ..page(None)
    };
    list("/invoice_payments", &query)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_listed_is_named_as_stripe_wants_it() {
        let asked = |built: RequestBuilder| (built.path, built.query.unwrap());
        let (path, query) = asked(disputes("pi_1"));
        assert_eq!(path, "/disputes");
        assert_eq!(query, "limit=100&payment_intent=pi_1");
        let (path, query) = asked(events(
            "2026-01-01T00:00:00Z".parse().unwrap(),
            Some("evt_1"),
        ));
        assert_eq!(path, "/events");
        let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
        let expected = [
            ("limit", "100"),
            ("starting_after", "evt_1"),
            ("created[gte]", "1767225600"),
        ];
        assert_eq!(
            pairs,
            expected.map(|(name, value)| (name.into(), value.into()))
        );
    }
}
