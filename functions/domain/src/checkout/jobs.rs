//! What checkout does without being asked by a browser: on a schedule, or when mail comes back.

use serde_json::{Value, json};

use super::{CheckoutPorts, deliver_mail, reconcile};
use crate::comments::queue_digests;
use crate::feedback::{Feedback, take_feedback};
use crate::ports::Unavailable;

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Job {
    /// Send the mail that is due. Every minute.
    Outbox,
    /// Compare with the payment provider, or go on with it. Every hour.
    Reconcile,
    /// Tell authors what waits for them. Every minute.
    Digests,
    /// Take in what mail servers said.
    Feedback(Vec<Feedback>),
}

/// Pages of the provider's lists that one run goes through: a function has minutes, not hours.
const PAGES: usize = 20;

impl Job {
    /// The names of the scheduled ones.
    pub const SCHEDULED: [&'static str; 3] = ["outbox", "reconcile", "digests"];

    /// The scheduled job of this name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "outbox" => Some(Self::Outbox),
            "reconcile" => Some(Self::Reconcile),
            "digests" => Some(Self::Digests),
            _ => None,
        }
    }
}

/// Does it, and says what was done.
pub async fn run_job(ports: &CheckoutPorts, job: Job) -> Result<Value, Unavailable> {
    match job {
        Job::Outbox => Ok(json!({ "sent": deliver_mail(ports).await? })),
        Job::Reconcile => {
            let report = reconcile(ports, None, PAGES).await?;
            if !report.agrees() {
                tracing::error!(
                    quarantined = report.quarantined.len(),
                    unknown = report.unknown.len(),
                    "provider and ledger do not agree"
                );
            }
            Ok(json!(report))
        }
        Job::Digests => {
            let catalog = ports.reader.catalog.catalog();
            let now = ports.reader.clock.now();
            let queued = queue_digests(ports.comments.as_ref(), &catalog, now).await?;
            // They need not wait for the next minute.
            let sent = deliver_mail(ports).await?;
            Ok(json!({ "queued": queued, "sent": sent }))
        }
        Job::Feedback(all) => {
            let now = ports.reader.clock.now();
            for feedback in &all {
                take_feedback(ports.suppressions.as_ref(), feedback, now).await?;
            }
            Ok(json!({ "taken": all.len() }))
        }
    }
}
