//! A payment provider in memory: what buyers, banks and time do to sessions, the events that
//! follow, and what must be true of each session in plain words.

use std::sync::Mutex;

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tuition_catalog::Money;
use tuition_domain::checkout::{
    DisputeState, NewPaymentSession, OpenedSession, Payment, PaymentSession, PaymentState,
    ProviderEvent, SessionState, Subscription, SubscriptionState,
};
use tuition_domain::identity::OrderId;
use tuition_domain::ports::{Page, Payments, Subject, Unavailable};

use super::turns::turn;

/// What happens at the provider.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Act {
    Pay,
    /// By a method that settles later.
    PayLater,
    Settle(bool),
    Expire,
    /// So many hundredths of the last payment.
    Refund(i64),
    Dispute(DisputeState),
    Renew(bool),
    CancelAtEnd,
    CancelNow,
    Pause,
    Resume,
    /// The fee of the last payment becomes known.
    Fee,
}

#[derive(Debug, Clone)]
pub(crate) struct Sale {
    pub(crate) object: PaymentSession,
    key: String,
    email: String,
    price: Money,
}

#[derive(Default)]
pub(crate) struct Provider {
    sales: Mutex<Vec<Sale>>,
    events: Mutex<Vec<ProviderEvent>>,
}

const PAGE: usize = 3;
const TERM: SignedDuration = SignedDuration::from_hours(30 * 24);

fn index(id: &str) -> Option<usize> {
    id.split('_').nth(1)?.parse().ok()
}

fn payment(sale: usize, number: usize, captured: i64, may_succeed: bool) -> Payment {
    Payment {
        id: format!("pi_{sale}_{number}"),
        may_succeed,
        captured,
        discount: 0,
        tax: captured / 6,
        refunded: 0,
        disputed: 0,
        dispute: None,
        fee: None,
    }
}

impl Sale {
    /// Whether the buyer has what they paid for at `now`: the law, in other words than the code.
    pub(crate) fn should_open(&self, now: Timestamp) -> bool {
        let object = &self.object;
        if object.payment_state != PaymentState::Paid {
            return false;
        }
        let is_kept = object
            .payments
            .iter()
            .rfind(|payment| payment.captured > 0)
            .is_none_or(|last| {
                let with_bank =
                    matches!(last.dispute, Some(DisputeState::Open | DisputeState::Lost));
                last.refunded < last.captured && !with_bank
            });
        let runs = object.subscription.as_ref().is_none_or(|subscription| {
            let day = SignedDuration::from_hours(24);
            match subscription.state {
                SubscriptionState::Active if subscription.ends_then => {
                    now < subscription.period_end
                }
                SubscriptionState::Active | SubscriptionState::PastDue => {
                    now < subscription.period_end + 3 * day
                }
                _ => false,
            }
        });
        is_kept && runs
    }

    /// Whether it is nonsense to do this now.
    fn act(&mut self, number: usize, act: Act, now: Timestamp) -> Option<&'static str> {
        let price = self.price.amount;
        let object = &mut self.object;
        let is_open = object.state == SessionState::Open;
        let is_paid = object.payment_state == PaymentState::Paid;
        let drawn = object.payments.len();
        match act {
            Act::Pay if is_open => {
                object.state = SessionState::Complete;
                object.payment_state = PaymentState::Paid;
                object.email = Some(self.email.clone());
                object.payments.push(payment(number, 0, price, true));
                if let Some(subscription) = &mut object.subscription {
                    subscription.state = SubscriptionState::Active;
                    subscription.period_end = now + TERM;
                }
                Some("checkout.session.completed")
            }
            Act::PayLater if is_open && object.subscription.is_none() => {
                object.state = SessionState::Complete;
                object.email = Some(self.email.clone());
                object.payments.push(payment(number, 0, 0, true));
                Some("checkout.session.completed")
            }
            Act::Settle(true) if !is_open && !is_paid && drawn == 1 => {
                object.payments[0].may_succeed.then(|| {
                    object.payment_state = PaymentState::Paid;
                    object.payments[0] = payment(number, 0, price, true);
                    "checkout.session.async_payment_succeeded"
                })
            }
            Act::Settle(false) if !is_open && !is_paid && drawn == 1 => {
                object.payments[0].may_succeed = false;
                Some("checkout.session.async_payment_failed")
            }
            Act::Expire if is_open => {
                object.state = SessionState::Expired;
                Some("checkout.session.expired")
            }
            Act::Refund(part) if is_paid => {
                let last = object.payments.last_mut()?;
                let most = last.captured - last.refunded;
                last.refunded += (last.captured * part / 100).min(most);
                Some("charge.refunded")
            }
            Act::Dispute(state) if is_paid => {
                let last = object.payments.last_mut()?;
                let with_bank = matches!(state, DisputeState::Open | DisputeState::Lost);
                last.dispute = Some(state);
                last.disputed = if with_bank { last.captured } else { 0 };
                Some("charge.dispute.updated")
            }
            Act::Fee if is_paid => {
                let last = object.payments.last_mut()?;
                last.fee = Some(Money {
                    amount: 30 + last.captured * 29 / 1000,
                    currency: self.price.currency,
                });
                Some("charge.updated")
            }
            Act::Renew(is_drawn) if is_paid => {
                let subscription = object.subscription.as_mut()?;
                if !matches!(
                    subscription.state,
                    SubscriptionState::Active | SubscriptionState::PastDue
                ) {
                    return None;
                }
                if subscription.ends_then {
                    subscription.state = SubscriptionState::Ended;
                    subscription.ended_at = Some(now);
                    return Some("customer.subscription.deleted");
                }
                match is_drawn {
                    true => {
                        subscription.state = SubscriptionState::Active;
                        subscription.period_end += TERM;
                        object.payments.push(payment(number, drawn, price, true));
                        Some("invoice.paid")
                    }
                    false => {
                        subscription.state = SubscriptionState::PastDue;
                        Some("invoice.payment_failed")
                    }
                }
            }
            Act::CancelAtEnd => {
                let subscription = object.subscription.as_mut().filter(|_| is_paid)?;
                subscription.ends_then = true;
                Some("customer.subscription.updated")
            }
            Act::CancelNow => {
                let subscription = object.subscription.as_mut().filter(|_| is_paid)?;
                subscription.state = SubscriptionState::Ended;
                subscription.ended_at = Some(now);
                Some("customer.subscription.deleted")
            }
            Act::Pause => {
                let subscription = object.subscription.as_mut().filter(|_| is_paid)?;
                (subscription.state == SubscriptionState::Active).then(|| {
                    subscription.state = SubscriptionState::Paused;
                    "customer.subscription.paused"
                })
            }
            Act::Resume => {
                let subscription = object.subscription.as_mut()?;
                (subscription.state == SubscriptionState::Paused).then(|| {
                    subscription.state = SubscriptionState::Active;
                    "customer.subscription.resumed"
                })
            }
            _ => None,
        }
    }
}

impl Provider {
    pub(crate) fn sales(&self) -> Vec<Sale> {
        self.sales.lock().unwrap().clone()
    }

    pub(crate) fn events_so_far(&self) -> Vec<ProviderEvent> {
        self.events.lock().unwrap().clone()
    }

    /// Does something to the session of this id, if it makes sense, and makes the event of it.
    pub(crate) fn act(&self, id: &OrderId, act: Act, now: Timestamp) {
        let mut sales = self.sales.lock().unwrap();
        let Some(number) = sales.iter().position(|sale| sale.object.id == *id) else {
            return;
        };
        let sale = &mut sales[number];
        let Some(kind) = sale.act(number, act, now) else {
            return;
        };
        let object = match kind.split_once('.').map(|(first, _)| first) {
            Some("charge") => {
                json!({"id": "xx_1", "payment_intent": sale.object.payments.last().map(|p| &p.id)})
            }
            Some("invoice") => json!({"id": "in_1", "subscription": format!("sub_{number}")}),
            Some("customer") => json!({"id": format!("sub_{number}")}),
            _ => json!({"id": id, "metadata": {"offer": sale.object.offer}}),
        };
        let mut events = self.events.lock().unwrap();
        let name = format!("evt_{}", events.len());
        events.push(ProviderEvent::new(name, kind.to_owned(), object));
    }

    fn page<T>(all: Vec<T>, cursor: Option<&str>) -> Page<T> {
        let start = cursor.and_then(|text| text.parse().ok()).unwrap_or(0);
        let next = (start + PAGE < all.len()).then(|| (start + PAGE).to_string());
        let items = all.into_iter().rev().skip(start).take(PAGE).collect();
        Page { items, next }
    }
}

#[async_trait]
impl Payments for Provider {
    async fn open(
        &self,
        request: &NewPaymentSession,
        key: &str,
    ) -> Result<OpenedSession, Unavailable> {
        turn().await;
        let opened = {
            let mut sales = self.sales.lock().unwrap();
            let number = match sales.iter().position(|sale| sale.key == key) {
                Some(number) => number,
                None => {
                    let number = sales.len();
                    sales.push(sale(number, request, key));
                    number
                }
            };
            OpenedSession {
                id: sales[number].object.id.clone(),
                url: format!("https://pay.example/{number}"),
            }
        };
        turn().await;
        Ok(opened)
    }

    async fn session(&self, id: &OrderId) -> Result<Option<PaymentSession>, Unavailable> {
        turn().await;
        let found = self.sales().into_iter().find(|s| s.object.id == *id);
        turn().await;
        Ok(found.map(|sale| sale.object))
    }

    fn money(&self, amount: i64, currency: &str) -> Option<Money> {
        let currency = currency.to_ascii_uppercase().parse().ok()?;
        Some(Money { amount, currency })
    }

    async fn session_of(&self, subject: &Subject) -> Result<Option<OrderId>, Unavailable> {
        turn().await;
        let number = match subject {
            Subject::Session(id) => return Ok(Some(id.clone())),
            Subject::Payment(id) | Subject::Subscription(id) => index(id),
        };
        let sales = self.sales();
        Ok(number.and_then(|number| Some(sales.get(number)?.object.id.clone())))
    }

    async fn events(
        &self,
        _: Timestamp,
        cursor: Option<&str>,
    ) -> Result<Page<ProviderEvent>, Unavailable> {
        turn().await;
        Ok(Self::page(self.events_so_far(), cursor))
    }

    async fn sessions(
        &self,
        _: Timestamp,
        cursor: Option<&str>,
    ) -> Result<Page<OrderId>, Unavailable> {
        turn().await;
        let ids = self.sales().into_iter().map(|sale| sale.object.id);
        Ok(Self::page(ids.collect(), cursor))
    }

    async fn subscriptions(&self, cursor: Option<&str>) -> Result<Page<Subject>, Unavailable> {
        turn().await;
        let all = self.sales().into_iter().filter_map(|sale| {
            let subscription = sale.object.subscription?;
            Some(Subject::Subscription(subscription.id))
        });
        Ok(Self::page(all.collect(), cursor))
    }
}

fn sale(number: usize, request: &NewPaymentSession, key: &str) -> Sale {
    let subscription = request.every.map(|_| Subscription {
        id: format!("sub_{number}"),
        state: SubscriptionState::Incomplete,
        period_end: Timestamp::UNIX_EPOCH,
        ends_then: false,
        ended_at: None,
        offer: Some(request.offer.clone()),
        price: Some(request.unit_price),
    });
    Sale {
        object: PaymentSession {
            id: OrderId::parse(&format!("cs_{number}")).unwrap(),
            state: SessionState::Open,
            payment_state: PaymentState::Unpaid,
            subtotal: Some(request.unit_price),
            total: Some(request.unit_price),
            discount: 0,
            offer: Some(request.offer.clone()),
            reference: Some(request.reference.clone()),
            live: false,
            email: None,
            payments: Vec::new(),
            subscription,
        },
        key: key.to_owned(),
        email: request
            .email
            .as_ref()
            .map_or("nobody@x.example", |email| email.as_str())
            .to_owned(),
        price: request.unit_price,
    }
}
