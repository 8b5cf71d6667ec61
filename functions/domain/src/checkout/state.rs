//! The pure middle: from an order and what the provider says now to what must be written.

use jiff::Timestamp;
use tuition_catalog::{Catalog, Offer, OfferKind};

use super::{
    Booked, DisputeState, Letter, Order, OrderChange, OrderStatus, Payment, PaymentSession,
    PaymentState, Quarantine, Renewal, SessionState, Subscription, SubscriptionState, ledger,
};
use crate::email::Email;
use crate::identity::LearnerId;
use crate::outbox::QueuedMail;

/// What the projection knows besides the two objects.
pub(super) struct Circumstances<'a> {
    /// Who will hold the order, if it is paid now for the first time.
    pub(super) holder: Option<LearnerId>,
    /// What is for sale: a changed plan names an offer of it.
    pub(super) catalog: &'a Catalog,
    /// Whether real money moves at this stage.
    pub(super) live: bool,
    pub(super) now: Timestamp,
    /// The occasion, kept with the order.
    pub(super) cause: &'a str,
}

/// What must be written, or `None` when the order is up to date.
pub(super) fn next_state(
    order: &Order,
    session: &PaymentSession,
    around: Circumstances<'_>,
) -> Option<OrderChange> {
    let mismatch = mismatch(order, session, &around);
    let mut next = order.clone();
    next.total = session.total;
    next.status = match mismatch {
        Some(_) => OrderStatus::Quarantined,
        None => status(session),
    };
    // What never was what was ordered is neither granted nor booked before a person has looked.
    let is_paid = session.payment_state == PaymentState::Paid;
    let settled = is_paid && (mismatch.is_none() || order.paid_at.is_some());
    if settled && next.paid_at.is_none() {
        next.paid_at = Some(around.now);
        next.holder = around.holder;
        next.email = address(session);
    }
    if settled {
        next.booked = Booked::of(&session.payments);
        if let Some(subscription) = &session.subscription {
            next.renewal = Some(renewal(order, subscription, around.catalog));
        }
    }
    let mail = mail(order, &mut next, session);
    if next == *order {
        return None;
    }
    next.version += 1;
    next.cause = around.cause.to_owned();
    let quarantine = mismatch.map(|reason| Quarantine {
        key: order.id.to_string(),
        reason,
        at: around.now,
    });
    Some(OrderChange {
        entitlement: next.entitlement(),
        ledger: ledger::entries(order, &next, around.now),
        mail: mail.map(|(letter, to)| QueuedMail::of(&next, letter, to)),
        quarantine,
        claim: None,
        order: next,
    })
}

/// What a session says about its order, before it is compared with what was ordered.
fn status(session: &PaymentSession) -> OrderStatus {
    if session.payment_state == PaymentState::Paid {
        // Of a subscription the last term counts: what opens now was paid by it.
        let drawn = session.payments.iter().rfind(|p| p.captured > 0);
        return match drawn.or(session.payments.last()) {
            Some(payment) => money_of(payment),
            None => OrderStatus::Paid,
        };
    }
    let hopeless = |payment: &Payment| !payment.may_succeed;
    let failed = |s: &Subscription| s.state == SubscriptionState::Failed;
    match session.state {
        SessionState::Expired => OrderStatus::Expired,
        SessionState::Open => OrderStatus::Open,
        SessionState::Complete
            if session.payments.last().is_some_and(hopeless)
                || session.subscription.as_ref().is_some_and(failed) =>
        {
            OrderStatus::Failed
        }
        SessionState::Complete => OrderStatus::Pending,
    }
}

/// Whether the money of a payment that came in is still ours.
fn money_of(payment: &Payment) -> OrderStatus {
    match payment.dispute {
        Some(DisputeState::Open | DisputeState::Lost) => OrderStatus::Disputed,
        _ if payment.captured > 0 && payment.refunded >= payment.captured => OrderStatus::Refunded,
        _ => OrderStatus::Paid,
    }
}

/// Why a paid session is not what was ordered; `None` if it is, or is not paid.
fn mismatch(order: &Order, session: &PaymentSession, around: &Circumstances<'_>) -> Option<String> {
    if session.payment_state != PaymentState::Paid {
        return None;
    }
    let said = |text: &str| Some(text.to_owned());
    if session.live != around.live {
        return Some(format!(
            "livemode is {}, this stage's is {}",
            session.live, around.live
        ));
    }
    if session.offer.as_deref() != Some(order.offer.as_str()) {
        return said("offer differs from the order");
    }
    // After erasure the order knows the browser no more.
    if order.paid_at.is_none() && session.reference.as_deref() != Some(order.browser.as_str()) {
        return said("buyer differs from the order");
    }
    if (order.kind == OfferKind::Subscription) != session.subscription.is_some() {
        return said("payment mode differs from the order");
    }
    if session.discount != 0 && order.coupon.is_none() {
        return said("a discount that was not ordered");
    }
    let price = match &session.subscription {
        None => session.subtotal,
        Some(plan) if plan.offer.as_deref() == Some(&order.offer) => plan.price,
        Some(plan) => match taken(plan, around.catalog) {
            // Changed since it was bought; what a plan costs then is settled at the provider.
            Some(_) => Some(order.price),
            None => return said("the plan is none that is sold here"),
        },
    };
    match price {
        Some(price) if price == order.price => None,
        Some(price) if price.currency != order.price.currency => {
            said("currency differs from the order")
        }
        _ => said("amount differs from the order"),
    }
}

/// The subscription offer that a plan is.
fn taken<'a>(plan: &Subscription, catalog: &'a Catalog) -> Option<&'a Offer> {
    let offer = catalog.offer(plan.offer.as_deref()?)?;
    (offer.kind == OfferKind::Subscription).then_some(offer)
}

/// What a subscription is now. Courses stay as they were when the plan was taken: a later change
/// of the offer takes nothing away.
fn renewal(order: &Order, subscription: &Subscription, catalog: &Catalog) -> Renewal {
    let changed = taken(subscription, catalog).filter(|offer| offer.id != order.held_offer());
    let (offer, courses) = match changed {
        Some(offer) if offer.id != order.offer => (offer.id.clone(), offer.courses.clone()),
        Some(_) => (order.offer.clone(), order.courses.clone()),
        None => (order.held_offer().to_owned(), order.held_courses().clone()),
    };
    Renewal {
        subscription: subscription.id.clone(),
        state: subscription.state,
        opens_until: subscription.opens_until(),
        ends_then: subscription.ends_then,
        offer,
        courses,
    }
}

fn address(session: &PaymentSession) -> Option<Email> {
    Email::parse(session.email.as_deref()?).ok()
}

/// The mail that a change calls for, and whom it goes to.
fn mail(before: &Order, after: &mut Order, session: &PaymentSession) -> Option<(Letter, Email)> {
    let became = |status| after.status == status && before.status != status;
    let runs_as = |order: &Order| order.renewal.as_ref().map(|renewal| renewal.state);
    let turned = |state| runs_as(after) == Some(state) && runs_as(before) != Some(state);
    let letter = if after.status == OrderStatus::Paid && !before.receipted {
        Letter::Receipt
    } else if became(OrderStatus::Refunded) && before.receipted {
        Letter::Refunded
    } else if became(OrderStatus::Failed) {
        Letter::PaymentFailed
    } else if before.renewal.is_some() && turned(SubscriptionState::PastDue) {
        Letter::RenewalFailed
    } else if before.renewal.is_some() && turned(SubscriptionState::Ended) {
        Letter::Ended
    } else {
        return None;
    };
    after.receipted |= letter == Letter::Receipt;
    let to = match after.holder {
        Some(_) => after.email.clone()?,
        None => address(session)?,
    };
    Some((letter, to))
}

#[cfg(test)]
mod tests;
