//! `order = f(the provider's current object)`, written under a version condition.

use super::outbox::deliver_fresh;
use super::state::{Circumstances, next_state};
use super::{CheckoutPorts, Claim, Order, PaymentSession, PaymentState};
use crate::email::Email;
use crate::identity::{LearnerId, OrderId};
use crate::outbox::{QueuedMail, lease};
use crate::ports::{Unavailable, Written};

/// Each conflict is a step that somebody else has made; so many in a row are a storm, and the
/// provider delivers again after it.
const MAX_CONFLICTS: usize = 25;

/// What a look at the provider came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Projected {
    /// The order as stored now.
    pub order: Order,
    /// The provider's object that it follows from.
    pub session: PaymentSession,
    /// The order as it was, if this look changed it.
    pub before: Option<Order>,
}

/// Brings one order to what the provider says now. `None` when there is no order with this id.
/// May run any number of times, concurrently, in any order. `cause` names the occasion (an
/// event's id) and is kept with what is written.
pub async fn project(
    ports: &CheckoutPorts,
    id: &OrderId,
    cause: &str,
) -> Result<Option<Projected>, Unavailable> {
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
        let (holder, claim) = holder(ports, &order, &session).await?;
        let around = Circumstances {
            holder,
            catalog: &ports.reader.catalog.catalog(),
            live: ports.live,
            now,
            cause,
        };
        let Some(mut change) = next_state(&order, &session, around) else {
            return Ok(Some(Projected {
                order,
                session,
                before: None,
            }));
        };
        if order.holder.is_none() && change.order.holder.is_some() {
            change.claim = claim;
        }
        if let Some(queued) = &mut change.mail {
            readdress(ports, &change.order, queued).await?;
        }
        if ports.reader.orders.commit(&change, lease(now)).await? == Written::Yes {
            if let Some(quarantine) = &change.quarantine {
                tracing::error!(order = %id, reason = quarantine.reason, "order quarantined");
            }
            if let Some(queued) = &change.mail {
                deliver_fresh(ports, queued, &change.order).await;
            }
            return Ok(Some(Projected {
                order: change.order,
                session,
                before: Some(order),
            }));
        }
    }
    Err(Unavailable::new(
        "an order changes faster than it can be projected",
    ))
}

/// Who holds, or will hold, the entitlement: whoever was signed in when buying, else whoever
/// proves the address typed at the payment page, or proved it when the checkout began.
async fn holder(
    ports: &CheckoutPorts,
    order: &Order,
    session: &PaymentSession,
) -> Result<(Option<LearnerId>, Option<Claim>), Unavailable> {
    if order.paid_at.is_some() || session.payment_state != PaymentState::Paid {
        return Ok((order.holder.clone(), None));
    }
    if let Some(buyer) = &order.buyer {
        return Ok((Some(buyer.clone()), Some(Claim::Account(buyer.clone()))));
    }
    let learners = &ports.reader.learners;
    let fresh = LearnerId::random(ports.entropy.as_ref());
    let Some(Ok(email)) = session.email.as_deref().map(Email::parse) else {
        // Paid, but nobody to give it to except the paying browser.
        return Ok((Some(fresh), None));
    };
    let former = learners.former_learner(&email).await?;
    if let Some((learner, left_at)) = former
        && order.created_at < left_at
    {
        return Ok((Some(learner.clone()), Some(Claim::Account(learner))));
    }
    let learner = learners.learner_of(&email, &fresh).await?;
    Ok((Some(learner.clone()), Some(Claim::Address(email, learner))))
}

/// Whoever has an account is written to where it is now, which may be elsewhere than when they
/// bought.
async fn readdress(
    ports: &CheckoutPorts,
    order: &Order,
    queued: &mut QueuedMail,
) -> Result<(), Unavailable> {
    if let Some(holder) = &order.holder
        && let Some(profile) = ports.reader.learners.profile(holder).await?
    {
        queued.to = profile.email;
    }
    Ok(())
}
