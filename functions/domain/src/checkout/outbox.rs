//! Mails that follow from orders: queued in one step with the order, written out when they are
//! sent. Notices to learners wait in the same queue and go with them.

use serde::{Deserialize, Serialize};
use tuition_catalog::Catalog;

use super::{CheckoutPorts, Order};
use crate::comments::Desk;
use crate::email::Email;
use crate::mail::{self, Mail};
use crate::outbox::{self, About, Post, QueuedMail, lease};
use crate::ports::Unavailable;

/// What a buyer is told of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Letter {
    /// It is paid; here is how to get at it. Once for each order.
    Receipt,
    /// All money went back, and nothing opens any more.
    Refunded,
    /// A payment that settles later failed.
    PaymentFailed,
    /// A renewal was not paid; the provider tries again.
    RenewalFailed,
    /// A subscription is over.
    Ended,
}

impl QueuedMail {
    /// A mail about an order as it is now.
    pub fn of(order: &Order, letter: Letter, to: Email) -> Self {
        let key = match letter {
            Letter::Receipt => format!("{}/receipt", order.id),
            Letter::Refunded => format!("{}/{}/refunded", order.id, order.version),
            Letter::PaymentFailed => format!("{}/{}/payment-failed", order.id, order.version),
            Letter::RenewalFailed => format!("{}/{}/renewal-failed", order.id, order.version),
            Letter::Ended => format!("{}/{}/ended", order.id, order.version),
        };
        let order = order.id.clone();
        Self {
            key,
            to,
            about: About::Order { order, letter },
        }
    }
}

/// Sends every mail that is due and returns how many left. Called by the scheduled job; what the
/// mail provider does not take stays queued, and the last such failure is returned once every
/// mail has had its turn.
pub async fn deliver_mail(ports: &CheckoutPorts) -> Result<usize, Unavailable> {
    let now = ports.reader.clock.now();
    let mut sent = 0;
    let mut failure = None;
    for queued in ports.outbox.claim_mail(now, lease(now), 100).await? {
        match deliver_claimed(ports, &queued).await {
            Ok(was_sent) => sent += usize::from(was_sent),
            Err(error) => failure = Some(error),
        }
    }
    failure.map_or(Ok(sent), Err)
}

/// Sends a mail right after it was queued, and leased to us, with `order`. A failure is logged and
/// the job tries again: the money side must not wait for the mail provider.
pub(super) async fn deliver_fresh(ports: &CheckoutPorts, queued: &QueuedMail, order: &Order) {
    if let Err(error) = deliver(ports, queued, Some(order)).await {
        tracing::warn!(%error, key = queued.key, "mail stays queued");
    }
}

/// Sends a mail that the job has claimed: what it is about may have changed since it was queued.
async fn deliver_claimed(ports: &CheckoutPorts, queued: &QueuedMail) -> Result<bool, Unavailable> {
    let order = match &queued.about {
        About::Order { order, .. } => ports.reader.orders.order(order).await?,
        About::Account { .. } | About::Answer { .. } | About::Digest { .. } => None,
    };
    deliver(ports, queued, order.as_ref()).await
}

async fn deliver(
    ports: &CheckoutPorts,
    queued: &QueuedMail,
    order: Option<&Order>,
) -> Result<bool, Unavailable> {
    let mail = match &queued.about {
        About::Order { letter, .. } => order.map(|order| written(ports, queued, *letter, order)),
        About::Account { notice, locale, .. } => {
            let site = &ports.reader.catalog.catalog().site.title;
            Some(outbox::written(queued, *notice, *locale, site))
        }
        About::Answer {
            answer,
            learner,
            locale,
        } => {
            let catalog = ports.reader.catalog.catalog();
            let desk = desk(ports, &catalog);
            desk.answered(queued, answer, learner, *locale).await?
        }
        About::Digest {
            after,
            through,
            locale,
        } => {
            let catalog = ports.reader.catalog.catalog();
            let desk = desk(ports, &catalog);
            desk.digest(queued, after.as_ref(), through, *locale)
                .await?
        }
    };
    let post = Post {
        outbox: ports.outbox.as_ref(),
        mailer: ports.mailer.as_ref(),
        suppressions: ports.suppressions.as_ref(),
        now: ports.reader.clock.now(),
    };
    post.send(queued, mail).await
}

fn desk<'a>(ports: &'a CheckoutPorts, catalog: &'a Catalog) -> Desk<'a> {
    Desk {
        comments: ports.comments.as_ref(),
        entropy: ports.entropy.as_ref(),
        catalog,
        origin: &ports.origin,
        now: ports.reader.clock.now(),
    }
}

fn written(ports: &CheckoutPorts, queued: &QueuedMail, letter: Letter, order: &Order) -> Mail {
    let catalog = ports.reader.catalog.catalog();
    let url = format!("{}{}", ports.origin, order.next.to_location());
    let amount = order.total.unwrap_or(order.price).to_string();
    let about = mail::About {
        to: &queued.to,
        key: &queued.key,
        site: &catalog.site.title,
        title: &order.title,
        amount: &amount,
        order: order.id.as_str(),
        url: &url,
        locale: order.locale,
    };
    match letter {
        Letter::Receipt => mail::receipt(about),
        Letter::Refunded => mail::refunded(about),
        Letter::PaymentFailed => mail::payment_failed(about),
        Letter::RenewalFailed => mail::renewal_failed(about),
        Letter::Ended => mail::ended(about),
    }
}
