//! Reading a thread, and who may.

use serde::Serialize;
use tuition_catalog::CommentPolicy;
use utoipa::ToSchema;

use super::view::{Around, view};
use super::write::editable_until;
use super::{Comment, CommentPorts, CommentView, Cursor, LessonRef, Onlooker, Order, sorted};
use crate::access::Reader;
use crate::ports::Unavailable;

/// Comments on a page of a thread.
const PAGE: usize = 50;

/// A page of a thread to read.
#[derive(Debug, Default)]
pub struct PageRequest {
    /// Which conversation comes first.
    pub order: Order,
    /// Start after this comment.
    pub after: Option<Cursor>,
}

/// A page of a thread: conversations in the order asked for, each comment before its answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct Thread {
    /// The comments.
    pub comments: Vec<CommentView>,
    /// Where the next page starts; `null` on the last.
    #[schema(required)]
    pub next: Option<String>,
    /// How many the reader sees in all.
    pub count: usize,
    /// Whether nobody may write here; once it is full, nobody but an author.
    pub closed: bool,
    /// Whether the reader is an author of the site, who decides about what stands here.
    pub may_moderate: bool,
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
        Access::Open { .. } => {}
        Access::SignedOut => return Err(ReadError::SignedOut),
        Access::Closed => return Err(ReadError::NotFound),
    }
    let all = ports.comments.thread(lesson).await?;
    let onlooker = Onlooker::of(reader);
    let closed = is_closed(ports, lesson) || !onlooker.is_author && is_full(ports, &all);
    let found = sorted(all, page.order, page.after.as_ref(), PAGE, onlooker);
    let comments = found.page.into_iter().map(|comment| {
        let author_answered = found.answered.contains(&comment.id);
        seen(ports, comment, onlooker, author_answered)
    });
    Ok(Thread {
        comments: comments.collect(),
        next: found.next.map(|cursor| cursor.to_string()),
        count: found.count,
        closed,
        may_moderate: onlooker.is_author,
    })
}

/// A comment as this reader sees it now.
pub(super) fn seen(
    ports: &CommentPorts,
    comment: Comment,
    onlooker: Onlooker<'_>,
    author_answered: bool,
) -> CommentView {
    let rules = ports.reader.catalog.catalog().site.comments;
    let around = Around {
        author_answered,
        editable_until: editable_until(&rules, &comment),
        now: ports.reader.clock.now(),
    };
    view(comment, onlooker, around)
}

/// What a lesson's discussion is to somebody.
pub(super) enum Access {
    /// There to read; who may write is signed in besides.
    Open {
        /// Whether its course is priced and opens for them, who are no author.
        owner: bool,
    },
    /// A paid lesson, and nobody is signed in.
    SignedOut,
    /// No such lesson, or not the reader's.
    Closed,
}

pub(super) fn access(ports: &CommentPorts, lesson: &LessonRef, reader: Option<&Reader>) -> Access {
    let catalog = ports.reader.catalog.catalog();
    let Some((course, lesson)) = catalog.lesson(lesson.as_str()) else {
        return Access::Closed;
    };
    let opens = reader.is_some_and(|reader| reader.opens(&course.id));
    let open = Access::Open {
        owner: course.priced && opens && reader.is_some_and(|reader| !reader.is_author),
    };
    match reader {
        _ if lesson.free || !course.priced || opens => open,
        None => Access::SignedOut,
        Some(_) => Access::Closed,
    }
}

/// Whether learners wrote all that the site lets stand under a lesson.
fn is_full(ports: &CommentPorts, thread: &[Comment]) -> bool {
    let most = ports
        .reader
        .catalog
        .catalog()
        .site
        .limits
        .comments_per_lesson;
    let by_learners = thread.iter().filter(|comment| !comment.by_author).count();
    u32::try_from(by_learners).unwrap_or(u32::MAX) >= most
}

/// Whether nobody may write under a lesson.
pub(super) fn is_closed(ports: &CommentPorts, lesson: &LessonRef) -> bool {
    let catalog = ports.reader.catalog.catalog();
    catalog.site.comments.policy == CommentPolicy::Closed
        || catalog
            .lesson(lesson.as_str())
            .is_some_and(|(_, lesson)| lesson.comments_closed)
}
