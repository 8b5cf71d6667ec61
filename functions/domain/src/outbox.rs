//! Mail that is queued in one step with what it is about, and sent after that.
//!
//! At least once: a mail that was taken by the provider but could not be removed from the queue is
//! sent again, with the same key in its `X-Tuition-Key` header. What stands in a mail is written
//! when it is sent: the queue holds an address and what it is to be told, for as long as it waits.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::checkout::Letter;
use crate::comments::CommentId;
use crate::email::Email;
use crate::identity::{LearnerId, OrderId, Secret};
use crate::mail::{self, Locale, Mail};
use crate::ports::{Entropy, Mailer, Outbox, Suppressions, Unavailable};

/// A mail that waits to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuedMail {
    /// What makes it one mail, however often it is written: `<order>/receipt`.
    pub key: String,
    /// The recipient.
    pub to: Email,
    /// What it says.
    #[serde(flatten)]
    pub about: About,
}

/// What a queued mail is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum About {
    /// An order, as it is when the mail is sent.
    Order {
        /// Which.
        order: OrderId,
        /// What the buyer is told of it.
        letter: Letter,
    },
    /// An account. Nothing of it is looked up: it may be gone.
    Account {
        /// What the learner is told.
        notice: Notice,
        /// In which language.
        locale: Locale,
        /// First instant at which it is no longer sent.
        until: Option<Timestamp>,
    },
    /// An answer to a learner's comment, as it is when the mail is sent.
    Answer {
        /// Which.
        answer: CommentId,
        /// Whom it answers.
        learner: LearnerId,
        /// In which language.
        locale: Locale,
    },
    /// What waits for an author, of what was written from one comment to another.
    Digest {
        /// The last one that they were told of before.
        after: Option<CommentId>,
        /// The last one of these.
        through: CommentId,
        /// In which language.
        locale: Locale,
    },
}

/// What a learner is told of their account, after the fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// The account has another address now; to the one it had.
    AddressLeft,
    /// The account has this address now.
    AddressTaken,
    /// The account is erased.
    Erased,
}

impl QueuedMail {
    /// A notice to the learner at `to`. Its key is random: it must lead to nobody.
    pub fn notice(
        notice: Notice,
        to: &Email,
        locale: Locale,
        until: Option<Timestamp>,
        entropy: &dyn Entropy,
    ) -> Self {
        Self {
            key: format!("notice/{}", Secret::random(entropy).hash().as_str()),
            to: to.clone(),
            about: About::Account {
                notice,
                locale,
                until,
            },
        }
    }

    /// Whether it is too late to send it.
    fn is_late(&self, now: Timestamp) -> bool {
        matches!(&self.about, About::Account { until: Some(until), .. } if *until <= now)
    }

    /// When it need not wait any longer; `None`: until it is sent.
    pub fn until(&self) -> Option<Timestamp> {
        match &self.about {
            About::Account { until, .. } => *until,
            About::Order { .. } | About::Answer { .. } | About::Digest { .. } => None,
        }
    }
}

/// Until when a mail that is being sent is hidden from everybody else: long enough for one mail;
/// whoever dies while sending leaves it to the next job after that.
pub(crate) fn lease(now: Timestamp) -> Timestamp {
    now.saturating_add(SignedDuration::from_mins(2))
        .unwrap_or(Timestamp::MAX)
}

/// What sending takes.
#[derive(Clone, Copy)]
pub(crate) struct Post<'a> {
    pub(crate) outbox: &'a dyn Outbox,
    pub(crate) mailer: &'a dyn Mailer,
    pub(crate) suppressions: &'a dyn Suppressions,
    pub(crate) now: Timestamp,
}

impl Post<'_> {
    /// Sends a leased mail, as `written`; one that is not taken is due again at once. `false`: it
    /// was not sent, and never will be: there is nothing to say any more, nobody may be written to
    /// there, or it is too late.
    pub(crate) async fn send(
        self,
        queued: &QueuedMail,
        written: Option<Mail>,
    ) -> Result<bool, Unavailable> {
        let sendable = match written {
            Some(mail) if !queued.is_late(self.now) => {
                let suppressed = self.suppressions.is_suppressed(&queued.to).await?;
                Some(mail).filter(|_| !suppressed)
            }
            _ => None,
        };
        if let Some(mail) = &sendable
            && let Err(error) = self.mailer.send(mail).await
        {
            self.outbox.give_back(&queued.key).await?;
            return Err(error);
        }
        self.outbox.mail_sent(&queued.key).await?;
        Ok(sendable.is_some())
    }
}

/// A notice as it is sent from the site called `site`.
pub(crate) fn written(queued: &QueuedMail, notice: Notice, locale: Locale, site: &str) -> Mail {
    let mail = match notice {
        Notice::AddressLeft => mail::address_left(&queued.to, site, locale),
        Notice::AddressTaken => mail::address_taken(&queued.to, site, locale),
        Notice::Erased => mail::erased(&queued.to, site, locale),
    };
    Mail {
        key: Some(queued.key.clone()),
        ..mail
    }
}
