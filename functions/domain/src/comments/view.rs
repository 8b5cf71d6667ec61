//! A comment as one reader sees it. [`shown`] is the only place that decides who sees which text:
//! the thread, its count, answers, notices and exports all ask it.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Comment, CommentId, State};
use crate::access::Reader;
use crate::identity::LearnerId;

/// Who looks at a thread that they may read.
#[derive(Debug, Clone, Copy, Default)]
pub struct Onlooker<'a> {
    /// Who; `None`: nobody is signed in.
    pub id: Option<&'a LearnerId>,
    /// Whether the site lists them as an author.
    pub is_author: bool,
}

impl<'a> Onlooker<'a> {
    /// The one who makes the request.
    pub fn of(reader: Option<&'a Reader>) -> Self {
        Self {
            id: reader.map(Reader::id),
            is_author: reader.is_some_and(|reader| reader.is_author),
        }
    }

    fn wrote(self, comment: &Comment) -> bool {
        self.id == Some(&comment.author)
    }
}

/// Whether the text of a comment is there for this reader.
pub fn shown(comment: &Comment, reader: Onlooker<'_>) -> bool {
    let allowed = match comment.moderation.state {
        State::Shown => true,
        State::Held => reader.is_author || reader.wrote(comment),
        State::Hidden => reader.is_author,
    };
    allowed && !comment.deleted
}

/// A comment as readers see it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Comment)]
pub struct CommentView {
    /// Its id.
    #[schema(value_type = String)]
    pub id: CommentId,
    /// The comment it answers.
    #[schema(required, value_type = Option<String>)]
    pub parent: Option<CommentId>,
    /// Who wrote it.
    pub author: AuthorView,
    /// Sanitised HTML; empty when deleted.
    pub html: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it was changed.
    #[schema(required)]
    pub edited_at: Option<Timestamp>,
    /// Asked as a question.
    pub question: bool,
    /// Tells of a mistake in the lesson.
    pub mistake: bool,
    /// The question has an answer.
    pub answered: bool,
    /// Since when the text of the lesson answers it.
    #[schema(required)]
    pub answered_in_text_at: Option<Timestamp>,
    /// Kept on top.
    pub pinned: bool,
    /// Its text is gone, or not for this reader.
    pub deleted: bool,
    /// Who else sees it.
    pub state: State,
    /// Whether the reader wrote it.
    pub mine: bool,
    /// Until when its writer may change it; only in front of them.
    #[schema(required)]
    pub editable_until: Option<Timestamp>,
    /// As written, for its writer to change; else `null`.
    #[schema(required)]
    pub body: Option<String>,
    /// Rises with each change.
    pub revision: u64,
}

/// Who wrote a comment, as readers see them.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CommentAuthor)]
pub struct AuthorView {
    /// Chosen name; empty when there is none.
    pub name: String,
    /// `learner` or `author`.
    #[schema(value_type = String)]
    pub role: &'static str,
    /// Whether they owned the course when they wrote it.
    pub owner: bool,
}

/// Whether a question has its answer: an author's word, the lesson's text, or an author's comment
/// below it.
pub(super) fn is_answered(comment: &Comment, author_answered: bool) -> bool {
    let said = comment.moderation.answered;
    let answered = said.unwrap_or(comment.question && author_answered);
    answered || comment.moderation.in_text.is_some()
}

/// What is seen of a comment besides what stands in it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Around {
    /// Whether an author answered below it.
    pub(super) author_answered: bool,
    /// Until when it may be changed.
    pub(super) editable_until: Timestamp,
    pub(super) now: Timestamp,
}

/// The comment, or its place.
pub(super) fn view(comment: Comment, reader: Onlooker<'_>, around: Around) -> CommentView {
    let whole = shown(&comment, reader);
    let mine = whole && reader.wrote(&comment);
    let editable = mine && (around.now < around.editable_until || reader.is_author);
    let revision = comment.revision;
    let comment = if whole { comment } else { comment.removed() };
    let answered = whole && is_answered(&comment, around.author_answered);
    let moderation = comment.moderation;
    CommentView {
        id: comment.id,
        parent: comment.parent,
        author: AuthorView {
            name: comment.author_name,
            role: if whole && comment.by_author {
                "author"
            } else {
                "learner"
            },
            owner: whole && comment.by_owner,
        },
        html: comment.html,
        created_at: comment.created_at,
        edited_at: comment.edited_at.filter(|_| whole),
        question: whole && comment.question,
        mistake: whole && comment.mistake,
        answered,
        answered_in_text_at: moderation.in_text.filter(|_| whole).map(|found| found.at),
        pinned: whole && moderation.pinned,
        deleted: !whole,
        state: if whole {
            moderation.state
        } else {
            State::Shown
        },
        mine,
        editable_until: editable.then_some(around.editable_until),
        body: editable.then_some(comment.body),
        revision,
    }
}
