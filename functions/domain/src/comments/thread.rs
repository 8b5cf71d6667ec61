//! Reading, posting and deleting comments.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::{BodyError, Comment, CommentId, CommentPorts, LessonRef, render};
use crate::access::Reader;
use crate::limits::{self, Limit, TooMany};
use crate::ports::Unavailable;

/// Comments on a page of a thread.
const PAGE: usize = 50;
/// How many comments an answer may stand below. An answer to one that stands that deep is put
/// beside it: a conversation goes on, the page does not run off to the right.
const MAX_DEPTH: usize = 4;

/// A page of a thread to read.
#[derive(Debug, Default)]
pub struct PageRequest {
    /// Start after this comment.
    pub after: Option<CommentId>,
}

/// A page of a thread, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Thread {
    /// The comments.
    pub comments: Vec<CommentView>,
    /// Where the next page starts; `null` on the last.
    #[schema(required, value_type = Option<String>)]
    pub next: Option<CommentId>,
    /// How many there are in all.
    pub count: u64,
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
    /// The question has an answer.
    pub answered: bool,
    /// Kept on top.
    pub pinned: bool,
    /// Its text is gone.
    pub deleted: bool,
    /// Whether the reader wrote it.
    pub mine: bool,
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
}

/// Why a thread can't be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// No such lesson, or none that this reader may read.
    #[error("no such thread")]
    NotFound,
    /// Paid, and nobody is signed in.
    #[error("not signed in")]
    SignedOut,
    /// A store is away.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Reads a page of the thread under `lesson`. The thread of a paid lesson opens to those for
/// whom the lesson opens.
pub async fn read(
    ports: &CommentPorts,
    lesson: &LessonRef,
    page: PageRequest,
    reader: Option<&Reader>,
) -> Result<Thread, ReadError> {
    match access(ports, lesson, reader) {
        Access::Open | Access::Entitled => {}
        Access::SignedOut => return Err(ReadError::SignedOut),
        Access::Closed => return Err(ReadError::NotFound),
    }
    let mut found = ports
        .comments
        .thread(lesson, page.after.as_ref(), PAGE + 1)
        .await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let next = if more {
        found.last().map(|comment| comment.id.clone())
    } else {
        None
    };
    let count = ports.comments.comment_count(lesson).await?;
    let comments = found
        .into_iter()
        .map(|comment| view(comment, reader))
        .collect();
    Ok(Thread {
        comments,
        next,
        count,
    })
}

/// A comment to post.
#[derive(Debug)]
pub struct PostRequest {
    /// The lesson.
    pub lesson: LessonRef,
    /// Markdown.
    pub body: String,
    /// The comment it answers.
    pub parent: Option<CommentId>,
    /// Asked as a question.
    pub question: bool,
}

/// Why a comment was not posted.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// Nobody is signed in.
    #[error("not signed in")]
    SignedOut,
    /// No such lesson, none that opens, or the comment to answer is not there.
    #[error("no such thread or comment")]
    NotFound,
    /// The comment to answer stands under another lesson.
    #[error("the comment to answer is elsewhere")]
    Elsewhere,
    /// The text can't be shown.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// Too many in a minute.
    #[error("too many comments")]
    TooMany(TooMany),
    /// A store is away.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Posts a comment.
pub async fn post(
    ports: &CommentPorts,
    request: PostRequest,
    reader: Option<&Reader>,
) -> Result<CommentView, PostError> {
    let reader = reader.ok_or(PostError::SignedOut)?;
    if !matches!(
        access(ports, &request.lesson, Some(reader)),
        Access::Open | Access::Entitled
    ) {
        return Err(PostError::NotFound);
    }
    let html = render(&request.body)?;
    let parent = match &request.parent {
        Some(id) => Some(place(ports, id, &request.lesson).await?),
        None => None,
    };
    let now = ports.reader.clock.now();
    let most = ports.reader.catalog.catalog().site.limits.posts_per_minute;
    let limit = Limit {
        name: "post",
        most,
        seconds: 60,
    };
    limits::count(ports.counters.as_ref(), limit, reader.id().as_str(), now)
        .await?
        .map_err(PostError::TooMany)?;
    let comment = Comment {
        id: CommentId::fresh(now, ports.entropy.as_ref()),
        lesson: request.lesson,
        parent,
        author: reader.id().clone(),
        author_name: reader
            .profile
            .as_ref()
            .map(|profile| profile.name.clone())
            .unwrap_or_default(),
        by_author: reader.is_author,
        body: request.body,
        html,
        question: request.question,
        created_at: now,
        deleted: false,
    };
    ports.comments.add_comment(&comment).await?;
    Ok(view(comment, Some(reader)))
}

/// Below which comment an answer to `asked` is put: that one, or the one above it where the
/// thread is as deep as it gets.
async fn place(
    ports: &CommentPorts,
    asked: &CommentId,
    lesson: &LessonRef,
) -> Result<CommentId, PostError> {
    let answered = ports
        .comments
        .comment(asked)
        .await?
        .filter(|comment| !comment.deleted)
        .ok_or(PostError::NotFound)?;
    if answered.lesson != *lesson {
        return Err(PostError::Elsewhere);
    }
    let Some(above) = answered.parent else {
        return Ok(answered.id);
    };
    let mut depth = 1;
    let mut next = Some(above.clone());
    while let Some(id) = next {
        if depth == MAX_DEPTH {
            return Ok(above);
        }
        next = ports
            .comments
            .comment(&id)
            .await?
            .and_then(|comment| comment.parent);
        depth += 1;
    }
    Ok(answered.id)
}

/// Why a comment was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum RemoveError {
    /// Nobody is signed in.
    #[error("not signed in")]
    SignedOut,
    /// Not there, or not the reader's.
    #[error("no such comment")]
    NotFound,
    /// A store is away.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Deletes the reader's own comment, or any if they are an author: the text goes, the place in
/// the thread stays.
pub async fn remove(
    ports: &CommentPorts,
    id: &CommentId,
    reader: Option<&Reader>,
) -> Result<(), RemoveError> {
    let reader = reader.ok_or(RemoveError::SignedOut)?;
    let comment = ports
        .comments
        .comment(id)
        .await?
        .ok_or(RemoveError::NotFound)?;
    if comment.author != *reader.id() && !reader.is_author {
        return Err(RemoveError::NotFound);
    }
    ports.comments.save_comment(&comment.removed()).await?;
    Ok(())
}

enum Access {
    /// A free lesson.
    Open,
    /// A paid lesson that opens for the reader.
    Entitled,
    /// A paid lesson, and nobody is signed in.
    SignedOut,
    /// No such lesson, or not the reader's.
    Closed,
}

fn access(ports: &CommentPorts, lesson: &LessonRef, reader: Option<&Reader>) -> Access {
    let catalog = ports.reader.catalog.catalog();
    let Some((course, lesson)) = catalog.lesson(lesson.as_str()) else {
        return Access::Closed;
    };
    if lesson.free || !course.priced {
        return Access::Open;
    }
    match reader {
        None => Access::SignedOut,
        Some(reader) if reader.opens(&course.id) => Access::Entitled,
        Some(_) => Access::Closed,
    }
}

fn view(comment: Comment, reader: Option<&Reader>) -> CommentView {
    CommentView {
        mine: reader.is_some_and(|reader| *reader.id() == comment.author),
        id: comment.id,
        parent: comment.parent,
        author: AuthorView {
            name: comment.author_name,
            role: if comment.by_author {
                "author"
            } else {
                "learner"
            },
        },
        html: comment.html,
        created_at: comment.created_at,
        edited_at: None,
        question: comment.question,
        answered: false,
        pinned: false,
        deleted: comment.deleted,
    }
}
