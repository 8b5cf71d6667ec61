//! The discussion under a lesson: who may read and write, and what a comment may look like.

mod render;
mod thread;

pub(crate) use render::without_bidi_controls;
pub use render::{BodyError, MAX_BODY_BYTES, MAX_NESTING, render};
pub use thread::{
    CommentView, PageRequest, PostError, PostRequest, ReadError, RemoveError, Thread, post, read,
    remove,
};

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::access::ReaderPorts;
use crate::identity::{LearnerId, is_lower_hex};
use crate::ports::{Counters, Entropy};

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
    /// As written: Markdown, at most 4,096 bytes. Empty once deleted.
    pub body: String,
    /// As shown: sanitised HTML. Empty once deleted.
    pub html: String,
    /// Asked as a question.
    pub question: bool,
    /// When it was written.
    pub created_at: Timestamp,
    /// Its text is gone; its place in the thread stays.
    pub deleted: bool,
}

impl Comment {
    /// The comment without its text and name; the thread keeps its place.
    pub fn removed(&self) -> Self {
        Self {
            author_name: String::new(),
            body: String::new(),
            html: String::new(),
            deleted: true,
            ..self.clone()
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
