//! Events from the payment provider: believed only when signed, and then only as a hint.
//!
//! Signature scheme: Stripe, "Verify webhook signatures manually" (`Stripe-Signature:
//! t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<raw body>">`, several `v1` during rotation).

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::{CheckoutPorts, Order, Quarantine, project};
use crate::identity::OrderId;
use crate::ports::{Payments, Unavailable};

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

/// What an event is about. A member of another type than it had so far is as good as none.
#[derive(Debug, Clone, Default)]
struct EventObject {
    id: Option<String>,
    payment_intent: Option<Value>,
    amount_total: Option<i64>,
    currency: Option<String>,
    metadata: Option<Map<String, Value>>,
}

impl EventObject {
    fn of(data: &Value) -> Self {
        let member = |name: &str| data.get("object")?.get(name);
        let text = |name: &str| member(name)?.as_str().map(str::to_owned);
        Self {
            id: text("id"),
            payment_intent: member("payment_intent").cloned(),
            amount_total: member("amount_total").and_then(Value::as_i64),
            currency: text("currency"),
            metadata: member("metadata").and_then(Value::as_object).cloned(),
        }
    }
}

/// Takes in a verified event: finds the order it is about and projects it. What can't be matched
/// goes to quarantine. `Ok` means that nothing more is owed to this event.
pub async fn receive(ports: &CheckoutPorts, event: &ProviderEvent) -> Result<(), Unavailable> {
    let object = EventObject::of(&event.data);
    let session = match event.kind.as_str() {
        "checkout.session.completed"
        | "checkout.session.async_payment_succeeded"
        | "checkout.session.async_payment_failed"
        | "checkout.session.expired" => match object.id.as_deref().and_then(OrderId::parse) {
            Some(id) => Some(id),
            None => return quarantine(ports, event, "the session has no id").await,
        },
        "charge.refunded"
        | "charge.dispute.created"
        | "charge.dispute.updated"
        | "charge.dispute.closed"
        | "charge.dispute.funds_withdrawn"
        | "charge.dispute.funds_reinstated" => match object.payment() {
            Some(payment) => ports.payments.session_of_payment(payment).await?,
            None => return quarantine(ports, event, "the object has no payment_intent").await,
        },
        _ => return Ok(()),
    };
    let Some(id) = session else {
        return quarantine(ports, event, "the payment belongs to no checkout session").await;
    };
    let Some(order) = ports.reader.orders.order(&id).await? else {
        return quarantine(ports, event, "no order has this checkout session").await;
    };
    if event.kind.starts_with("checkout.session.")
        && let Some(reason) = object.differs_from(&order, ports.payments.as_ref())
    {
        quarantine(ports, event, reason).await?;
    }
    project(ports, &id).await?;
    Ok(())
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

impl EventObject {
    /// The payment's id, whether the object holds the id or the payment itself.
    fn payment(&self) -> Option<&str> {
        let value = self.payment_intent.as_ref()?;
        value.as_str().or_else(|| value.get("id")?.as_str())
    }

    /// An event that contradicts the order deserves a look, though its figures are never used.
    fn differs_from(&self, order: &Order, payments: &dyn Payments) -> Option<&'static str> {
        if let (Some(amount), Some(currency)) = (self.amount_total, &self.currency)
            && payments.money(amount, currency) != Some(order.price)
        {
            return Some("amount or currency differs from the order");
        }
        let offer = self
            .metadata
            .as_ref()
            .and_then(|map| map.get("offer"))
            .and_then(|value| value.as_str());
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

    #[test]
    fn an_event_of_any_shape_is_read_as_far_as_it_goes() {
        let read = |json: &str| {
            let event: ProviderEvent = serde_json::from_str(json).unwrap();
            EventObject::of(&event.data)
        };
        let whole = read(
            r#"{"id": "evt_1", "type": "checkout.session.completed", "new": [{}], "data": {"object":
                {"id": "cs_1", "amount_total": "49.00", "currency": "usd", "metadata": []}}}"#,
        );
        assert_eq!(whole.id.as_deref(), Some("cs_1"));
        assert_eq!((whole.amount_total, whole.metadata), (None, None));
        assert_eq!(whole.currency.as_deref(), Some("usd"));
        for bare in [
            r#""data": null, "#,
            r#""data": {"object": {"id": 5}}, "#,
            "",
        ] {
            let json = format!(r#"{{{bare}"id": "evt_1", "type": "made.up"}}"#);
            assert_eq!(read(&json).id, None);
        }
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
