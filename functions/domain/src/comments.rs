//! The discussion under a lesson: who may read and write, and what a comment may look like.

mod forest;
mod highlight;
mod judge;
mod moderate;
mod notices;
mod render;
mod report;
mod standing;
mod thread;
mod trail;
mod view;
mod write;

pub use forest::{Cursor, MAX_DEPTH, Matter, Order, Sorted, matters, sorted};
pub use judge::Verdict;
pub(crate) use moderate::stand;
pub use moderate::{Decision, DecisionError, DecisionRequest, Queue, QueueItem, decide, queue};
pub(crate) use notices::Desk;
pub use notices::{DigestProgress, queue_digests, set_replies, unsubscribe, wants_replies};
pub(crate) use render::without_bidi_controls;
pub use render::{BodyError, MAX_BODY_BYTES, MAX_NESTING, render};
pub use report::{ReportError, report};
pub use standing::Standing;
pub use thread::{PageRequest, ReadError, Thread, read};
pub use trail::{Step, Trail, trail};
pub use view::{AuthorView, CommentView, Onlooker, shown};
pub(crate) use write::rewrite;
pub use write::{EditError, EditRequest, PostError, PostRequest, RemoveError, edit, post, remove};

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::access::ReaderPorts;
use crate::identity::{LearnerId, is_lower_hex};
use crate::outbox::QueuedMail;
use crate::ports::{Counters, Entropy};

/// The queue, as a page of a browser.
pub(crate) const QUEUE_PATH: &str = "/api/comments/queue";

/// What comments may touch.
#[derive(Clone)]
pub struct CommentPorts {
    /// Who reads and writes.
    pub reader: ReaderPorts,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// Comments.
    pub comments: Arc<dyn crate::ports::Comments>,
    /// Rate limits.
    pub counters: Arc<dyn Counters>,
}

/// `<course id>/<lesson id>`: names a lesson for good, whatever its URL.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LessonRef(String);

impl LessonRef {
    /// Accepts exactly one slash with something on both sides, each at most 40 bytes.
    pub fn parse(text: &str) -> Option<Self> {
        let (course, lesson) = text.split_once('/')?;
        let holds = |id: &str| {
            (1..=40).contains(&id.len())
                && !id.contains(['/', '#'])
                && !id.contains(char::is_control)
        };
        (holds(course) && holds(lesson)).then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LessonRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A comment's id: 12 hex digits of milliseconds, 20 random ones. Sorts by time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CommentId(String);

impl CommentId {
    /// A fresh id for a comment written at `now`.
    pub fn fresh(now: Timestamp, entropy: &dyn Entropy) -> Self {
        let mut random = [0; 10];
        entropy.fill(&mut random);
        let millis = u64::try_from(now.as_millisecond()).unwrap_or(0);
        Self(format!("{millis:012x}{}", hex::encode(random)))
    }

    /// Reads an id back.
    pub fn parse(text: &str) -> Option<Self> {
        is_lower_hex(text, 32).then(|| Self(text.to_owned()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// One comment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// Its id.
    pub id: CommentId,
    /// The lesson it stands under.
    pub lesson: LessonRef,
    /// The comment it answers.
    pub parent: Option<CommentId>,
    /// Who wrote it: a learner or an order session's guest.
    pub author: LearnerId,
    /// Their name when they wrote it; may be empty.
    pub author_name: String,
    /// Whether they were an author of the site.
    pub by_author: bool,
    /// Whether the course is priced and opened for them when they wrote it.
    #[serde(default)]
    pub by_owner: bool,
    /// As written: Markdown, at most 4,096 bytes. Empty once deleted.
    pub body: String,
    /// As shown: sanitised HTML. Empty once deleted.
    pub html: String,
    /// Asked as a question.
    pub question: bool,
    /// Tells of a mistake in the lesson.
    #[serde(default)]
    pub mistake: bool,
    /// When it was written.
    pub created_at: Timestamp,
    /// When its text was last changed.
    #[serde(default)]
    pub edited_at: Option<Timestamp>,
    /// Its text is gone; its place in the thread stays.
    pub deleted: bool,
    /// What the site thinks of it.
    #[serde(default)]
    pub moderation: Moderation,
    /// Rises with each write: the condition of the next one.
    #[serde(default)]
    pub revision: u64,
}

/// What the site thinks of a comment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Moderation {
    /// Who may see it.
    pub state: State,
    /// Why it is not shown to all.
    pub why: Option<Why>,
    /// An author looked at this very text and let it stand: reports do not take it away any more.
    pub approved: bool,
    /// How many learners reported it since an author last looked.
    pub reports: u32,
    /// Kept on top.
    pub pinned: bool,
    /// Said to be answered, or not; `None`: it is when an author answered.
    pub answered: Option<bool>,
    /// The lesson itself answers it.
    pub in_text: Option<InText>,
    /// It waits for an author's look.
    pub queued: bool,
}

/// Who may see a comment that is not deleted, from the loosest to the strictest.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "lowercase")]
#[schema(as = CommentState)]
pub enum State {
    /// Everybody who may read the thread.
    #[default]
    Shown,
    /// Its writer and the site's authors.
    Held,
    /// The site's authors.
    Hidden,
}

/// Why a comment is not shown to all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = CommentWhy)]
pub enum Why {
    /// The site holds every comment.
    Policy,
    /// The site holds the first comment of a learner.
    First,
    /// More links than the site lets newcomers post.
    Links,
    /// The same text again.
    Repeated,
    /// So many learners reported it.
    Reports,
    /// An author decided so.
    Decision,
}

/// The change of a lesson that answers a comment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InText {
    /// The commit, 7 to 64 hex digits.
    pub commit: String,
    /// When an author said so.
    pub at: Timestamp,
}

impl Comment {
    /// The comment after a change, as its next revision.
    pub fn next(&self) -> Self {
        Self {
            revision: self.revision.saturating_add(1),
            ..self.clone()
        }
    }

    /// The comment without its text and name; the thread keeps its place.
    pub fn removed(&self) -> Self {
        Self {
            author_name: String::new(),
            body: String::new(),
            html: String::new(),
            deleted: true,
            moderation: Moderation {
                pinned: false,
                queued: false,
                ..self.moderation.clone()
            },
            ..self.next()
        }
    }

    /// The comment after its author erased their account.
    pub fn erased(&self, nobody: &LearnerId) -> Self {
        Self {
            author: nobody.clone(),
            ..self.removed()
        }
    }
}

/// A change of one comment, and what is written with it in the same step.
#[derive(Debug, Clone)]
pub struct CommentChange {
    /// As it was read: the change is refused if it has another revision by now.
    pub before: Comment,
    /// As it is to be.
    pub after: Comment,
    /// An author decided it.
    pub decided: Option<Decided>,
    /// This learner reported it: refused if they did so before.
    pub reported_by: Option<(LearnerId, Timestamp)>,
    /// Whom it tells somebody of.
    pub mail: Option<QueuedMail>,
}

impl CommentChange {
    /// Nothing but the comment.
    pub fn of(before: Comment, after: Comment) -> Self {
        Self {
            before,
            after,
            decided: None,
            reported_by: None,
            mail: None,
        }
    }
}

/// A decision, for the trail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// Who. Stands in a row of their own, which goes with their account.
    pub by: LearnerId,
    /// What.
    pub decision: Decision,
    /// When.
    pub at: Timestamp,
}

/// One step of a comment's trail: what an author decided, without their name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrailStep {
    /// The revision that came of it.
    pub revision: u64,
    /// What.
    pub decision: Decision,
    /// Who could see it before.
    pub from: State,
    /// Who can see it since, unless it is deleted.
    pub to: State,
    /// When.
    pub at: Timestamp,
}

/// What a change of a comment came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum CommentWritten {
    /// It is durable.
    Yes,
    /// The comment has another revision.
    Conflict,
    /// This learner reported it before.
    ReportedBefore,
}

/// What is stored of a learner besides their comments.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentTraces {
    /// How they stand.
    pub standing: Option<Standing>,
    /// The comments that they reported, and when.
    pub reports: Vec<Trace>,
    /// The comments that they decided on, as an author.
    pub decisions: Vec<Trace>,
}

/// Something that a learner did with a comment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// Which.
    pub comment: CommentId,
    /// When.
    pub at: Timestamp,
    /// What an author decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
}
