//! Events from the payment provider: believed only when signed, and then only as a hint.
//!
//! Signature scheme: Stripe, "Verify webhook signatures manually" (`Stripe-Signature:
//! t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<raw body>">`, several `v1` during rotation).

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{CheckoutPorts, Order, Quarantine, project};
use crate::identity::OrderId;
use crate::ports::{Payments, Subject, Unavailable};

/// How far a signature's time may lie from ours, in seconds, either way (Stripe's default).
pub const TOLERANCE_SECONDS: i64 = 300;

/// Endpoint secrets: more than one while they rotate.
#[derive(Clone)]
pub struct WebhookSecrets(pub Vec<String>);

/// The signature does not prove that the provider sent this body now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not hold")]
pub struct SignatureError;

/// Checks a `Stripe-Signature` header over the raw bytes of a body, in constant time.
pub fn verify(
    secrets: &WebhookSecrets,
    header: &str,
    body: &[u8],
    now: Timestamp,
) -> Result<(), SignatureError> {
    let mut times = header
        .split(',')
        .filter_map(|part| part.trim().strip_prefix("t="));
    let time = times.next().ok_or(SignatureError)?;
    if times.next().is_some() || time.is_empty() || !time.bytes().all(|b| b.is_ascii_digit()) {
        return Err(SignatureError);
    }
    let seconds: i64 = time.parse().map_err(|_| SignatureError)?;
    if now.as_second().abs_diff(seconds) > TOLERANCE_SECONDS.unsigned_abs() {
        return Err(SignatureError);
    }
    for signature in header
        .split(',')
        .filter_map(|part| part.trim().strip_prefix("v1="))
    {
        let Ok(signature) = hex::decode(signature) else {
            continue;
        };
        for secret in &secrets.0 {
            let mut mac =
                Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(|_| SignatureError)?;
            mac.update(time.as_bytes());
            mac.update(b".");
            mac.update(body);
            if mac.verify_slice(&signature).is_ok() {
                return Ok(());
            }
        }
    }
    Err(SignatureError)
}

/// The few members of an event that are looked at; whatever else it has, of whatever API
/// version, passes.
#[derive(Debug, Clone, Deserialize)]
pub struct ProviderEvent {
    /// Unique id.
    pub id: String,
    /// E.g. `checkout.session.completed`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it is about: of a shape that only the kinds below have.
    #[serde(default)]
    data: Value,
}

impl ProviderEvent {
    /// An event that the provider lists, about `object`.
    pub fn new(id: String, kind: String, object: Value) -> Self {
        let data = serde_json::json!({ "object": object });
        Self { id, kind, data }
    }

    /// A member of the object that the event is about.
    fn member(&self, path: &[&str]) -> Option<&Value> {
        let object = self.data.get("object")?;
        path.iter().try_fold(object, |value, name| value.get(name))
    }

    /// An id, whether it stands there by itself or within the object it names.
    fn id_at(&self, path: &[&str]) -> Option<&str> {
        let value = self.member(path)?;
        value.as_str().or_else(|| value.get("id")?.as_str())
    }
}

/// What an event is about; `None` if it is none of our business, an error if it should say so and
/// does not.
pub fn subject(event: &ProviderEvent) -> Result<Option<Subject>, &'static str> {
    let kind = event.kind.as_str();
    let subject = match kind {
        "checkout.session.completed"
        | "checkout.session.async_payment_succeeded"
        | "checkout.session.async_payment_failed"
        | "checkout.session.expired" => {
            let id = event.id_at(&["id"]).and_then(OrderId::parse);
            Subject::Session(id.ok_or("the session has no id")?)
        }
        // A dispute has an id of its own; the payment it is about is another member.
        "charge.refunded"
        | "charge.refund.updated"
        | "charge.updated"
        | "refund.created"
        | "refund.updated"
        | "refund.failed"
        | "charge.dispute.created"
        | "charge.dispute.updated"
        | "charge.dispute.closed"
        | "charge.dispute.funds_withdrawn"
        | "charge.dispute.funds_reinstated" => {
            let id = event.id_at(&["payment_intent"]);
            Subject::Payment(id.ok_or("the object has no payment_intent")?.to_owned())
        }
        "customer.subscription.created"
        | "customer.subscription.updated"
        | "customer.subscription.deleted"
        | "customer.subscription.paused"
        | "customer.subscription.resumed" => {
            let id = event.id_at(&["id"]).ok_or("the subscription has no id")?;
            Subject::Subscription(id.to_owned())
        }
        "invoice.paid"
        | "invoice.payment_succeeded"
        | "invoice.payment_failed"
        | "invoice.voided"
        | "invoice.marked_uncollectible" => {
            // As the API writes it since 2025-03-31 ("basil"), and before.
            let id = event
                .id_at(&["parent", "subscription_details", "subscription"])
                .or_else(|| event.id_at(&["subscription"]));
            match id {
                Some(id) => Subject::Subscription(id.to_owned()),
                // Invoices are also written by hand.
                None => return Ok(None),
            }
        }
        _ => return Ok(None),
    };
    Ok(Some(subject))
}

/// Takes in a verified event: finds the order it is about and projects it. What can't be matched
/// goes to quarantine. `Ok` means that nothing more is owed to this event.
pub async fn receive(ports: &CheckoutPorts, event: &ProviderEvent) -> Result<(), Unavailable> {
    let subject = match subject(event) {
        Ok(Some(subject)) => subject,
        Ok(None) => return Ok(()),
        Err(reason) => return quarantine(ports, event, reason).await,
    };
    let Some(id) = ports.payments.session_of(&subject).await? else {
        return quarantine(ports, event, "it belongs to no checkout session").await;
    };
    let Some(projected) = project(ports, &id, &event.id).await? else {
        return quarantine(ports, event, "no order has this checkout session").await;
    };
    match event.contradicts(&projected.order, ports.payments.as_ref()) {
        Some(reason) => quarantine(ports, event, reason).await,
        None => Ok(()),
    }
}

/// Keeps the fact that a signed body could not be read: nothing of its text, which may be personal.
pub async fn quarantine_unreadable(
    ports: &CheckoutPorts,
    body: &[u8],
    error: &serde_json::Error,
) -> Result<(), Unavailable> {
    let digest = hex::encode(Sha256::digest(body));
    let place = format!("unreadable at {}:{}", error.line(), error.column());
    tracing::error!(body = digest, place, "event quarantined");
    let item = Quarantine {
        key: digest,
        reason: place,
        at: ports.reader.clock.now(),
    };
    ports.reader.orders.quarantine(&item).await
}

async fn quarantine(
    ports: &CheckoutPorts,
    event: &ProviderEvent,
    reason: &str,
) -> Result<(), Unavailable> {
    tracing::error!(
        event = event.id,
        kind = event.kind,
        reason,
        "event quarantined"
    );
    let item = Quarantine {
        key: event.id.clone(),
        reason: reason.to_owned(),
        at: ports.reader.clock.now(),
    };
    ports.reader.orders.quarantine(&item).await
}

impl ProviderEvent {
    /// A session's event that tells other figures than the session deserves a look, though its
    /// figures are never used.
    fn contradicts(&self, order: &Order, payments: &dyn Payments) -> Option<&'static str> {
        if !self.kind.starts_with("checkout.session.") {
            return None;
        }
        let amount = self.member(&["amount_total"]).and_then(Value::as_i64);
        let currency = self.member(&["currency"]).and_then(Value::as_str);
        if let (Some(amount), Some(currency)) = (amount, currency)
            && payments.money(amount, currency) != order.total
        {
            return Some("amount or currency differs from the order");
        }
        let offer = self.member(&["metadata", "offer"]).and_then(Value::as_str);
        if offer.is_some_and(|offer| offer != order.offer) {
            return Some("offer differs from the order");
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"id":"evt_1"}"#;

    fn header(secret: &str, time: i64, body: &[u8]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(format!("{time}.").as_bytes());
        mac.update(body);
        format!("t={time},v1={}", hex::encode(mac.finalize().into_bytes()))
    }

    fn check(header: &str, body: &[u8], now: i64) -> bool {
        let secrets = WebhookSecrets(vec!["whsec_old".to_owned(), "whsec_new".to_owned()]);
        verify(&secrets, header, body, Timestamp::from_second(now).unwrap()).is_ok()
    }

    #[test]
    fn either_secret_holds_during_rotation() {
        assert!(check(&header("whsec_old", 1000, BODY), BODY, 1000));
        assert!(check(&header("whsec_new", 1000, BODY), BODY, 1300));
        assert!(!check(&header("whsec_other", 1000, BODY), BODY, 1000));
    }

    #[test]
    fn a_body_that_was_written_anew_is_refused() {
        assert!(!check(
            &header("whsec_new", 1000, BODY),
            br#"{ "id":"evt_1"}"#,
            1000
        ));
    }

    #[test]
    fn the_time_must_be_ours_within_five_minutes() {
        let header = header("whsec_new", 1000, BODY);
        assert!(!check(&header, BODY, 1301));
        assert!(!check(&header, BODY, 699));
    }

    /// What an event of this kind with this object is about.
    fn about(kind: &str, object: &str) -> Result<Option<Subject>, &'static str> {
        let json = format!(r#"{{"id": "evt_1", "type": "{kind}", "new": [{{}}], {object}}}"#);
        subject(&serde_json::from_str(&json).unwrap())
    }

    #[test]
    fn an_event_of_any_shape_is_read_as_far_as_it_goes() {
        let kind = "checkout.session.completed";
        let odd = r#""data": {"object": {"id": "cs_1", "amount_total": "49.00", "metadata": []}}"#;
        let session = Subject::Session(OrderId::parse("cs_1").unwrap());
        assert_eq!(about(kind, odd), Ok(Some(session)));
        for bare in [
            r#""data": null"#,
            r#""data": {"object": {"id": 5}}"#,
            r#""data": {"object": {"id": "cs/1"}}"#,
            r#""more": 1"#,
        ] {
            assert!(about(kind, bare).is_err(), "{bare}");
            assert_eq!(about("made.up", bare), Ok(None));
        }
    }

    #[test]
    fn a_dispute_is_about_its_payment_and_not_about_itself() {
        let payment = Ok(Some(Subject::Payment("pi_1".to_owned())));
        let dispute =
            r#""data": {"object": {"id": "du_1", "charge": "ch_1", "payment_intent": "pi_1"}}"#;
        assert_eq!(about("charge.dispute.created", dispute), payment);
        let whole = r#""data": {"object": {"id": "ch_1", "payment_intent": {"id": "pi_1"}}}"#;
        assert_eq!(about("charge.refunded", whole), payment);
        let without = r#""data": {"object": {"id": "ch_1", "payment_intent": null}}"#;
        assert!(about("charge.refunded", without).is_err());
    }

    #[test]
    fn an_invoice_is_about_its_subscription_in_old_and_new_shape() {
        let subscription = Ok(Some(Subject::Subscription("sub_1".to_owned())));
        let old = r#""data": {"object": {"id": "in_1", "subscription": "sub_1"}}"#;
        let new = r#""data": {"object": {"id": "in_1", "parent": {"subscription_details": {"subscription": "sub_1"}}}}"#;
        for shape in [old, new] {
            assert_eq!(about("invoice.paid", shape), subscription);
        }
        let by_hand = r#""data": {"object": {"id": "in_1"}}"#;
        assert_eq!(about("invoice.paid", by_hand), Ok(None));
        let itself = r#""data": {"object": {"id": "sub_1"}}"#;
        assert_eq!(about("customer.subscription.deleted", itself), subscription);
    }

    #[test]
    fn malformed_headers_are_refused() {
        let good = header("whsec_new", 1000, BODY);
        let signature = good.split_once("v1=").unwrap().1;
        for bad in [
            String::new(),
            "t=1000".to_owned(),
            format!("v1={signature}"),
            format!("t=1000,v0={signature}"),
            format!("t=1000,v1={}", &signature[..62]),
            format!("t=1000,t=1000,v1={signature}"),
            format!("t=,v1={signature}"),
            format!("t=+1000,v1={signature}"),
            format!("t=x,v1={signature}"),
        ] {
            assert!(!check(&bad, BODY, 1000), "{bad}");
        }
        assert!(check(&good.replace(",", ", "), BODY, 1000));
    }
}
