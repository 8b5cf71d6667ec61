//! `order = f(the provider's current object)`, written under a version condition.

use super::outbox::{deliver_fresh, lease};
use super::state::{Circumstances, next_state};
use super::{CheckoutPorts, Order, PaymentSession, PaymentState};
use crate::email::Email;
use crate::identity::{LearnerId, OrderId};
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
        let around = Circumstances {
            holder: holder(ports, &order, &session).await?,
            catalog: &ports.reader.catalog.catalog(),
            live: ports.live,
            now,
            cause,
        };
        let Some(change) = next_state(&order, &session, around) else {
            return Ok(Some(Projected {
                order,
                session,
                before: None,
            }));
        };
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
/// proves the address typed at the payment page.
async fn holder(
    ports: &CheckoutPorts,
    order: &Order,
    session: &PaymentSession,
) -> Result<Option<LearnerId>, Unavailable> {
    if order.paid_at.is_some() || session.payment_state != PaymentState::Paid {
        return Ok(order.holder.clone());
    }
    if let Some(buyer) = &order.buyer {
        return Ok(Some(buyer.clone()));
    }
    let fresh = LearnerId::random(ports.entropy.as_ref());
    match session.email.as_deref().map(Email::parse) {
        Some(Ok(email)) => {
            let learners = &ports.reader.learners;
            learners.learner_of(&email, &fresh).await.map(Some)
        }
        // Paid, but nobody to give it to except the paying browser.
        _ => Ok(Some(fresh)),
    }
}
