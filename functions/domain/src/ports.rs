//! What the domain needs from outside, one small trait per capability, each with its duties.
//!
//! `adapters` implements them on DynamoDB, Stripe and SES. Every store port shares two duties:
//! an `Ok` of a write means durable, and reads are strongly consistent.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use tuition_catalog::{Catalog, Money};

use crate::access::{
    AddressChange, Changed, Entitlement, Link, Mailbox, NewAddress, Profile, Proofs, Session,
};
use crate::checkout::{
    Attempt, AttemptKey, LedgerEntry, NewPaymentSession, OpenedSession, Order, OrderChange,
    PaymentSession, Progress, ProviderEvent, Quarantine,
};
use crate::comments::{
    Comment, CommentChange, CommentId, CommentTraces, CommentWritten, DigestProgress, LessonRef,
    Standing, TrailStep,
};
use crate::email::Email;
use crate::identity::{LearnerId, OrderId, SecretHash, SessionToken};
use crate::mail::Mail;
use crate::metrics::{Covered, Event, EventBatch, Mark, Place, Segment};
use crate::outbox::QueuedMail;
use crate::token::Keys;

/// A store could not do its work now. The caller may try again; nothing was half done.
#[derive(Debug, thiserror::Error)]
#[error("the store is unavailable: {0}")]
pub struct Unavailable(#[source] pub Box<dyn std::error::Error + Send + Sync>);

impl Unavailable {
    /// Wraps whatever went wrong.
    pub fn new(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}

/// What a conditional write did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Written {
    /// The condition held; the write is durable.
    Yes,
    /// Somebody else was first; nothing was written.
    Conflict,
}

/// The time. One clock serves a whole process.
pub trait Clock: Send + Sync {
    /// Now, in UTC.
    fn now(&self) -> Timestamp;
}

/// Chance.
pub trait Entropy: Send + Sync {
    /// Fills `bytes` from a cryptographically secure source.
    fn fill(&self, bytes: &mut [u8]);
}

/// What is for sale, as the generator last emitted it.
pub trait CatalogSource: Send + Sync {
    /// The current catalog. Cheap: called once per request.
    fn catalog(&self) -> Arc<Catalog>;
}

/// The keys of access tokens, as they are now. Whoever holds them has changes of them within
/// [`SPREAD`](crate::token::rotation::SPREAD).
pub trait KeySource: Send + Sync {
    /// The current keys. Cheap: called once per token.
    fn keys(&self) -> Arc<Keys>;
}

/// Orders, and everything that changes with them in one step.
#[async_trait]
pub trait Orders: Send + Sync {
    /// Remembers that somebody tries to open a checkout session under `key`. Returns the attempt
    /// that holds the key: this one if it was free, else the earlier one.
    async fn claim_attempt(
        &self,
        key: &AttemptKey,
        attempt: Attempt,
    ) -> Result<Attempt, Unavailable>;
    /// Writes a fresh order, then completes its attempt: cut off in between, the attempt is made
    /// again and finds the order. Writing the same order again changes nothing.
    async fn open_order(
        &self,
        order: &Order,
        key: &AttemptKey,
        attempt: &Attempt,
    ) -> Result<(), Unavailable>;
    /// The order, or `None`.
    async fn order(&self, id: &OrderId) -> Result<Option<Order>, Unavailable>;
    /// The orders that a learner holds, or began while signed in, each once, in no particular
    /// order.
    async fn orders_of(&self, learner: &LearnerId) -> Result<Vec<Order>, Unavailable>;
    /// Writes order, entitlement, ledger and mail in one step, if the stored order still has the
    /// version before `change.order.version`. An error if `change.claim` does not hold any more. The mail is hidden from others until `leased`: the
    /// caller sends it.
    async fn commit(&self, change: &OrderChange, leased: Timestamp)
    -> Result<Written, Unavailable>;
    /// Keeps what does not match any order, for a person to look at. Idempotent by key.
    async fn quarantine(&self, item: &Quarantine) -> Result<(), Unavailable>;
    /// All that is kept so, in no particular order.
    async fn quarantined(&self) -> Result<Vec<Quarantine>, Unavailable>;
}

/// Learners and what they own.
#[async_trait]
pub trait Learners: Send + Sync {
    /// The learner of this address; `fresh` becomes it if there is none. Two callers at once get
    /// the same one. Makes no profile: that takes a proof of the address.
    async fn learner_of(&self, email: &Email, fresh: &LearnerId) -> Result<LearnerId, Unavailable>;
    /// Writes the first profile of a learner; one that is there stays as it is. Answers the one
    /// that is there then; `None` if the address does not lead to this learner any more.
    async fn ensure_profile(&self, profile: &Profile) -> Result<Option<Profile>, Unavailable>;
    /// The profile, or `None` (never made, or erased).
    async fn profile(&self, id: &LearnerId) -> Result<Option<Profile>, Unavailable>;
    /// Replaces the profile if it still has the revision before.
    async fn save_profile(&self, profile: &Profile) -> Result<Written, Unavailable>;
    /// All entitlements of a learner, ended and revoked ones included.
    async fn entitlements(&self, id: &LearnerId) -> Result<Vec<Entitlement>, Unavailable>;
    /// The learner whose address this was until they changed it, and when they did. Known for as
    /// long as a payment that was begun before may still arrive; `None` after that.
    async fn former_learner(
        &self,
        email: &Email,
    ) -> Result<Option<(LearnerId, Timestamp)>, Unavailable>;
    /// Removes every record that identifies the learner: profile, addresses, sessions,
    /// entitlements, progress; detaches their orders and replaces the id in ledger rows and usage
    /// events. Queues the farewell in the same step in which the profile goes; a learner without a
    /// profile gets none. From before it begins, [`Erasures`] knows them.
    async fn erase(&self, erasure: &Erasure) -> Result<(), Unavailable>;
}

/// Whom to erase.
#[derive(Debug, Clone)]
pub struct Erasure {
    /// The learner, or a guest.
    pub learner: LearnerId,
    /// A fresh id that leads nowhere, in the place of theirs.
    pub nobody: LearnerId,
    /// The last mail to them.
    pub farewell: Option<QueuedMail>,
    /// Until when that mail is hidden from others than the caller.
    pub leased: Timestamp,
}

/// Signed-in browsers.
#[async_trait]
pub trait Sessions: Send + Sync {
    /// The session that this token proves; `None` if unknown. Expiry is the caller's to check.
    async fn session(&self, token: &SessionToken) -> Result<Option<Session>, Unavailable>;
    /// Writes a new session.
    async fn save_session(&self, session: &Session) -> Result<(), Unavailable>;
    /// Replaces a session by its later form, if it has not ended in the meantime.
    async fn change_session(&self, session: &Session) -> Result<Written, Unavailable>;
    /// All sessions of an owner, oldest first.
    async fn sessions(&self, owner: &LearnerId) -> Result<Vec<Session>, Unavailable>;
    /// Ends one session. Ending it twice is fine.
    async fn end_session(&self, owner: &LearnerId, secret: &SecretHash) -> Result<(), Unavailable>;
}

/// Mailed sign-in links: one alive per address.
#[async_trait]
pub trait Links: Send + Sync {
    /// Stores a link and makes it the only one alive for its address, in one step. Makes the same
    /// calls whether there was one before or not.
    async fn save_link(&self, link: &Link) -> Result<(), Unavailable>;
    /// The link alive for an address. Expiry is the caller's to check.
    async fn link_of(&self, email: &Email) -> Result<Option<Link>, Unavailable>;
    /// The link with this token hash if it is the one alive for its address.
    async fn link(&self, token: &SecretHash) -> Result<Option<Link>, Unavailable>;
    /// Uses the link up. `Conflict` if it is gone, used or replaced: of any number of callers
    /// exactly one gets `Yes`.
    async fn consume_link(&self, link: &Link) -> Result<Written, Unavailable>;
    /// Counts one try at the code and returns how many there have been, this one included. No two
    /// tries get the same number.
    async fn count_code_try(&self, link: &Link) -> Result<u32, Unavailable>;
}

/// Changes of address that wait for their proofs: one per learner.
#[async_trait]
pub trait AddressChanges: Send + Sync {
    /// Stores a change as the only one of its learner, with nothing proved.
    async fn save_change(&self, change: &AddressChange) -> Result<(), Unavailable>;
    /// The change of a learner, and what is proved of it. Expiry is the caller's to check.
    async fn change_of(
        &self,
        learner: &LearnerId,
    ) -> Result<Option<(AddressChange, Proofs)>, Unavailable>;
    /// Notes that one mailbox is proved; what is proved then, or `None` if this change waits no
    /// longer. Of two callers at once the later one sees both proofs.
    async fn prove(
        &self,
        change: &AddressChange,
        mailbox: Mailbox,
    ) -> Result<Option<Proofs>, Unavailable>;
    /// Forgets the change of a learner.
    async fn drop_change(&self, learner: &LearnerId) -> Result<(), Unavailable>;
    /// Moves a learner to their new address in one step: what leads from the addresses to them,
    /// the profile, the end of the change, the notices.
    async fn move_learner(&self, new: &NewAddress) -> Result<Changed, Unavailable>;
}

/// Comments by lesson.
#[async_trait]
pub trait Comments: Send + Sync {
    /// Adds a comment, unless its writer is banned by now. The same comment again changes nothing.
    /// Queues `mail` in the same step; it is due at once.
    async fn add_comment(
        &self,
        comment: &Comment,
        mail: Option<&QueuedMail>,
    ) -> Result<Added, Unavailable>;
    /// The comment, or `None`.
    async fn comment(&self, id: &CommentId) -> Result<Option<Comment>, Unavailable>;
    /// The comment, where its lesson is known.
    async fn comment_of(
        &self,
        lesson: &LessonRef,
        id: &CommentId,
    ) -> Result<Option<Comment>, Unavailable>;
    /// Takes one of `most` places in the thread under a lesson; false: all are taken. One that no comment comes to is lost.
    async fn take_place(&self, lesson: &LessonRef, most: u32) -> Result<bool, Unavailable>;
    /// All comments of a lesson, deleted and hidden ones too, by id.
    async fn thread(&self, lesson: &LessonRef) -> Result<Vec<Comment>, Unavailable>;
    /// Writes a change of a comment, and all that goes with it, in one step.
    async fn change_comment(&self, change: &CommentChange) -> Result<CommentWritten, Unavailable>;
    /// Every comment a learner wrote.
    async fn comments_by(&self, author: &LearnerId) -> Result<Vec<Comment>, Unavailable>;
    /// Where the comments are that wait for an author, in no particular order. Who sees them is
    /// decided by the comments themselves.
    async fn queued(&self) -> Result<Vec<QueuedComment>, Unavailable>;
    /// What authors decided about a comment, oldest first.
    async fn trail(&self, id: &CommentId) -> Result<Vec<TrailStep>, Unavailable>;
    /// How a learner stands.
    async fn standing(&self, learner: &LearnerId) -> Result<Standing, Unavailable>;
    /// Replaces how a learner stands if it still has the revision before.
    async fn save_standing(
        &self,
        learner: &LearnerId,
        standing: &Standing,
    ) -> Result<Written, Unavailable>;
    /// Stores the hash of a secret by which a learner asks for no more mails, until `until`.
    async fn save_unsubscribe(
        &self,
        learner: &LearnerId,
        secret: &SecretHash,
        until: Timestamp,
    ) -> Result<(), Unavailable>;
    /// Until when such a secret holds; `None`: it is none. Expiry is the caller's to check.
    async fn unsubscribe_until(
        &self,
        learner: &LearnerId,
        secret: &SecretHash,
    ) -> Result<Option<Timestamp>, Unavailable>;
    /// How far authors were told of what waits.
    async fn digest_progress(&self) -> Result<DigestProgress, Unavailable>;
    /// Replaces it if it still has the revision before, and queues the mails in the same step.
    async fn save_digest(
        &self,
        progress: &DigestProgress,
        mails: &[QueuedMail],
        due: Timestamp,
    ) -> Result<Written, Unavailable>;
    /// What is stored of a learner besides their comments.
    async fn comment_traces(&self, learner: &LearnerId) -> Result<CommentTraces, Unavailable>;
}

/// What adding a comment came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Added {
    /// It is durable.
    Yes,
    /// Its writer is banned; nothing was written.
    Banned,
}

/// Where a comment is that waits for an author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuedComment {
    /// Which.
    pub id: CommentId,
    /// Under which lesson.
    pub lesson: LessonRef,
    /// Whether it is not shown until then.
    pub urgent: bool,
}

/// Usage facts, append-only.
#[async_trait]
pub trait Events: Send + Sync {
    /// Notes that events received on the UTC day `day` name this learner, so that erasure finds
    /// them. Comes before they are appended. Whether it was new; again on the same day it writes nothing.
    async fn note_day(
        &self,
        learner: &LearnerId,
        day: jiff::civil::Date,
    ) -> Result<bool, Unavailable>;
    /// All events that name this learner, in no particular order, possibly with duplicates.
    async fn events_of(&self, learner: &LearnerId) -> Result<Vec<Event>, Unavailable>;
    /// Appends a batch. The same events again change nothing, nor do they count as dropped what was dropped with them.
    async fn append(&self, batch: &EventBatch) -> Result<(), Unavailable>;
    /// Hands over all batches received on the UTC days `from..=to`, in no particular order, events possibly with
    /// duplicates. What is in memory at once has a bound that doesn't depend on how many there are.
    async fn each_batch(
        &self,
        from: jiff::civil::Date,
        to: jiff::civil::Date,
        take: &mut (dyn FnMut(EventBatch) + Send),
    ) -> Result<(), Unavailable>;
}

/// Who was erased a short while ago, for whoever knows people by an access token alone, which may
/// have been minted before.
#[async_trait]
pub trait Erasures: Send + Sync {
    /// Whether this learner was erased, for as long as a token of theirs can be believed even late.
    async fn is_erased(&self, learner: &LearnerId) -> Result<bool, Unavailable>;
}

/// How far each learner has read each lesson.
#[async_trait]
pub trait ProgressBook: Send + Sync {
    /// Adds a segment to what a learner has covered of a lesson and returns all of it. The same
    /// segment again changes nothing; order does not matter.
    async fn cover(
        &self,
        learner: &LearnerId,
        lesson: &LessonRef,
        segment: Segment,
        now: Timestamp,
    ) -> Result<Covered, Unavailable>;
    /// Notes the first time at which a lesson counted as finished; later calls change nothing.
    async fn finish(
        &self,
        learner: &LearnerId,
        lesson: &LessonRef,
        now: Timestamp,
    ) -> Result<(), Unavailable>;
    /// Notes what a learner says of a lesson, unless they said something at the same time or
    /// later.
    async fn mark(
        &self,
        learner: &LearnerId,
        lesson: &LessonRef,
        mark: Mark,
        now: Timestamp,
    ) -> Result<(), Unavailable>;
    /// Notes where a learner stopped in a lesson, unless a place of the same time or later is
    /// noted.
    async fn stop(
        &self,
        learner: &LearnerId,
        lesson: &LessonRef,
        place: &Place,
        now: Timestamp,
    ) -> Result<(), Unavailable>;
    /// What a learner has covered or said of lessons, in no particular order.
    async fn coverage_of(&self, learner: &LearnerId) -> Result<Vec<Covered>, Unavailable>;
}

/// Read access to the money facts.
#[async_trait]
pub trait Ledger: Send + Sync {
    /// All entries with a time in the UTC days `from..=to`, oldest first.
    async fn ledger(
        &self,
        from: jiff::civil::Date,
        to: jiff::civil::Date,
    ) -> Result<Vec<LedgerEntry>, Unavailable>;
    /// All entries of one order, in no particular order.
    async fn entries_of(&self, order: &OrderId) -> Result<Vec<LedgerEntry>, Unavailable>;
}

/// How far the comparison with the provider has got.
#[async_trait]
pub trait Reconciliations: Send + Sync {
    /// The progress as saved last; the default before that.
    async fn progress(&self) -> Result<Progress, Unavailable>;
    /// Replaces it.
    async fn save_progress(&self, progress: &Progress) -> Result<(), Unavailable>;
}

/// The random secret of a day, under which visitors are counted. Lies outside every backup.
#[async_trait]
pub trait DailySecrets: Send + Sync {
    /// The secret of `day`; `fresh` becomes it if there is none. Two callers at once get the
    /// same one. It is gone 24 hours after the end of the day.
    async fn daily_secret(
        &self,
        day: jiff::civil::Date,
        fresh: [u8; 32],
    ) -> Result<[u8; 32], Unavailable>;
}

/// Counters of how often something happened in a window of time.
#[async_trait]
pub trait Counters: Send + Sync {
    /// Adds one to the counter `key`, which is gone after `until`. Returns its value, and that of
    /// the counter `before` (0 if there is none).
    async fn count(
        &self,
        key: &str,
        before: &str,
        until: Timestamp,
    ) -> Result<(u64, u64), Unavailable>;
}

/// Mail that was written together with a record and waits to be sent.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Takes up to `limit` mails that are due, hiding them from other callers until `until`.
    async fn claim_mail(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<QueuedMail>, Unavailable>;
    /// The mails that wait for this recipient, those that others are sending included.
    async fn mail_to(&self, email: &Email) -> Result<Vec<QueuedMail>, Unavailable>;
    /// Gives a taken mail back: it is due again at once.
    async fn give_back(&self, key: &str) -> Result<(), Unavailable>;
    /// Removes a mail that was sent.
    async fn mail_sent(&self, key: &str) -> Result<(), Unavailable>;
}

/// Addresses that no mail may go to: those that don't exist, or whose owner complained.
#[async_trait]
pub trait Suppressions: Send + Sync {
    /// Whether mail to this address is held back.
    async fn is_suppressed(&self, email: &Email) -> Result<bool, Unavailable> {
        Ok(self.suppressed_until(email).await?.is_some())
    }
    /// Until when mail to this address is held back; `None`: it is not.
    async fn suppressed_until(&self, email: &Email) -> Result<Option<Timestamp>, Unavailable>;
    /// Holds mail back until `until`. The address itself is not stored, only its SHA-256.
    async fn suppress(&self, email: &Email, until: Timestamp) -> Result<(), Unavailable>;
}

/// Sends mail.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// `Ok` when the mail provider has taken the mail.
    async fn send(&self, mail: &Mail) -> Result<(), Unavailable>;
    /// Makes the call that [`Mailer::send`] makes, of the same size, and reaches nobody: for an
    /// address that may not be written to, where the time of an answer must not tell that.
    async fn pretend(&self, mail: &Mail) -> Result<(), Unavailable>;
}

/// The payment provider.
#[async_trait]
pub trait Payments: Send + Sync {
    /// Opens a checkout session. The same `key` with the same request gives the same session,
    /// however often and however concurrently it is called. Answers within 10 seconds.
    async fn open(
        &self,
        request: &NewPaymentSession,
        key: &str,
    ) -> Result<OpenedSession, Unavailable>;
    /// The provider's current view of a session and its payment; `None` if it has none.
    async fn session(&self, id: &OrderId) -> Result<Option<PaymentSession>, Unavailable>;
    /// What the provider means by an amount in its own units; `None` if it is no money of ours.
    fn money(&self, amount: i64, currency: &str) -> Option<Money>;
    /// The session that something belongs to; `None` if it is not one of ours.
    async fn session_of(&self, subject: &Subject) -> Result<Option<OrderId>, Unavailable>;
    /// Events since an instant, newest first, as far back as the provider keeps them.
    async fn events(
        &self,
        since: Timestamp,
        cursor: Option<&str>,
    ) -> Result<Page<ProviderEvent>, Unavailable>;
    /// Sessions opened since an instant, newest first.
    async fn sessions(
        &self,
        since: Timestamp,
        cursor: Option<&str>,
    ) -> Result<Page<OrderId>, Unavailable>;
    /// All subscriptions, ended ones too, newest first.
    async fn subscriptions(&self, cursor: Option<&str>) -> Result<Page<Subject>, Unavailable>;
}

/// What an event of the provider is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A checkout session.
    Session(OrderId),
    /// A payment, by its id.
    Payment(String),
    /// A subscription, by its id.
    Subscription(String),
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next one begins; `None`: this is the last.
    pub next: Option<String>,
}
