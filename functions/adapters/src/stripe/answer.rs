//! What Stripe answers, as far as it matters: members that are not named here may come and go.
//! What is named must make sense, or the answer counts as none.

use std::collections::HashMap;

use miniserde::Deserialize;
use tuition_catalog::{Currency, Money};
use tuition_domain::checkout::{
    DisputeState, OpenedSession, Payment, PaymentSession, PaymentState, SessionState,
};
use tuition_domain::identity::OrderId;
use tuition_domain::ports::Unavailable;

use super::{amount, garbage};

/// A list; its further pages are never needed.
#[derive(Deserialize)]
pub(super) struct List<T> {
    pub(super) data: Vec<T>,
}

/// Any object of which only the id matters.
#[derive(Deserialize)]
pub(super) struct Id {
    pub(super) id: String,
}

/// A session just opened.
#[derive(Deserialize)]
pub(super) struct Opened {
    id: String,
    url: Option<String>,
}

impl Opened {
    pub(super) fn read(self) -> Result<OpenedSession, Unavailable> {
        Ok(OpenedSession {
            id: OrderId::parse(&self.id).ok_or_else(|| garbage("a session's id"))?,
            url: self.url.ok_or_else(|| garbage("a payment page"))?,
        })
    }
}

/// A session with its payment expanded.
#[derive(Deserialize)]
pub(super) struct Session {
    id: String,
    livemode: bool,
    status: Option<String>,
    payment_status: String,
    amount_total: Option<i64>,
    currency: Option<String>,
    metadata: Option<HashMap<String, String>>,
    customer_details: Option<CustomerDetails>,
    payment_intent: Option<PaymentIntent>,
}

#[derive(Deserialize)]
struct CustomerDetails {
    email: Option<String>,
}

#[derive(Deserialize)]
struct PaymentIntent {
    id: String,
    status: String,
    latest_charge: Option<Charge>,
}

#[derive(Deserialize)]
struct Charge {
    amount_captured: i64,
    amount_refunded: i64,
    disputed: bool,
}

/// A dispute.
#[derive(Deserialize)]
pub(super) struct Dispute {
    status: String,
    created: i64,
}

impl Session {
    /// The payment whose disputes have to be looked at.
    pub(super) fn disputed_payment(&self) -> Option<&str> {
        let payment = self.payment_intent.as_ref()?;
        let charge = payment.latest_charge.as_ref()?;
        charge.disputed.then_some(payment.id.as_str())
    }

    /// The session in the domain's words; `disputes` are those of its payment, in any order.
    pub(super) fn read(&self, disputes: &[Dispute]) -> Result<PaymentSession, Unavailable> {
        let currency = self.currency()?;
        let total = match (self.amount_total, currency) {
            (Some(total), Some(currency)) => Some(Money {
                amount: minor(total, currency)?,
                currency,
            }),
            _ => None,
        };
        let payment = match &self.payment_intent {
            None => None,
            Some(intent) => Some(intent.read(currency, disputes)?),
        };
        Ok(PaymentSession {
            id: OrderId::parse(&self.id).ok_or_else(|| garbage("a session's id"))?,
            state: match self.status.as_deref() {
                Some("open") => SessionState::Open,
                Some("complete") => SessionState::Complete,
                Some("expired") => SessionState::Expired,
                _ => return Err(garbage("a session's status")),
            },
            payment_state: match self.payment_status.as_str() {
                "paid" | "no_payment_required" => PaymentState::Paid,
                "unpaid" => PaymentState::Unpaid,
                _ => return Err(garbage("a payment status")),
            },
            total,
            offer: self
                .metadata
                .as_ref()
                .and_then(|metadata| metadata.get("offer").cloned()),
            live: self.livemode,
            email: self
                .customer_details
                .as_ref()
                .and_then(|details| details.email.clone()),
            payment,
        })
    }

    fn currency(&self) -> Result<Option<Currency>, Unavailable> {
        self.currency
            .as_ref()
            .map(|code| code.to_ascii_uppercase().parse().map_err(Unavailable::new))
            .transpose()
    }
}

impl PaymentIntent {
    fn read(
        &self,
        currency: Option<Currency>,
        disputes: &[Dispute],
    ) -> Result<Payment, Unavailable> {
        let (captured, refunded) = match (&self.latest_charge, currency) {
            (Some(charge), Some(currency)) => (
                minor(charge.amount_captured, currency)?,
                minor(charge.amount_refunded, currency)?,
            ),
            _ => (0, 0),
        };
        let latest = disputes.iter().max_by_key(|dispute| dispute.created);
        Ok(Payment {
            id: self.id.clone(),
            // After a payment that settles later has failed, the intent waits for another
            // method, which a completed page no longer offers.
            may_succeed: !matches!(self.status.as_str(), "canceled" | "requires_payment_method"),
            captured,
            refunded,
            dispute: latest.map(Dispute::read),
        })
    }
}

impl Dispute {
    fn read(&self) -> DisputeState {
        match self.status.as_str() {
            "warning_needs_response" | "warning_under_review" => DisputeState::Warning,
            "warning_closed" | "won" | "prevented" => DisputeState::Won,
            "lost" => DisputeState::Lost,
            "needs_response" | "under_review" => DisputeState::Open,
            other => {
                // The charge is disputed and nobody said that it is over: take it as frozen.
                tracing::warn!(status = other, "a dispute has a status that is not known");
                DisputeState::Open
            }
        }
    }
}

fn minor(amount: i64, currency: Currency) -> Result<i64, Unavailable> {
    amount::from_stripe(amount, currency).ok_or_else(|| garbage("an amount of its currency"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAID: &str = r#"{
        "id": "cs_test_1", "object": "checkout.session", "livemode": false, "brand_new": [{}],
        "status": "complete", "payment_status": "paid", "amount_total": 490000, "currency": "isk",
        "metadata": {"offer": "rust"}, "customer_details": {"email": "a@x.example", "phone": null},
        "payment_intent": {"id": "pi_1", "status": "succeeded", "latest_charge": {
            "id": "ch_1", "amount": 490000, "amount_captured": 490000, "amount_refunded": 10000,
            "disputed": true, "outcome": {"unheard_of": 1}}}}"#;

    fn session(json: &str) -> Session {
        miniserde::json::from_str(json).unwrap()
    }

    #[test]
    fn a_paid_session_is_read_whatever_else_is_in_it() {
        let session = session(PAID);
        assert_eq!(session.disputed_payment(), Some("pi_1"));
        let disputes =
            [("won", 10), ("lost", 20), ("needs_response", 15)].map(|(status, created)| Dispute {
                status: status.to_owned(),
                created,
            });
        let read = session.read(&disputes).unwrap();
        let total = read.total.unwrap();
        assert_eq!((total.amount, total.currency.code()), (4900, "ISK"));
        assert_eq!(read.offer.as_deref(), Some("rust"));
        assert_eq!(read.email.as_deref(), Some("a@x.example"));
        let payment = read.payment.unwrap();
        assert_eq!((payment.captured, payment.refunded), (4900, 100));
        assert_eq!(
            payment.dispute,
            Some(DisputeState::Lost),
            "the latest counts"
        );
    }

    #[test]
    fn a_session_without_a_payment_is_read_too() {
        let open = session(
            r#"{"id": "cs_1", "livemode": true, "status": "open", "payment_status": "unpaid",
                "amount_total": 4900, "currency": "usd", "metadata": {}, "payment_intent": null,
                "customer_details": null}"#,
        );
        let read = open.read(&[]).unwrap();
        assert_eq!(read.state, SessionState::Open);
        assert!(read.live && read.payment.is_none() && read.email.is_none());
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (from, to) in [
            ("\"complete\"", "\"odd\""),
            ("\"paid\"", "\"maybe\""),
            ("\"isk\"", "\"xxx\""),
            ("490000", "490050"),
            ("cs_test_1", "cs/1"),
        ] {
            assert!(session(&PAID.replace(from, to)).read(&[]).is_err(), "{to}");
        }
        let unexpanded = r#""payment_intent": "pi_1"}"#;
        let (head, _) = PAID.split_once("\"payment_intent\"").unwrap();
        assert!(miniserde::json::from_str::<Session>(&format!("{head}{unexpanded}")).is_err());
    }

    #[test]
    fn only_a_lost_or_open_dispute_takes_the_money() {
        let read = |status: &str| {
            let dispute = Dispute {
                status: status.to_owned(),
                created: 0,
            };
            dispute.read()
        };
        assert_eq!(read("warning_needs_response"), DisputeState::Warning);
        assert_eq!(read("warning_closed"), DisputeState::Won);
        assert_eq!(read("under_review"), DisputeState::Open);
        assert_eq!(read("lost"), DisputeState::Lost);
        assert_eq!(read("of_next_year"), DisputeState::Open);
    }
}
