//! A mistake that many shops make, kept to show that the model finds it: remember the event's id,
//! then apply what the event says.

use tuition_domain::access::Entitlement;
use tuition_domain::checkout::{CheckoutPorts, ProviderEvent, Quarantine};
use tuition_domain::identity::LearnerId;
use tuition_domain::ports::Subject;

use super::store::Store;

pub(crate) async fn receive(ports: &CheckoutPorts, store: &Store, event: &ProviderEvent) {
    let mark = format!("seen/{}", event.id);
    if store.look(|rows| rows.quarantine.contains_key(&mark)) {
        return;
    }
    let seen = Quarantine {
        key: mark,
        reason: String::new(),
        at: ports.reader.clock.now(),
    };
    if ports.reader.orders.quarantine(&seen).await.is_err() {
        return;
    }
    let Some(subject) = named(event) else { return };
    let Ok(Some(id)) = ports.payments.session_of(&subject).await else {
        return;
    };
    let Ok(Some(order)) = ports.reader.orders.order(&id).await else {
        return;
    };
    let opens = match event.kind.as_str() {
        "checkout.session.completed"
        | "checkout.session.async_payment_succeeded"
        | "invoice.paid" => true,
        "charge.refunded" | "customer.subscription.deleted" | "customer.subscription.paused" => {
            false
        }
        _ => return,
    };
    let learner = LearnerId::of_guest(&id);
    let right = Entitlement {
        learner: learner.clone(),
        order: id.clone(),
        offer: order.offer,
        courses: order.courses,
        starts_at: order.created_at,
        ends_at: None,
        revoked: !opens,
    };
    store.look(|rows| rows.entitlements.insert((learner, id), right));
}

fn named(event: &ProviderEvent) -> Option<Subject> {
    tuition_domain::checkout::subject(event).ok()?
}
