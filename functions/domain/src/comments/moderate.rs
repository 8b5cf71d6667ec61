//! What an author decides about comments, and the queue of those that wait for a look.
//!
//! Of two decisions at once the stricter one is left. What takes away (hide, delete, ban) is done to
//! the comment as it is by then; what lets stand (approve) holds for the very revision that the
//! author saw, and is refused once anything else happened to it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::notices::answer_notice;
use super::thread::seen;
use super::{
    Comment, CommentChange, CommentId, CommentPorts, CommentView, CommentWritten, Decided, InText,
    Onlooker, Standing, State, Why, rewrite,
};
use crate::access::Reader;
use crate::identity::LearnerId;
use crate::ports::{Comments, Unavailable, Written};

/// Comments that the queue shows at once.
const PAGE: usize = 50;
/// How often a decision is tried that others are quicker than.
const TRIES: u32 = 16;

/// What an author decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// It stands, and its writer needs no look from now on.
    Approve,
    /// Nobody sees it but authors.
    Hide,
    /// Its text is gone.
    Delete,
    /// It and all others of its writer are hidden, and they may not write any more.
    Ban,
    /// They may write again. What was hidden stays so.
    Unban,
    /// It stands on top.
    Pin,
    /// It does not.
    Unpin,
    /// Its question is answered.
    Answered,
    /// Its question is open.
    Open,
    /// The text of the lesson answers it, since `commit`.
    Fixed,
}

impl Decision {
    /// By its name in a request.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "approve" => Self::Approve,
            "hide" => Self::Hide,
            "delete" => Self::Delete,
            "ban" => Self::Ban,
            "unban" => Self::Unban,
            "pin" => Self::Pin,
            "unpin" => Self::Unpin,
            "answered" => Self::Answered,
            "open" => Self::Open,
            "fixed" => Self::Fixed,
            _ => return None,
        })
    }
}

/// A decision about one comment.
#[derive(Debug)]
pub struct DecisionRequest {
    /// What.
    pub decision: Decision,
    /// The revision that the author saw. [`Decision::Approve`] needs it.
    pub revision: Option<u64>,
    /// For [`Decision::Fixed`]: the commit that answers it.
    pub commit: Option<String>,
}

/// Why nothing was decided.
#[derive(Debug, thiserror::Error)]
pub enum DecisionError {
    /// Nobody is signed in.
    #[error("not signed in")]
    SignedOut,
    /// Not there, or not an author.
    #[error("no such comment")]
    NotFound,
    /// Something happened to the comment since the author saw it.
    #[error("the comment has changed")]
    Changed,
    /// What is to be approved is not named by the revision that the author saw.
    #[error("no revision")]
    Unseen,
    /// This can't be decided about this comment.
    #[error("no such decision")]
    Decision,
    /// The commit has no name that git gives.
    #[error("no commit")]
    Commit,
    /// A store is away.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Decides about a comment.
pub async fn decide(
    ports: &CommentPorts,
    id: &CommentId,
    request: &DecisionRequest,
    reader: Option<&Reader>,
) -> Result<CommentView, DecisionError> {
    let reader = author(reader)?.ok_or(DecisionError::NotFound)?;
    let commit = commit(request)?;
    let comments = ports.comments.as_ref();
    let found = comments.comment(id).await?.ok_or(DecisionError::NotFound)?;
    // The ban comes first: whoever posts at the same time is refused, or found below.
    match request.decision {
        Decision::Ban if found.by_author => return Err(DecisionError::Decision),
        Decision::Ban => {
            let at = ports.reader.clock.now();
            stand(comments, &found.author, |standing| Standing {
                banned_at: standing.banned_at.or(Some(at)),
                trusted: false,
                ..standing
            })
            .await?;
        }
        Decision::Unban => {
            stand(comments, &found.author, |standing| Standing {
                banned_at: None,
                ..standing
            })
            .await?;
        }
        _ => {}
    }
    let after = settle(ports, id, request, commit, reader).await?;
    match request.decision {
        Decision::Approve if !found.by_author => {
            stand(comments, &found.author, |standing| Standing {
                // A ban that came meanwhile is the stricter one.
                trusted: standing.banned_at.is_none(),
                ..standing
            })
            .await?;
        }
        Decision::Ban => hide_all_of(comments, &found.author).await?,
        _ => {}
    }
    Ok(seen(ports, after, Onlooker::of(Some(reader)), false))
}

/// An author, or why not.
pub(super) fn author(reader: Option<&Reader>) -> Result<Option<&Reader>, DecisionError> {
    let reader = reader.ok_or(DecisionError::SignedOut)?;
    Ok(Some(reader).filter(|reader| reader.is_author))
}

fn commit(request: &DecisionRequest) -> Result<Option<String>, DecisionError> {
    match (request.decision, &request.commit) {
        (Decision::Fixed, Some(commit)) => {
            let hex = commit.bytes().all(|b| b.is_ascii_hexdigit());
            let named = hex && (7..=64).contains(&commit.len());
            let commit = named.then(|| commit.to_ascii_lowercase());
            commit.map(Some).ok_or(DecisionError::Commit)
        }
        (Decision::Fixed, None) => Err(DecisionError::Commit),
        (_, None) => Ok(None),
        (_, Some(_)) => Err(DecisionError::Commit),
    }
}

/// Writes the decision to the comment, with its step of the trail.
async fn settle(
    ports: &CommentPorts,
    id: &CommentId,
    request: &DecisionRequest,
    commit: Option<String>,
    reader: &Reader,
) -> Result<Comment, DecisionError> {
    let at = ports.reader.clock.now();
    let in_text = commit.map(|commit| InText { commit, at });
    for _ in 0..TRIES {
        let before = ports.comments.comment(id).await?;
        let before = before.ok_or(DecisionError::NotFound)?;
        let after = decided(&before, request, in_text.clone())?;
        let first_seen = before.moderation.state != State::Shown;
        let mail = if first_seen {
            answer_notice(ports, &after).await?
        } else {
            None
        };
        let change = CommentChange {
            mail,
            decided: Some(Decided {
                by: reader.id().clone(),
                decision: request.decision,
                at,
            }),
            ..CommentChange::of(before, after.clone())
        };
        if ports.comments.change_comment(&change).await? == CommentWritten::Yes {
            return Ok(after);
        }
    }
    Err(Unavailable::new("a comment changes all the time").into())
}

/// The comment after a decision. Pure: what must not be decided about it is refused here.
fn decided(
    before: &Comment,
    request: &DecisionRequest,
    in_text: Option<InText>,
) -> Result<Comment, DecisionError> {
    let person_only = matches!(request.decision, Decision::Ban | Decision::Unban);
    if before.deleted {
        // There is nothing left to decide about it; its writer may still be kept out.
        return if person_only {
            Ok(before.next())
        } else {
            Err(DecisionError::NotFound)
        };
    }
    let mut after = before.next();
    let moderation = &mut after.moderation;
    match request.decision {
        Decision::Approve => {
            let seen = request.revision.ok_or(DecisionError::Unseen)?;
            if seen != before.revision {
                return Err(DecisionError::Changed);
            }
            moderation.state = State::Shown;
            moderation.why = None;
            moderation.approved = true;
            moderation.reports = 0;
            moderation.queued = false;
        }
        Decision::Hide | Decision::Ban => hide(&mut after),
        Decision::Delete => return Ok(before.removed()),
        Decision::Unban => {}
        Decision::Pin | Decision::Unpin => {
            if before.parent.is_some() {
                return Err(DecisionError::Decision);
            }
            moderation.pinned = request.decision == Decision::Pin;
        }
        Decision::Answered | Decision::Open => {
            if !before.question {
                return Err(DecisionError::Decision);
            }
            let answered = request.decision == Decision::Answered;
            moderation.answered = Some(answered);
            if answered && moderation.state == State::Shown {
                moderation.queued = false;
            }
            if !answered {
                moderation.in_text = None;
            }
        }
        Decision::Fixed => {
            moderation.in_text = in_text;
            if moderation.state == State::Shown {
                moderation.queued = false;
            }
        }
    }
    Ok(after)
}

fn hide(comment: &mut Comment) {
    comment.moderation.state = State::Hidden;
    comment.moderation.why = Some(Why::Decision);
    comment.moderation.approved = false;
    comment.moderation.queued = false;
    comment.moderation.pinned = false;
}

async fn hide_all_of(comments: &dyn Comments, learner: &LearnerId) -> Result<(), Unavailable> {
    for comment in comments.comments_by(learner).await? {
        rewrite(comments, &comment.id, &mut |comment| {
            let stands = !comment.deleted && comment.moderation.state != State::Hidden;
            stands.then(|| {
                let mut after = comment.next();
                hide(&mut after);
                after
            })
        })
        .await?;
    }
    Ok(())
}

/// Changes how a learner stands, as it is by now.
pub(crate) async fn stand(
    comments: &dyn Comments,
    learner: &LearnerId,
    change: impl Fn(Standing) -> Standing + Send,
) -> Result<(), Unavailable> {
    for _ in 0..TRIES {
        let before = comments.standing(learner).await?;
        let after = Standing {
            revision: before.revision,
            ..change(before.clone())
        };
        if after == before {
            return Ok(());
        }
        if comments.save_standing(learner, &after.next()).await? == Written::Yes {
            return Ok(());
        }
    }
    Err(Unavailable::new("a standing changes all the time"))
}

/// Comments that wait for an author's look.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CommentQueue)]
pub struct Queue {
    /// Those that nobody sees until then first, the oldest first.
    pub comments: Vec<QueueItem>,
    /// How many wait in all.
    pub count: usize,
}

/// A comment that waits.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueueItem {
    /// The comment.
    #[serde(flatten)]
    pub comment: CommentView,
    /// `<course id>/<lesson id>`.
    pub lesson: String,
    /// Title of the lesson.
    pub title: String,
    /// Where it stands.
    pub path: String,
    /// Why it is not shown to all.
    #[schema(required)]
    pub why: Option<Why>,
    /// How many reported it.
    pub reports: u32,
}

/// The queue of a site.
pub async fn queue(ports: &CommentPorts, reader: Option<&Reader>) -> Result<Queue, DecisionError> {
    let reader = author(reader)?.ok_or(DecisionError::NotFound)?;
    let mut waiting = ports.comments.queued().await?;
    waiting.sort_by(|a, b| b.urgent.cmp(&a.urgent).then_with(|| a.id.cmp(&b.id)));
    let count = waiting.len();
    let catalog = ports.reader.catalog.catalog();
    let mut items = Vec::new();
    for queued in waiting {
        if items.len() == PAGE {
            break;
        }
        // The list only says where to look.
        let found = ports
            .comments
            .comment_of(&queued.lesson, &queued.id)
            .await?;
        let Some(comment) = found.filter(|one| one.moderation.queued && !one.deleted) else {
            continue;
        };
        let place = catalog.lesson(queued.lesson.as_str());
        let (title, path) = place.map_or_else(
            || (queued.lesson.to_string(), String::new()),
            |(course, lesson)| {
                let path = format!("/courses/{}/{}/", course.slug, lesson.slug);
                (lesson.title.clone(), path)
            },
        );
        items.push(QueueItem {
            path: format!("{path}#comment-{}", comment.id.as_str()),
            title,
            lesson: queued.lesson.to_string(),
            why: comment.moderation.why,
            reports: comment.moderation.reports,
            comment: seen(ports, comment, Onlooker::of(Some(reader)), false),
        });
    }
    Ok(Queue {
        comments: items,
        count,
    })
}

#[cfg(test)]
mod tests;
