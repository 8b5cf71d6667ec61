//! A subscription at Stripe, and everything that was paid for it.
//!
//! Three lists make it whole: the subscription with its plan, its invoices with the payments made
//! on them, and the customer's charges with refunds and fees; a single expanded call can't reach
//! that deep (Stripe, "Expanding responses": four levels).

use std::collections::HashMap;

use jiff::Timestamp;
use miniserde::Deserialize;
use stripe_client_core::{RequestBuilder, StripeMethod};
use tuition_domain::checkout::{Payment, Subscription, SubscriptionState};
use tuition_domain::ports::Unavailable;

use super::answer::{Charge, List, currency, minor, money};
use super::{StripePayments, garbage, list};

/// A subscription with the product of its plan.
#[derive(Deserialize)]
struct Answer {
    id: String,
    status: String,
    customer: String,
    cancel_at_period_end: bool,
    cancel_at: Option<i64>,
    ended_at: Option<i64>,
    pause_collection: Option<PauseCollection>,
    current_period_end: Option<i64>,
    metadata: Option<HashMap<String, String>>,
    items: List<Item>,
}

/// Only that it is there matters.
#[derive(Deserialize)]
struct PauseCollection {}

#[derive(Deserialize)]
struct Item {
    quantity: Option<i64>,
    current_period_end: Option<i64>,
    price: Price,
}

#[derive(Deserialize)]
struct Price {
    currency: String,
    unit_amount: Option<i64>,
    product: Product,
}

#[derive(Deserialize)]
struct Product {
    metadata: Option<HashMap<String, String>>,
}

#[derive(Deserialize)]
struct Invoice {
    id: String,
    currency: String,
    parent: Option<Parent>,
    subscription: Option<String>,
    total_discount_amounts: Option<Vec<Amount>>,
    total_taxes: Option<Vec<Amount>>,
    payments: Option<List<InvoicePayment>>,
}

#[derive(Deserialize)]
struct Parent {
    subscription_details: Option<SubscriptionDetails>,
}

#[derive(Deserialize)]
struct SubscriptionDetails {
    subscription: Option<String>,
}

#[derive(Deserialize)]
struct Amount {
    amount: i64,
}

#[derive(Deserialize)]
struct InvoicePayment {
    invoice: Option<String>,
    payment: Option<PaidBy>,
}

#[derive(Deserialize)]
struct PaidBy {
    payment_intent: Option<String>,
}

impl StripePayments {
    /// The subscription with this id, and its payments, oldest first.
    pub(super) async fn subscribed(
        &self,
        id: &str,
    ) -> Result<(Subscription, Vec<Payment>), Unavailable> {
        let answer: Option<Answer> = self.call(|| retrieve(id), None).await?;
        let answer = answer.ok_or_else(|| garbage("a session's subscription"))?;
        let invoices = self
            .all(
                |cursor| list::invoices(id, cursor),
                |i: &Invoice| i.id.clone(),
            )
            .await?;
        let customer = &answer.customer;
        let newest: Vec<Charge> = self
            .all(
                |cursor| list::charges(customer, cursor),
                |c: &Charge| c.id.clone(),
            )
            .await?;
        let mut charges = HashMap::new();
        for charge in newest {
            if let Some(payment) = charge.payment_intent.clone() {
                // Newest first: of several tries of one payment the last one counts.
                charges.entry(payment).or_insert(charge);
            }
        }
        let mut payments = Vec::new();
        for invoice in invoices.iter().rev() {
            payments.extend(self.payments_of(invoice, &charges).await?);
        }
        Ok((answer.read()?, payments))
    }

    /// The subscription whose invoice a payment was made on.
    pub(super) async fn subscription_paid_by(
        &self,
        payment: &str,
    ) -> Result<Option<String>, Unavailable> {
        let list: Option<List<InvoicePayment>> =
            self.call(|| list::invoices_paid_by(payment), None).await?;
        let first = list.and_then(|list| list.data.into_iter().next());
        let Some(id) = first.and_then(|payment| payment.invoice) else {
            return Ok(None);
        };
        let path = format!("/invoices/{id}");
        let invoice: Option<Invoice> = self
            .call(|| RequestBuilder::new(StripeMethod::Get, &path), None)
            .await?;
        Ok(invoice.and_then(Invoice::into_subscription))
    }

    async fn payments_of(
        &self,
        invoice: &Invoice,
        charges: &HashMap<String, Charge>,
    ) -> Result<Vec<Payment>, Unavailable> {
        let Some(currency) = currency(Some(&invoice.currency))? else {
            return Ok(Vec::new());
        };
        let sum = |amounts: &Option<Vec<Amount>>| {
            let sum = amounts.iter().flatten().map(|part| part.amount).sum();
            minor(sum, currency)
        };
        let (mut discount, mut tax) = (
            sum(&invoice.total_discount_amounts)?,
            sum(&invoice.total_taxes)?,
        );
        let mut payments = Vec::new();
        let made = invoice.payments.iter().flat_map(|list| &list.data);
        for paid_by in made.filter_map(|payment| payment.payment.as_ref()) {
            let intent = paid_by.payment_intent.as_ref();
            let Some(charge) = intent.and_then(|id| charges.get(id)) else {
                continue;
            };
            let disputes = match (&charge.payment_intent, charge.disputed) {
                (Some(payment), true) => self.disputes(payment).await?,
                _ => Vec::new(),
            };
            let mut payment = charge.read(currency, &disputes)?;
            if payment.captured > 0 {
                // An invoice has its discount and tax once, however many payments it took.
                payment.discount = std::mem::take(&mut discount);
                payment.tax = std::mem::take(&mut tax);
            }
            payments.push(payment);
        }
        Ok(payments)
    }

    /// Every object of a list, page by page, newest first.
    async fn all<T: Deserialize + Send>(
        &self,
        page: impl Fn(Option<&str>) -> RequestBuilder + Send + Sync,
        id: impl Fn(&T) -> String + Send + Sync,
    ) -> Result<Vec<T>, Unavailable> {
        let mut all: Vec<T> = Vec::new();
        let mut cursor: Option<String> = None;
        loop {
            let list: Option<List<T>> = self.call(|| page(cursor.as_deref()), None).await?;
            let list = list.ok_or_else(|| garbage("a list"))?;
            cursor = list.next(|item| Some(id(item)));
            all.extend(list.data);
            if cursor.is_none() {
                return Ok(all);
            }
        }
    }
}

fn retrieve(id: &str) -> RequestBuilder {
    #[derive(serde::Serialize)]
    struct Expanded {
        expand: [&'static str; 1],
    }
    RequestBuilder::new(StripeMethod::Get, format!("/subscriptions/{id}")).query(&Expanded {
        expand: ["items.data.price.product"],
    })
}

impl Invoice {
    /// As the API writes it since 2025-03-31 ("basil"), and before.
    fn into_subscription(self) -> Option<String> {
        let parent = self.parent.and_then(|parent| parent.subscription_details);
        parent
            .and_then(|details| details.subscription)
            .or(self.subscription)
    }
}

impl Answer {
    fn read(&self) -> Result<Subscription, Unavailable> {
        let item = self
            .items
            .data
            .first()
            .ok_or_else(|| garbage("a subscription with a plan"))?;
        let second = |second: i64| {
            Timestamp::from_second(second).map_err(|_| garbage("a time of a subscription"))
        };
        let period_end = item
            .current_period_end
            .or(self.current_period_end)
            .ok_or_else(|| garbage("a subscription with a term"))?;
        let offer = |metadata: &Option<HashMap<String, String>>| {
            metadata.as_ref().and_then(|map| map.get("offer").cloned())
        };
        let price = item
            .price
            .unit_amount
            .map(|unit| unit.saturating_mul(item.quantity.unwrap_or(1)));
        Ok(Subscription {
            id: self.id.clone(),
            state: self.state()?,
            period_end: second(period_end)?,
            ends_then: self.cancel_at_period_end
                || self.cancel_at.is_some_and(|at| at <= period_end),
            ended_at: self.ended_at.map(second).transpose()?,
            // The product is the plan's own; the subscription remembers what was bought at first.
            offer: offer(&item.price.product.metadata).or_else(|| offer(&self.metadata)),
            price: money(price, currency(Some(&item.price.currency))?)?,
        })
    }

    fn state(&self) -> Result<SubscriptionState, Unavailable> {
        if self.pause_collection.is_some() && matches!(self.status.as_str(), "active" | "trialing")
        {
            return Ok(SubscriptionState::Paused);
        }
        Ok(match self.status.as_str() {
            "incomplete" => SubscriptionState::Incomplete,
            "incomplete_expired" => SubscriptionState::Failed,
            "trialing" => SubscriptionState::Trialing,
            "active" => SubscriptionState::Active,
            "past_due" => SubscriptionState::PastDue,
            "unpaid" => SubscriptionState::Unpaid,
            "paused" => SubscriptionState::Paused,
            "canceled" => SubscriptionState::Ended,
            _ => return Err(garbage("a subscription's status")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(changes: &[(&str, &str)]) -> Result<Subscription, Unavailable> {
        let mut json = r#"{
            "id": "sub_1", "status": "active", "customer": "cus_1", "brand_new": {"x": [1]},
            "cancel_at_period_end": false, "cancel_at": null, "ended_at": null,
            "pause_collection": null, "metadata": {"offer": "all"},
            "items": {"data": [{"quantity": 1, "current_period_end": 1767225600,
                "price": {"currency": "usd", "unit_amount": 900, "product": {"metadata": {}}}}]}
        }"#
        .to_owned();
        for (from, to) in changes {
            assert!(json.contains(from), "{from}");
            json = json.replace(from, to);
        }
        miniserde::json::from_str::<Answer>(&json).unwrap().read()
    }

    #[test]
    fn a_subscription_is_read_whatever_else_is_in_it() {
        let read = read(&[]).unwrap();
        assert_eq!(read.state, SubscriptionState::Active);
        assert_eq!(read.offer.as_deref(), Some("all"));
        assert_eq!(read.price.unwrap().amount, 900);
        assert_eq!(read.period_end.as_second(), 1_767_225_600);
        assert!(!read.ends_then);
    }

    #[test]
    fn the_plan_it_is_on_now_says_which_offer_it_is() {
        let changed = r#""metadata": {"offer": "rust-monthly"}}"#;
        let read = read(&[(r#""metadata": {}}"#, changed)]).unwrap();
        assert_eq!(read.offer.as_deref(), Some("rust-monthly"));
    }

    #[test]
    fn every_status_of_stripe_is_known_and_no_other() {
        for (status, state) in [
            ("incomplete", SubscriptionState::Incomplete),
            ("incomplete_expired", SubscriptionState::Failed),
            ("trialing", SubscriptionState::Trialing),
            ("past_due", SubscriptionState::PastDue),
            ("unpaid", SubscriptionState::Unpaid),
            ("paused", SubscriptionState::Paused),
            ("canceled", SubscriptionState::Ended),
        ] {
            assert_eq!(read(&[("active", status)]).unwrap().state, state);
        }
        assert!(read(&[("active", "of_next_year")]).is_err());
    }

    #[test]
    fn who_pauses_payments_is_paused_and_who_cancels_ends_with_the_term() {
        let paused = [(
            r#""pause_collection": null"#,
            r#""pause_collection": {"behavior": "void", "resumes_at": null}"#,
        )];
        assert_eq!(read(&paused).unwrap().state, SubscriptionState::Paused);
        let flag = [(
            r#""cancel_at_period_end": false"#,
            r#""cancel_at_period_end": true"#,
        )];
        assert!(read(&flag).unwrap().ends_then);
        let date = [(r#""cancel_at": null"#, r#""cancel_at": 1767225600"#)];
        assert!(read(&date).unwrap().ends_then);
        let later = [(r#""cancel_at": null"#, r#""cancel_at": 1767225601"#)];
        assert!(!read(&later).unwrap().ends_then);
    }
}
