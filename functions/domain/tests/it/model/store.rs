//! A store in memory that does everything that can go wrong with a real one: it fails before a
//! write or after it, answers with what was true a moment ago, and may lose its caller anywhere.

mod access;
mod facts;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::civil::Date;
use tuition_domain::access::{AddressChange, Entitlement, Link, Profile, Proofs, Session};
use tuition_domain::checkout::{
    Attempt, AttemptKey, Claim, LedgerEntry, Order, OrderChange, Progress, Quarantine,
};
use tuition_domain::comments::{Comment, CommentId, DigestProgress, Standing, TrailStep};
use tuition_domain::email::Email;
use tuition_domain::identity::{LearnerId, OrderId, SecretHash};
use tuition_domain::mail::Mail;
use tuition_domain::metrics::{Covered, Event, EventBatch, Who};
use tuition_domain::outbox::QueuedMail;
use tuition_domain::ports::{
    Counters, DailySecrets, Events, Ledger, Mailer, Orders, Outbox, Reconciliations, Suppressions,
    Unavailable, Written,
};

use super::turns::turn;

/// What goes wrong with one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Nothing,
    /// Refused or lost on the way there: throttled, unreachable.
    Before,
    /// Done, but the answer is lost.
    After,
    /// A read answers with the state before the last write.
    Stale,
}

pub(crate) struct Store {
    rows: Mutex<Rows>,
    /// A planted mistake: versions are not looked at.
    is_unconditional: bool,
}

#[derive(Default)]
pub(crate) struct Rows {
    /// Every version of every order, oldest first.
    pub(crate) orders: BTreeMap<OrderId, Vec<Order>>,
    attempts: BTreeMap<(String, String), Attempt>,
    pub(crate) learners: BTreeMap<Email, LearnerId>,
    former: BTreeMap<Email, (LearnerId, Timestamp)>,
    pub(crate) profiles: BTreeMap<LearnerId, Profile>,
    /// The link alive for an address, and tries at its code.
    links: BTreeMap<Email, (Link, u32)>,
    changes: BTreeMap<LearnerId, (AddressChange, Proofs)>,
    comments: BTreeMap<CommentId, Comment>,
    standings: BTreeMap<LearnerId, Standing>,
    reports: BTreeMap<(LearnerId, CommentId), Timestamp>,
    trails: Vec<(CommentId, TrailStep)>,
    unsubscribes: BTreeMap<(LearnerId, SecretHash), Timestamp>,
    digest: DigestProgress,
    covered: BTreeMap<(LearnerId, String), Covered>,
    events: Vec<Event>,
    pub(crate) entitlements: BTreeMap<(LearnerId, OrderId), Entitlement>,
    pub(crate) ledger: Vec<LedgerEntry>,
    outbox: BTreeMap<String, (QueuedMail, Timestamp)>,
    pub(crate) quarantine: BTreeMap<String, Quarantine>,
    pub(crate) sessions: BTreeMap<(LearnerId, SecretHash), Session>,
    progress: Progress,
    /// Keys of mails that were sent, in order.
    pub(crate) sent: Vec<String>,
    /// All mails that were sent, in order.
    pub(crate) mails: Vec<Mail>,
    faults: VecDeque<Fault>,
    suppressed: BTreeMap<String, Timestamp>,
    /// How many checkouts were counted.
    pub(crate) counted: usize,
    daily: BTreeMap<Date, [u8; 32]>,
    /// How many mails the mail provider refuses.
    pub(crate) refused_mails: u32,
    /// How many senders die with a mail in hand.
    pub(crate) lost_senders: u32,
    /// What the clock showed when the store was last told.
    pub(crate) now: Timestamp,
}

fn lost() -> Unavailable {
    Unavailable::new("planned by the test")
}

impl Store {
    pub(crate) fn new(is_unconditional: bool) -> Self {
        Self {
            rows: Mutex::default(),
            is_unconditional,
        }
    }

    /// What is stored, for the test to look at.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&mut Rows) -> T) -> T {
        look(&mut self.rows.lock().unwrap())
    }

    pub(crate) fn plan(&self, faults: impl IntoIterator<Item = Fault>) {
        self.look(|rows| rows.faults = faults.into_iter().collect());
    }

    async fn call<T>(&self, effect: impl FnOnce(&mut Rows, Fault) -> T) -> Result<T, Unavailable> {
        turn().await;
        let fault = self.look(|rows| rows.faults.pop_front().unwrap_or(Fault::Nothing));
        if fault == Fault::Before {
            return Err(lost());
        }
        let value = self.look(|rows| effect(rows, fault));
        turn().await;
        match fault {
            Fault::After => Err(lost()),
            _ => Ok(value),
        }
    }
}

#[async_trait]
impl Orders for Store {
    async fn claim_attempt(
        &self,
        key: &AttemptKey,
        attempt: Attempt,
    ) -> Result<Attempt, Unavailable> {
        let key = (key.browser.as_str().to_owned(), key.key.clone());
        self.call(|rows, _| rows.attempts.entry(key).or_insert(attempt).clone())
            .await
    }

    async fn open_order(
        &self,
        order: &Order,
        key: &AttemptKey,
        attempt: &Attempt,
    ) -> Result<(), Unavailable> {
        // Two writes, as the port allows.
        self.call(|rows, _| {
            let versions = rows.orders.entry(order.id.clone()).or_default();
            if versions.is_empty() {
                versions.push(order.clone());
            }
        })
        .await?;
        let key = (key.browser.as_str().to_owned(), key.key.clone());
        self.call(|rows, _| rows.attempts.insert(key, attempt.clone()))
            .await?;
        Ok(())
    }

    async fn order(&self, id: &OrderId) -> Result<Option<Order>, Unavailable> {
        self.call(|rows, fault| {
            let versions = rows.orders.get(id)?;
            let stale = versions.len().checked_sub(2);
            match (fault, stale) {
                (Fault::Stale, Some(at)) => versions.get(at).cloned(),
                _ => versions.last().cloned(),
            }
        })
        .await
    }

    async fn orders_of(&self, learner: &LearnerId) -> Result<Vec<Order>, Unavailable> {
        self.call(|rows, _| {
            let latest = rows.orders.values().filter_map(|versions| versions.last());
            latest
                .filter(|order| [&order.holder, &order.buyer].contains(&&Some(learner.clone())))
                .cloned()
                .collect()
        })
        .await
    }

    async fn commit(
        &self,
        change: &OrderChange,
        leased: Timestamp,
    ) -> Result<Written, Unavailable> {
        let is_unconditional = self.is_unconditional;
        let holds = |rows: &Rows| match &change.claim {
            Some(Claim::Account(id)) => rows.profiles.contains_key(id),
            Some(Claim::Address(email, id)) => rows.learners.get(email) == Some(id),
            None => true,
        };
        self.call(|rows, _| {
            if !holds(rows) {
                return Err(Unavailable::new("the holder was erased"));
            }
            let versions = rows.orders.entry(change.order.id.clone()).or_default();
            let stored = versions.last().map_or(0, |order| order.version);
            if stored + 1 != change.order.version && !is_unconditional {
                return Ok(Written::Conflict);
            }
            versions.push(change.order.clone());
            if let Some(right) = &change.entitlement {
                let key = (right.learner.clone(), right.order.clone());
                rows.entitlements.insert(key, right.clone());
            }
            rows.ledger.extend(change.ledger.iter().cloned());
            if let Some(mail) = &change.mail {
                let row = (mail.clone(), leased);
                rows.outbox.insert(mail.key.clone(), row);
            }
            if let Some(item) = &change.quarantine {
                rows.quarantine.insert(item.key.clone(), item.clone());
            }
            Ok(Written::Yes)
        })
        .await?
    }

    async fn quarantine(&self, item: &Quarantine) -> Result<(), Unavailable> {
        self.call(|rows, _| {
            rows.quarantine
                .entry(item.key.clone())
                .or_insert(item.clone());
        })
        .await
    }

    async fn quarantined(&self) -> Result<Vec<Quarantine>, Unavailable> {
        self.call(|rows, _| rows.quarantine.values().cloned().collect())
            .await
    }
}

#[async_trait]
impl Outbox for Store {
    async fn claim_mail(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<QueuedMail>, Unavailable> {
        self.call(|rows, _| {
            let due = rows.outbox.values_mut().filter(|(_, due)| *due <= now);
            due.take(limit)
                .map(|(mail, due)| {
                    *due = until;
                    mail.clone()
                })
                .collect()
        })
        .await
    }

    async fn mail_to(&self, email: &Email) -> Result<Vec<QueuedMail>, Unavailable> {
        self.call(|rows, _| {
            let queued = rows.outbox.values().map(|(mail, _)| mail);
            queued.filter(|mail| mail.to == *email).cloned().collect()
        })
        .await
    }

    async fn give_back(&self, key: &str) -> Result<(), Unavailable> {
        let is_lost = self.look(|rows| {
            let lost = rows.lost_senders > 0;
            rows.lost_senders = rows.lost_senders.saturating_sub(1);
            lost
        });
        if is_lost {
            return Err(lost());
        }
        self.call(|rows, _| {
            if let Some((_, due)) = rows.outbox.get_mut(key) {
                *due = Timestamp::UNIX_EPOCH;
            }
        })
        .await
    }

    async fn mail_sent(&self, key: &str) -> Result<(), Unavailable> {
        self.call(|rows, _| drop(rows.outbox.remove(key))).await
    }
}

#[async_trait]
impl Mailer for Store {
    async fn send(&self, mail: &Mail) -> Result<(), Unavailable> {
        let is_refused = self.look(|rows| {
            let refused = rows.refused_mails > 0;
            rows.refused_mails = rows.refused_mails.saturating_sub(1);
            refused || rows.lost_senders > 0
        });
        if is_refused {
            return Err(lost());
        }
        let key = mail.key.clone().unwrap_or_default();
        self.call(|rows, _| {
            rows.sent.push(key);
            rows.mails.push(mail.clone());
        })
        .await
    }

    async fn pretend(&self, _: &Mail) -> Result<(), Unavailable> {
        self.call(|_, _| ()).await
    }
}

#[async_trait]
impl Ledger for Store {
    async fn ledger(&self, _: Date, _: Date) -> Result<Vec<LedgerEntry>, Unavailable> {
        self.call(|rows, _| rows.ledger.clone()).await
    }

    async fn entries_of(&self, order: &OrderId) -> Result<Vec<LedgerEntry>, Unavailable> {
        self.call(|rows, _| {
            let entries = rows.ledger.iter();
            entries.filter(|e| e.order == *order).cloned().collect()
        })
        .await
    }
}

#[async_trait]
impl Reconciliations for Store {
    async fn progress(&self) -> Result<Progress, Unavailable> {
        self.call(|rows, _| rows.progress.clone()).await
    }

    async fn save_progress(&self, progress: &Progress) -> Result<(), Unavailable> {
        self.call(|rows, _| rows.progress = progress.clone()).await
    }
}

#[async_trait]
impl Suppressions for Store {
    async fn suppressed_until(&self, email: &Email) -> Result<Option<Timestamp>, Unavailable> {
        self.call(|rows, _| {
            let until = rows.suppressed.get(email.as_str()).copied();
            until.filter(|until| rows.now < *until)
        })
        .await
    }

    async fn suppress(&self, email: &Email, until: Timestamp) -> Result<(), Unavailable> {
        let address = email.as_str().to_owned();
        self.call(|rows, _| rows.suppressed.insert(address, until))
            .await?;
        Ok(())
    }
}

#[async_trait]
impl Events for Store {
    async fn note_day(&self, _: &LearnerId, _: Date) -> Result<bool, Unavailable> {
        Ok(false)
    }

    async fn events_of(&self, learner: &LearnerId) -> Result<Vec<Event>, Unavailable> {
        let who = Who::Learner(learner.clone());
        self.call(|rows, _| {
            let named = rows.events.iter().filter(|event| event.who == who);
            named.cloned().collect()
        })
        .await
    }

    async fn append(&self, batch: &EventBatch) -> Result<(), Unavailable> {
        self.call(|rows, _| {
            rows.counted += 1;
            rows.events.extend(batch.events.iter().cloned());
        })
        .await
    }

    async fn each_batch(
        &self,
        _: Date,
        _: Date,
        _: &mut (dyn FnMut(EventBatch) + Send),
    ) -> Result<(), Unavailable> {
        Ok(())
    }
}

#[async_trait]
impl DailySecrets for Store {
    async fn daily_secret(&self, day: Date, fresh: [u8; 32]) -> Result<[u8; 32], Unavailable> {
        self.call(|rows, _| *rows.daily.entry(day).or_insert(fresh))
            .await
    }
}

#[async_trait]
impl Counters for Store {
    async fn count(&self, _: &str, _: &str, _: Timestamp) -> Result<(u64, u64), Unavailable> {
        self.call(|_, _| (1, 0)).await
    }
}
