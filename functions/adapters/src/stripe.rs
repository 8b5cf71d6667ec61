//! The payment provider for real: Stripe Checkout through async-stripe.
//!
//! Requests are async-stripe's typed ones; answers are read into the few members that are needed,
//! because its own types refuse objects of a newer API version. A call is repeated while that can
//! help, under the same idempotency key, within ten seconds in all. `client` sends a request once.
//! Pure halves: `request` (domain → parameters), `answer` (objects → domain), `amount`.

mod amount;
mod answer;
mod client;
mod list;
mod request;
mod subscription;

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use miniserde::Deserialize;
use stripe_client_core::{IdempotencyKey, RequestBuilder, RequestStrategy, StripeRequest};
use tuition_catalog::{Currency, Money};
use tuition_domain::checkout::{NewPaymentSession, OpenedSession, PaymentSession, ProviderEvent};
use tuition_domain::identity::OrderId;
use tuition_domain::ports::{Page, Payments, Subject, Unavailable};

use client::Client;

/// A whole call of a port, its repeats included. The port promises ten seconds.
const CALL: Duration = Duration::from_millis(9_500);
/// Waits before further attempts, in milliseconds. A session that a concurrent request with the
/// same key is opening takes about a second.
const PAUSES: [u64; 6] = [100, 250, 500, 1_000, 2_000, 3_000];

/// Stripe under one secret key.
#[derive(Clone)]
pub struct StripePayments {
    client: Client,
}

/// The key or the address can't be used. Never holds the key.
#[derive(Debug, thiserror::Error)]
#[error("stripe can't be set up: {0}")]
pub struct StripeSetupError(String);

impl StripePayments {
    /// Stripe under `key`, at `endpoint` in place of its own address. Makes no call yet.
    pub fn new(key: &str, endpoint: Option<&str>) -> Result<Self, StripeSetupError> {
        Ok(Self {
            client: Client::new(key, endpoint)?,
        })
    }

    /// Sends what `request` makes until it is answered. `None`: there is no such object.
    async fn call<T: Deserialize + Send>(
        &self,
        request: impl Fn() -> RequestBuilder + Send + Sync,
        key: Option<&IdempotencyKey>,
    ) -> Result<Option<T>, Unavailable> {
        let mut pauses = PAUSES.into_iter();
        loop {
            let strategy = match key {
                Some(key) => RequestStrategy::Idempotent(key.clone()),
                None => RequestStrategy::Once,
            };
            let sent = request()
                .customize::<T>()
                .request_strategy(strategy)
                .send(&self.client)
                .await;
            let failure = match sent {
                Ok(answer) => return Ok(Some(answer)),
                Err(failure) if failure.is_absence() => return Ok(None),
                Err(failure) => failure,
            };
            match pauses.next().filter(|_| failure.may_pass()) {
                Some(pause) => {
                    tracing::warn!(%failure, pause_ms = pause, "stripe is asked again");
                    tokio::time::sleep(Duration::from_millis(pause)).await;
                }
                None => return Err(Unavailable::new(failure)),
            }
        }
    }
}

#[async_trait]
impl Payments for StripePayments {
    async fn open(
        &self,
        request: &NewPaymentSession,
        key: &str,
    ) -> Result<OpenedSession, Unavailable> {
        let key = IdempotencyKey::new(key).map_err(Unavailable::new)?;
        let checkout = request::open(request)?;
        let answer: Option<answer::Opened> =
            within(self.call(|| checkout.build(), Some(&key))).await?;
        answer.ok_or_else(|| garbage("an opened session"))?.read()
    }

    async fn session(&self, id: &OrderId) -> Result<Option<PaymentSession>, Unavailable> {
        within(async {
            let session: Option<answer::Session> = self.call(|| request::session(id), None).await?;
            let Some(session) = session else {
                return Ok(None);
            };
            if let Some(id) = session.subscription_id() {
                let subscribed = self.subscribed(id).await?;
                return session.read_subscribed(subscribed).map(Some);
            }
            let disputes = match session.disputed_payment() {
                None => Vec::new(),
                Some(payment) => self.disputes(payment).await?,
            };
            session.read(&disputes).map(Some)
        })
        .await
    }

    fn money(&self, amount: i64, currency: &str) -> Option<Money> {
        let currency: Currency = currency.to_ascii_uppercase().parse().ok()?;
        let amount = amount::from_stripe(amount, currency)?;
        Some(Money { amount, currency })
    }

    async fn session_of(&self, subject: &Subject) -> Result<Option<OrderId>, Unavailable> {
        within(async {
            match subject {
                Subject::Session(id) => Ok(Some(id.clone())),
                Subject::Subscription(id) => {
                    self.first(|| list::sessions_of("subscription", id)).await
                }
                Subject::Payment(id) => {
                    let bought = self
                        .first(|| list::sessions_of("payment_intent", id))
                        .await?;
                    if bought.is_some() {
                        return Ok(bought);
                    }
                    // Drawn for a renewal: the invoice leads to the subscription.
                    match self.subscription_paid_by(id).await? {
                        None => Ok(None),
                        Some(id) => self.first(|| list::sessions_of("subscription", &id)).await,
                    }
                }
            }
        })
        .await
    }

    async fn events(
        &self,
        since: Timestamp,
        cursor: Option<&str>,
    ) -> Result<Page<ProviderEvent>, Unavailable> {
        let page: answer::List<answer::Event> =
            self.page(|| list::events(since, cursor), "events").await?;
        page.read(|event| Some(event.id.clone()), answer::Event::read)
    }

    async fn sessions(
        &self,
        since: Timestamp,
        cursor: Option<&str>,
    ) -> Result<Page<OrderId>, Unavailable> {
        let page: answer::List<answer::Id> = self
            .page(|| list::sessions(since, cursor), "sessions")
            .await?;
        page.read(|item| Some(item.id.clone()), answer::Id::order)
    }

    async fn subscriptions(&self, cursor: Option<&str>) -> Result<Page<Subject>, Unavailable> {
        let page: answer::List<answer::Id> = self
            .page(|| list::subscriptions(cursor), "subscriptions")
            .await?;
        page.read(
            |item| Some(item.id.clone()),
            |item| Ok(Subject::Subscription(item.id)),
        )
    }
}

impl StripePayments {
    /// A list, which is always there.
    async fn page<T: Deserialize + Send>(
        &self,
        request: impl Fn() -> RequestBuilder + Send + Sync,
        what: &str,
    ) -> Result<answer::List<T>, Unavailable> {
        let list = within(self.call(request, None)).await?;
        list.ok_or_else(|| garbage(&format!("a list of {what}")))
    }

    /// The first session of a list.
    async fn first(
        &self,
        request: impl Fn() -> RequestBuilder + Send + Sync,
    ) -> Result<Option<OrderId>, Unavailable> {
        let list: Option<answer::List<answer::Id>> = self.call(request, None).await?;
        let first = list.and_then(|list| list.data.into_iter().next());
        first.map(answer::Id::order).transpose()
    }

    async fn disputes(&self, payment: &str) -> Result<Vec<answer::Dispute>, Unavailable> {
        let list: Option<answer::List<answer::Dispute>> =
            self.call(|| list::disputes(payment), None).await?;
        Ok(list.ok_or_else(|| garbage("a list of disputes"))?.data)
    }
}

async fn within<T>(
    work: impl Future<Output = Result<T, Unavailable>> + Send,
) -> Result<T, Unavailable> {
    tokio::time::timeout(CALL, work)
        .await
        .unwrap_or_else(|_| Err(Unavailable::new("stripe did not answer in time")))
}

fn garbage(what: &str) -> Unavailable {
    Unavailable::new(format!("stripe's answer is not {what}"))
}
