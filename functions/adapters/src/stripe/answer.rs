//! What Stripe answers, as far as it matters: members that are not named here may come and go.
//! What is named must make sense, or the answer counts as none.

use std::collections::HashMap;

use miniserde::Deserialize;
use tuition_catalog::{Currency, Money};
use tuition_domain::checkout::{
    DisputeState, OpenedSession, Payment, PaymentSession, PaymentState, ProviderEvent,
    SessionState, Subscription,
};
use tuition_domain::identity::OrderId;
use tuition_domain::ports::{Page, Unavailable};

use super::{amount, garbage};

/// A page of a list.
#[derive(Deserialize)]
pub(super) struct List<T> {
    pub(super) data: Vec<T>,
    pub(super) has_more: Option<bool>,
}

impl<T> List<T> {
    /// Where the next page begins, if there is one; `id` names the last object of this.
    pub(super) fn next(&self, id: impl Fn(&T) -> Option<String>) -> Option<String> {
        let last = self.data.last().filter(|_| self.has_more == Some(true))?;
        id(last)
    }

    /// The page in the domain's words.
    pub(super) fn read<U>(
        self,
        id: impl Fn(&T) -> Option<String>,
        item: impl Fn(T) -> Result<U, Unavailable>,
    ) -> Result<Page<U>, Unavailable> {
        let next = self.next(id);
        let items = self.data.into_iter().map(item).collect::<Result<_, _>>()?;
        Ok(Page { items, next })
    }
}

/// Any object of which only the id matters.
#[derive(Deserialize)]
pub(super) struct Id {
    pub(super) id: String,
}

impl Id {
    /// The id of a session.
    pub(super) fn order(self) -> Result<OrderId, Unavailable> {
        OrderId::parse(&self.id).ok_or_else(|| garbage("a session's id"))
    }
}

/// An event as it is listed: the same as a webhook gets.
#[derive(Deserialize)]
pub(super) struct Event {
    pub(super) id: String,
    #[serde(rename = "type")]
    kind: String,
    data: EventData,
}

#[derive(Deserialize)]
struct EventData {
    object: miniserde::json::Value,
}

impl Event {
    pub(super) fn read(self) -> Result<ProviderEvent, Unavailable> {
        let object = miniserde::json::to_string(&self.data.object);
        let object = serde_json::from_str(&object).map_err(Unavailable::new)?;
        Ok(ProviderEvent::new(self.id, self.kind, object))
    }
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
    client_reference_id: Option<String>,
    amount_subtotal: Option<i64>,
    total_details: Option<TotalDetails>,
    payment_intent: Option<PaymentIntent>,
    subscription: Option<String>,
}

#[derive(Deserialize)]
struct CustomerDetails {
    email: Option<String>,
}

#[derive(Deserialize)]
struct TotalDetails {
    amount_discount: Option<i64>,
    amount_tax: Option<i64>,
}

#[derive(Deserialize)]
struct PaymentIntent {
    id: String,
    status: String,
    latest_charge: Option<Charge>,
}

/// A charge with what it cost.
#[derive(Deserialize)]
pub(super) struct Charge {
    pub(super) id: String,
    pub(super) payment_intent: Option<String>,
    amount_captured: i64,
    amount_refunded: i64,
    pub(super) disputed: bool,
    balance_transaction: Option<BalanceTransaction>,
}

/// What a payment or a dispute did to the balance.
#[derive(Deserialize)]
struct BalanceTransaction {
    fee: i64,
    currency: String,
}

/// A dispute.
#[derive(Deserialize)]
pub(super) struct Dispute {
    status: String,
    created: i64,
    amount: i64,
    balance_transactions: Option<Vec<BalanceTransaction>>,
}

impl Session {
    /// The payment whose disputes have to be looked at.
    pub(super) fn disputed_payment(&self) -> Option<&str> {
        let payment = self.payment_intent.as_ref()?;
        let charge = payment.latest_charge.as_ref()?;
        charge.disputed.then_some(payment.id.as_str())
    }

    /// What is paid again each term.
    pub(super) fn subscription_id(&self) -> Option<&str> {
        self.subscription.as_deref()
    }

    /// The session in the domain's words; `disputes` are those of its payment, in any order.
    pub(super) fn read(&self, disputes: &[Dispute]) -> Result<PaymentSession, Unavailable> {
        let currency = currency(self.currency.as_deref())?;
        let (discount, tax) = match (&self.total_details, currency) {
            (Some(details), Some(currency)) => (
                minor(details.amount_discount.unwrap_or(0), currency)?,
                minor(details.amount_tax.unwrap_or(0), currency)?,
            ),
            _ => (0, 0),
        };
        let payment = match &self.payment_intent {
            None => None,
            Some(intent) => {
                let mut payment = intent.read(currency, disputes)?;
                payment.discount = discount;
                payment.tax = tax;
                Some(payment)
            }
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
            subtotal: money(self.amount_subtotal, currency)?,
            total: money(self.amount_total, currency)?,
            discount,
            offer: self
                .metadata
                .as_ref()
                .and_then(|metadata| metadata.get("offer").cloned()),
            reference: self.client_reference_id.clone(),
            live: self.livemode,
            email: self
                .customer_details
                .as_ref()
                .and_then(|details| details.email.clone()),
            payments: payment.into_iter().collect(),
            subscription: None,
        })
    }

    /// The same of a session that began a subscription.
    pub(super) fn read_subscribed(
        &self,
        (subscription, payments): (Subscription, Vec<Payment>),
    ) -> Result<PaymentSession, Unavailable> {
        Ok(PaymentSession {
            payments,
            subscription: Some(subscription),
            ..self.read(&[])?
        })
    }
}

impl PaymentIntent {
    fn read(
        &self,
        currency: Option<Currency>,
        disputes: &[Dispute],
    ) -> Result<Payment, Unavailable> {
        let none = Payment {
            id: self.id.clone(),
            // After a payment that settles later has failed, the intent waits for another
            // method, which a completed page no longer offers.
            may_succeed: !matches!(self.status.as_str(), "canceled" | "requires_payment_method"),
            captured: 0,
            discount: 0,
            tax: 0,
            refunded: 0,
            disputed: 0,
            dispute: None,
            fee: None,
        };
        match (&self.latest_charge, currency) {
            (Some(charge), Some(currency)) => Ok(Payment {
                id: none.id,
                may_succeed: none.may_succeed,
                ..charge.read(currency, disputes)?
            }),
            _ => Ok(none),
        }
    }
}

impl Charge {
    /// The charge as a payment; `disputes` are its own, in any order.
    pub(super) fn read(
        &self,
        currency: Currency,
        disputes: &[Dispute],
    ) -> Result<Payment, Unavailable> {
        let mut disputed = 0;
        for dispute in disputes.iter().filter(|dispute| dispute.takes_money()) {
            disputed += minor(dispute.amount, currency)?;
        }
        let latest = disputes.iter().max_by_key(|dispute| dispute.created);
        Ok(Payment {
            id: self
                .payment_intent
                .clone()
                .unwrap_or_else(|| self.id.clone()),
            may_succeed: true,
            captured: minor(self.amount_captured, currency)?,
            discount: 0,
            tax: 0,
            refunded: minor(self.amount_refunded, currency)?,
            disputed,
            dispute: latest.map(Dispute::read),
            fee: self.fee(disputes)?,
        })
    }

    /// All that the provider kept: one account settles a currency in one other.
    fn fee(&self, disputes: &[Dispute]) -> Result<Option<Money>, Unavailable> {
        let of_disputes = disputes
            .iter()
            .flat_map(|dispute| dispute.balance_transactions.iter().flatten());
        let mut sum: Option<Money> = None;
        for part in self.balance_transaction.iter().chain(of_disputes) {
            let Some(currency) = currency(Some(&part.currency))? else {
                continue;
            };
            let amount = minor(part.fee, currency)?;
            sum = Some(match sum {
                None => Money { amount, currency },
                Some(sum) if sum.currency == currency => Money {
                    amount: sum.amount + amount,
                    currency,
                },
                Some(_) => return Err(garbage("a fee in the currency of the others")),
            });
        }
        Ok(sum)
    }
}

impl Dispute {
    /// Whether the bank has the money now.
    fn takes_money(&self) -> bool {
        matches!(self.read(), DisputeState::Open | DisputeState::Lost)
    }

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

/// A currency of ours.
pub(super) fn currency(code: Option<&str>) -> Result<Option<Currency>, Unavailable> {
    code.map(|code| code.to_ascii_uppercase().parse().map_err(Unavailable::new))
        .transpose()
}

/// An amount of a currency, if both are there.
pub(super) fn money(
    amount: Option<i64>,
    currency: Option<Currency>,
) -> Result<Option<Money>, Unavailable> {
    match (amount, currency) {
        (Some(amount), Some(currency)) => Ok(Some(Money {
            amount: minor(amount, currency)?,
            currency,
        })),
        _ => Ok(None),
    }
}

/// Minor units from an amount of Stripe's.
pub(super) fn minor(amount: i64, currency: Currency) -> Result<i64, Unavailable> {
    amount::from_stripe(amount, currency).ok_or_else(|| garbage("an amount of its currency"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAID: &str = r#"{
        "id": "cs_test_1", "object": "checkout.session", "livemode": false, "brand_new": [{}],
        "status": "complete", "payment_status": "paid", "amount_total": 490000, "currency": "isk",
        "amount_subtotal": 500000, "client_reference_id": "ref", "subscription": null,
        "total_details": {"amount_discount": 10000, "amount_tax": 90000},
        "metadata": {"offer": "rust"}, "customer_details": {"email": "a@x.example", "phone": null},
        "payment_intent": {"id": "pi_1", "status": "succeeded", "latest_charge": {
            "id": "ch_1", "amount": 490000, "amount_captured": 490000, "amount_refunded": 10000,
            "payment_intent": "pi_1", "balance_transaction": {"fee": 161, "currency": "eur"},
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
                amount: 100_000,
                balance_transactions: Some(vec![BalanceTransaction {
                    fee: 1500,
                    currency: "eur".to_owned(),
                }]),
            });
        let read = session.read(&disputes).unwrap();
        let total = read.total.unwrap();
        assert_eq!((total.amount, total.currency.code()), (4900, "ISK"));
        assert_eq!(read.offer.as_deref(), Some("rust"));
        assert_eq!(read.email.as_deref(), Some("a@x.example"));
        assert_eq!((read.subtotal.unwrap().amount, read.discount), (5000, 100));
        assert_eq!(read.reference.as_deref(), Some("ref"));
        let payment = &read.payments[0];
        assert_eq!((payment.captured, payment.refunded), (4900, 100));
        assert_eq!((payment.discount, payment.tax), (100, 900));
        assert_eq!(payment.disputed, 2000, "what was won is ours again");
        let fee = payment.fee.unwrap();
        assert_eq!((fee.amount, fee.currency.code()), (161 + 3 * 1500, "EUR"));
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
        assert!(read.live && read.payments.is_empty() && read.email.is_none());
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
                amount: 0,
                balance_transactions: None,
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
