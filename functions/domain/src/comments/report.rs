//! Learners who say that a comment should not stand there.

use super::thread::{Access, access};
use super::write::count;
use super::{
    Comment, CommentChange, CommentId, CommentPorts, CommentWritten, Onlooker, State, Why, shown,
};
use crate::access::Reader;
use crate::limits::TooMany;
use crate::ports::Unavailable;

/// How often a report is tried that others are quicker than.
const TRIES: u32 = 16;

/// Why a comment was not reported.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// Nobody is signed in.
    #[error("not signed in")]
    SignedOut,
    /// Not there, or not for this reader.
    #[error("no such comment")]
    NotFound,
    /// Too many in a minute.
    #[error("too many reports")]
    TooMany(TooMany),
    /// A store is away.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Reports a comment. A learner counts once for each comment; enough of them hold it until an
/// author looks, unless one has looked before.
pub async fn report(
    ports: &CommentPorts,
    id: &CommentId,
    network: &str,
    reader: Option<&Reader>,
) -> Result<(), ReportError> {
    let reader = reader.ok_or(ReportError::SignedOut)?;
    let onlooker = Onlooker::of(Some(reader));
    count(ports, reader, network)
        .await?
        .map_err(ReportError::TooMany)?;
    let most = ports.reader.catalog.catalog().site.comments.reports;
    let is_banned = ports.comments.standing(reader.id()).await?.is_banned();
    for _ in 0..TRIES {
        let before = ports.comments.comment(id).await?;
        let before = before
            .filter(|comment| {
                let open = access(ports, &comment.lesson, Some(reader));
                matches!(open, Access::Open { .. }) && shown(comment, onlooker)
            })
            .ok_or(ReportError::NotFound)?;
        // One's own is deleted, not reported, and who may not write is not heard.
        if before.author == *reader.id() || is_banned {
            return Ok(());
        }
        let after = reported(&before, most);
        let change = CommentChange {
            reported_by: Some((reader.id().clone(), ports.reader.clock.now())),
            ..CommentChange::of(before, after)
        };
        match ports.comments.change_comment(&change).await? {
            CommentWritten::Yes | CommentWritten::ReportedBefore => return Ok(()),
            CommentWritten::Conflict => {}
        }
    }
    Err(Unavailable::new("a comment changes all the time").into())
}

/// The comment after one more report; `most` of them hold it, 0 is never.
fn reported(comment: &Comment, most: u32) -> Comment {
    let mut after = comment.next();
    let moderation = &mut after.moderation;
    moderation.reports = moderation.reports.saturating_add(1);
    moderation.queued = true;
    let enough = most > 0 && moderation.reports >= most;
    let may_fall = !moderation.approved && !comment.by_author;
    if enough && may_fall && moderation.state == State::Shown {
        moderation.state = State::Held;
        moderation.why = Some(Why::Reports);
    }
    after
}
