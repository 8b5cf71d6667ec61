//! `order = f(the provider's current object)`, written under a version condition.

use jiff::{SignedDuration, Timestamp};
use tuition_catalog::Money;

use super::{CheckoutPorts, LedgerEntry, LedgerKind, Order, OrderChange, OrderStatus, Quarantine};
use crate::access::Entitlement;
use crate::email::Email;
use crate::identity::{LearnerId, OrderId};
use crate::mail::{self, QueuedMail};
use crate::ports::{Unavailable, Written};

/// A checkout session as the provider has it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentSession {
    /// Its id.
    pub id: OrderId,
    /// Whether the page was completed.
    pub state: SessionState,
    /// Whether the money is there.
    pub payment_state: PaymentState,
    /// The total, tax and discounts included.
    pub total: Option<Money>,
    /// The offer's id that we gave along.
    pub offer: Option<String>,
    /// Whether real money moved.
    pub live: bool,
    /// The address typed at the payment page.
    pub email: Option<String>,
    /// The payment behind it, once there is one.
    pub payment: Option<Payment>,
}

/// Whether a payment page was completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionState {
    /// Still open.
    Open,
    /// Completed by the buyer.
    Complete,
    /// Closed without payment.
    Expired,
}

/// Whether the money of a session is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentState {
    /// It is, or none was due.
    Paid,
    /// Not yet, or never.
    Unpaid,
}

/// The payment behind a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Its id at the provider.
    pub id: String,
    /// Whether it can still succeed.
    pub may_succeed: bool,
    /// Minor units captured.
    pub captured: i64,
    /// Minor units given back in all.
    pub refunded: i64,
    /// The latest dispute.
    pub dispute: Option<DisputeState>,
}

/// What a bank says of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisputeState {
    /// An inquiry; the money is still ours.
    Warning,
    /// The money is frozen.
    Open,
    /// Ours again.
    Won,
    /// Theirs.
    Lost,
}

/// Each conflict is a step that somebody else has made; so many in a row are a storm, and the
/// provider delivers again after it.
const MAX_CONFLICTS: usize = 25;

/// Brings one order to what the provider says now. Returns the order as stored; `None` when
/// there is no order with this id. May run any number of times, concurrently, in any order.
pub async fn project(ports: &CheckoutPorts, id: &OrderId) -> Result<Option<Order>, Unavailable> {
    for _ in 0..MAX_CONFLICTS {
        // The version is read before the object is fetched: whoever writes on top of it has seen
        // a state at least as new as anybody who wrote before.
        let Some(order) = ports.reader.orders.order(id).await? else {
            return Ok(None);
        };
        let Some(session) = ports.payments.session(id).await? else {
            return Err(Unavailable::new(
                "the provider does not know a session that it opened",
            ));
        };
        let now = ports.reader.clock.now();
        let holder = holder(ports, &order, &session, now).await?;
        let Some(mut change) = next_state(&order, &session, holder, ports.live, now) else {
            return Ok(Some(order));
        };
        if order.paid_at.is_none() && change.order.status == OrderStatus::Paid {
            change.mail = receipt(ports, &change.order);
        }
        if ports.reader.orders.commit(&change).await? == Written::Yes {
            if let Some(quarantine) = &change.quarantine {
                tracing::error!(order = %id, reason = quarantine.reason, "order quarantined");
            }
            if let Some(queued) = &change.mail {
                deliver_one(ports, &queued.key).await;
            }
            return Ok(Some(change.order));
        }
    }
    Err(Unavailable::new(
        "an order changes faster than it can be projected",
    ))
}

/// Sends every mail that is due and returns how many left. Called by the scheduled job; what the
/// mail provider does not take stays queued, and the last such failure is returned once every
/// mail has had its turn.
pub async fn deliver_mail(ports: &CheckoutPorts) -> Result<usize, Unavailable> {
    let now = ports.reader.clock.now();
    let mut sent = 0;
    let mut failure = None;
    for queued in ports.outbox.claim_mail(now, lease(now), 100).await? {
        match deliver(ports, &queued).await {
            Ok(()) => sent += 1,
            Err(error) => failure = Some(error),
        }
    }
    failure.map_or(Ok(sent), Err)
}

/// Sends a mail right after it was queued. A failure is logged and the job tries again: the
/// money side must not wait for the mail provider.
async fn deliver_one(ports: &CheckoutPorts, key: &str) {
    let now = ports.reader.clock.now();
    let attempt = async {
        match ports.outbox.claim_one(key, now, lease(now)).await? {
            Some(queued) => deliver(ports, &queued).await,
            None => Ok(()),
        }
    };
    if let Err(error) = attempt.await {
        tracing::warn!(%error, key, "mail stays queued");
    }
}

/// Sends a claimed mail; one that is not taken is due again at once.
async fn deliver(ports: &CheckoutPorts, queued: &QueuedMail) -> Result<(), Unavailable> {
    if let Err(error) = ports.mailer.send(&queued.mail).await {
        ports.outbox.give_back(&queued.key).await?;
        return Err(error);
    }
    ports.outbox.mail_sent(&queued.key).await
}

/// Long enough for one mail; whoever dies while sending leaves it to the next job after that.
fn lease(now: Timestamp) -> Timestamp {
    now.saturating_add(SignedDuration::from_mins(2))
        .unwrap_or(Timestamp::MAX)
}

/// Who holds, or will hold, the entitlement: whoever was signed in when buying, else the account
/// of the address typed at the payment page.
async fn holder(
    ports: &CheckoutPorts,
    order: &Order,
    session: &PaymentSession,
    now: Timestamp,
) -> Result<Option<LearnerId>, Unavailable> {
    if order.paid_at.is_some() || session.payment_state != PaymentState::Paid {
        return Ok(order.holder.clone());
    }
    if let Some(buyer) = &order.buyer {
        return Ok(Some(buyer.clone()));
    }
    let fresh = LearnerId::random(ports.entropy.as_ref());
    match session.email.as_deref().map(Email::parse) {
        Some(Ok(email)) => ports
            .reader
            .learners
            .ensure_learner(&email, &fresh, now)
            .await
            .map(Some),
        // Paid, but nobody to give it to except the paying browser.
        _ => Ok(Some(fresh)),
    }
}

/// The pure middle: what must be written, or `None` when the order is up to date.
fn next_state(
    order: &Order,
    session: &PaymentSession,
    holder: Option<LearnerId>,
    live: bool,
    now: Timestamp,
) -> Option<OrderChange> {
    let mismatch = mismatch(order, session, live);
    let mut next = order.clone();
    next.status = match mismatch {
        Some(_) => OrderStatus::Quarantined,
        None => status(session),
    };
    // What is quarantined is neither granted nor booked before a person has looked.
    let settled = session.payment_state == PaymentState::Paid && mismatch.is_none();
    if settled && next.paid_at.is_none() {
        next.paid_at = Some(now);
        next.holder = holder;
        next.email = session
            .email
            .as_deref()
            .and_then(|text| Email::parse(text).ok());
    }
    if settled {
        let payment = session.payment.as_ref();
        next.captured = payment.map_or(next.captured, |p| p.captured);
        next.refunded = payment.map_or(next.refunded, |p| p.refunded);
    }
    if next == *order {
        return None;
    }
    next.version += 1;
    let ledger = ledger(order, &next, now);
    let entitlement = entitlement(&next);
    let quarantine = mismatch.map(|reason| Quarantine {
        key: order.id.to_string(),
        reason,
        at: now,
    });
    Some(OrderChange {
        order: next,
        entitlement,
        ledger,
        mail: None,
        quarantine,
    })
}

/// What a session says about its order, before it is compared with what was ordered.
fn status(session: &PaymentSession) -> OrderStatus {
    match (session.state, session.payment_state, &session.payment) {
        (_, PaymentState::Paid, Some(payment)) => match payment.dispute {
            Some(DisputeState::Open | DisputeState::Lost) => OrderStatus::Disputed,
            _ if payment.captured > 0 && payment.refunded >= payment.captured => {
                OrderStatus::Refunded
            }
            _ => OrderStatus::Paid,
        },
        (_, PaymentState::Paid, None) => OrderStatus::Paid,
        (SessionState::Expired, ..) => OrderStatus::Expired,
        (SessionState::Open, ..) => OrderStatus::Open,
        (SessionState::Complete, _, Some(payment)) if !payment.may_succeed => OrderStatus::Failed,
        (SessionState::Complete, ..) => OrderStatus::Pending,
    }
}

/// Why a paid session is not what was ordered; `None` if it is, or is not paid.
fn mismatch(order: &Order, session: &PaymentSession, live: bool) -> Option<String> {
    if session.payment_state != PaymentState::Paid {
        return None;
    }
    if session.live != live {
        return Some(format!(
            "livemode is {}, this stage's is {live}",
            session.live
        ));
    }
    if session.offer.as_deref() != Some(order.offer.as_str()) {
        return Some("offer differs from the order".to_owned());
    }
    match session.total {
        Some(total) if total == order.price => None,
        Some(total) if total.currency != order.price.currency => {
            Some("currency differs from the order".to_owned())
        }
        _ => Some("amount differs from the order".to_owned()),
    }
}

/// The money that moved between two states of an order. Exact under the version condition.
fn ledger(before: &Order, after: &Order, now: Timestamp) -> Vec<LedgerEntry> {
    let learner = after.holder.clone();
    let entry = |kind: LedgerKind, word: &str, amount: i64| {
        Some(LedgerEntry {
            id: format!("{}/{}/{word}", after.id, after.version),
            at: now,
            kind,
            order: after.id.clone(),
            offer: after.offer.clone(),
            learner: learner.clone()?,
            money: Money {
                amount,
                currency: after.price.currency,
            },
        })
        .filter(|_| amount != 0)
    };
    [
        entry(
            LedgerKind::Purchase,
            "purchase",
            after.captured - before.captured,
        ),
        entry(
            LedgerKind::Refund,
            "refund",
            after.refunded - before.refunded,
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn entitlement(order: &Order) -> Option<Entitlement> {
    let (holder, paid_at) = (order.holder.clone()?, order.paid_at?);
    Some(Entitlement {
        learner: holder,
        order: order.id.clone(),
        offer: order.offer.clone(),
        courses: order.courses.clone(),
        starts_at: paid_at,
        ends_at: order.ends_at(),
        revoked: order.status != OrderStatus::Paid,
    })
}

fn receipt(ports: &CheckoutPorts, order: &Order) -> Option<QueuedMail> {
    let to = order.email.as_ref()?;
    let catalog = ports.reader.catalog.catalog();
    let url = format!("{}{}", ports.origin, order.next.to_location());
    let amount = order.price.to_string();
    Some(QueuedMail {
        key: format!("{}/receipt", order.id),
        mail: mail::receipt(
            to,
            &catalog.site.title,
            &order.title,
            &amount,
            order.id.as_str(),
            &url,
            order.locale,
        ),
    })
}

#[cfg(test)]
mod tests;
