//! Posting, changing and deleting comments.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use tuition_catalog::CommentRules;

use super::judge::{Case, judge, may_repeat};
use super::notices::answer_notice;
use super::thread::{Access, access, is_closed, seen};
use super::{
    BodyError, Comment, CommentChange, CommentId, CommentPorts, CommentView, CommentWritten,
    LessonRef, MAX_DEPTH, Moderation, Onlooker, Standing, State, Verdict, render, shown,
};
use crate::access::Reader;
use crate::limits::{self, Limit, TooMany};
use crate::ports::{Added, Comments, Unavailable};

/// How many learners of one network may write as fast as one may.
const LEARNERS_OF_A_NETWORK: u32 = 6;
/// How long a text is remembered, as a hash: said again meanwhile, it is looked at first.
const MEMORY: i64 = 600;
/// How often a change is tried that others are quicker than.
const TRIES: u32 = 16;

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
    /// Tells of a mistake in the lesson.
    pub mistake: bool,
    /// The prefix of the caller's address.
    pub network: String,
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
    /// Nobody may write there.
    #[error("the discussion is closed")]
    Closed,
    /// There are as many as the site lets stand under a lesson.
    #[error("the discussion is full")]
    Full,
    /// They may not write any more.
    #[error("banned")]
    Banned,
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
    let Access::Open { owner } = access(ports, &request.lesson, Some(reader)) else {
        return Err(PostError::NotFound);
    };
    if is_closed(ports, &request.lesson) {
        return Err(PostError::Closed);
    }
    let html = render(&request.body)?;
    let parent = match &request.parent {
        Some(id) => Some(place(ports, id, &request.lesson, reader).await?),
        None => None,
    };
    count(ports, reader, &request.network)
        .await?
        .map_err(PostError::TooMany)?;
    let standing = ports.comments.standing(reader.id()).await?;
    if standing.is_banned() {
        return Err(PostError::Banned);
    }
    // A thread is read whole. Authors still answer what was asked last.
    let most = ports
        .reader
        .catalog
        .catalog()
        .site
        .limits
        .comments_per_lesson;
    if !reader.is_author && !ports.comments.take_place(&request.lesson, most).await? {
        return Err(PostError::Full);
    }
    let verdict = verdict(ports, reader, &standing, &request.body, &html).await?;
    let now = ports.reader.clock.now();
    let profile = reader.profile.as_ref();
    let comment = Comment {
        id: CommentId::fresh(now, ports.entropy.as_ref()),
        lesson: request.lesson,
        parent,
        author: reader.id().clone(),
        author_name: profile.map(|p| p.name.clone()).unwrap_or_default(),
        by_author: reader.is_author,
        by_owner: owner,
        body: request.body,
        html,
        question: request.question,
        mistake: request.mistake,
        created_at: now,
        edited_at: None,
        deleted: false,
        moderation: Moderation {
            state: verdict.state,
            why: verdict.why,
            queued: !reader.is_author,
            ..Moderation::default()
        },
        revision: 0,
    };
    let mail = answer_notice(ports, &comment).await?;
    match ports.comments.add_comment(&comment, mail.as_ref()).await? {
        Added::Yes => {}
        Added::Banned => return Err(PostError::Banned),
    }
    if let Some(answered) = comment.parent.as_ref().filter(|_| reader.is_author) {
        // What an author answered needs no look any more.
        rewrite(ports.comments.as_ref(), answered, &mut |asked| {
            let waits = asked.moderation.queued && asked.moderation.state == State::Shown;
            waits.then(|| unqueued(asked))
        })
        .await?;
    }
    Ok(seen(ports, comment, Onlooker::of(Some(reader)), false))
}

fn unqueued(comment: &Comment) -> Comment {
    let mut after = comment.next();
    after.moderation.queued = false;
    after
}

/// Counts a post, an edit or a report for learner and network.
pub(super) async fn count(
    ports: &CommentPorts,
    reader: &Reader,
    network: &str,
) -> Result<Result<(), TooMany>, Unavailable> {
    let now = ports.reader.clock.now();
    let most = ports.reader.catalog.catalog().site.limits.posts_per_minute;
    let counters = ports.counters.as_ref();
    let limit = |name, most| Limit {
        name,
        most,
        seconds: 60,
    };
    let own = limit("post", most);
    if let Err(error) = limits::count(counters, own, reader.id().as_str(), now).await? {
        return Ok(Err(error));
    }
    let all = limit("post-network", most.saturating_mul(LEARNERS_OF_A_NETWORK));
    limits::count(counters, all, network, now).await
}

/// What the site makes of a text.
async fn verdict(
    ports: &CommentPorts,
    reader: &Reader,
    standing: &Standing,
    body: &str,
    html: &str,
) -> Result<Verdict, Unavailable> {
    let repeated = if reader.is_author || standing.trusted || !may_repeat(body) {
        false
    } else {
        let limit = Limit {
            name: "same-post",
            most: 1,
            seconds: MEMORY,
        };
        let text = hex::encode(Sha256::digest(body.trim()));
        let who = format!("{}|{text}", reader.id().as_str());
        let now = ports.reader.clock.now();
        limits::count(ports.counters.as_ref(), limit, &who, now)
            .await?
            .is_err()
    };
    let rules = ports.reader.catalog.catalog().site.comments;
    let case = Case {
        standing,
        by_author: reader.is_author,
        html,
        repeated,
    };
    Ok(judge(&rules, case))
}

/// Below which comment an answer to `asked` is put: that one, or the one above it where the
/// thread is as deep as it gets.
async fn place(
    ports: &CommentPorts,
    asked: &CommentId,
    lesson: &LessonRef,
    reader: &Reader,
) -> Result<CommentId, PostError> {
    let answered = ports
        .comments
        .comment(asked)
        .await?
        .filter(|comment| shown(comment, Onlooker::of(Some(reader))))
        .ok_or(PostError::NotFound)?;
    if answered.lesson != *lesson {
        // Of a lesson that does not open for them they learn nothing.
        return Err(match access(ports, &answered.lesson, Some(reader)) {
            Access::Open { .. } => PostError::Elsewhere,
            _ => PostError::NotFound,
        });
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

/// A change of one's own comment. What is `None` stays.
#[derive(Debug, Default)]
pub struct EditRequest {
    /// New text.
    pub body: Option<String>,
    /// Whether it is a question.
    pub question: Option<bool>,
    /// Whether it tells of a mistake.
    pub mistake: Option<bool>,
    /// Whether the question is answered. May be said at any time.
    pub answered: Option<bool>,
    /// The prefix of the caller's address.
    pub network: String,
}

/// Why a comment was not changed.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// Nobody is signed in.
    #[error("not signed in")]
    SignedOut,
    /// Not there, or not the reader's.
    #[error("no such comment")]
    NotFound,
    /// It has stood too long.
    #[error("too late to change it")]
    Late,
    /// They may not write any more.
    #[error("banned")]
    Banned,
    /// The text can't be shown.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// Too many in a minute.
    #[error("too many changes")]
    TooMany(TooMany),
    /// A store is away.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// Until when the writer may change a comment.
pub(super) fn editable_until(rules: &CommentRules, comment: &Comment) -> Timestamp {
    let window = SignedDuration::from_mins(i64::from(rules.edit_minutes));
    let until = comment.created_at.saturating_add(window);
    until.unwrap_or(Timestamp::MAX)
}

/// Changes the reader's own comment. A new text is judged anew, and never becomes more visible by
/// it.
pub async fn edit(
    ports: &CommentPorts,
    id: &CommentId,
    request: EditRequest,
    reader: Option<&Reader>,
) -> Result<CommentView, EditError> {
    let reader = reader.ok_or(EditError::SignedOut)?;
    let onlooker = Onlooker::of(Some(reader));
    let is_theirs = |comment: &Comment| {
        let open = matches!(
            access(ports, &comment.lesson, Some(reader)),
            Access::Open { .. }
        );
        open && comment.author == *reader.id() && shown(comment, onlooker)
    };
    let found = ports.comments.comment(id).await?;
    let found = found.filter(is_theirs).ok_or(EditError::NotFound)?;
    let now = ports.reader.clock.now();
    let rules = ports.reader.catalog.catalog().site.comments;
    let rewords = request.body.is_some() || request.question.is_some() || request.mistake.is_some();
    if rewords && !reader.is_author && now >= editable_until(&rules, &found) {
        return Err(EditError::Late);
    }
    let html = request.body.as_deref().map(render).transpose()?;
    count(ports, reader, &request.network)
        .await?
        .map_err(EditError::TooMany)?;
    let standing = ports.comments.standing(reader.id()).await?;
    if standing.is_banned() {
        return Err(EditError::Banned);
    }
    let verdict = match (&request.body, &html) {
        (Some(body), Some(html)) => Some(verdict(ports, reader, &standing, body, html).await?),
        _ => None,
    };
    let mut change = |comment: &Comment| {
        is_theirs(comment).then(|| {
            let mut after = comment.next();
            if let (Some(body), Some(html)) = (&request.body, &html) {
                after.body.clone_from(body);
                after.html.clone_from(html);
                after.edited_at = Some(now);
                after.moderation.approved = false;
                after.moderation.queued = !reader.is_author;
            }
            if let Some(verdict) = verdict.filter(|new| new.state > after.moderation.state) {
                after.moderation.state = verdict.state;
                after.moderation.why = verdict.why;
            }
            after.question = request.question.unwrap_or(after.question);
            after.mistake = request.mistake.unwrap_or(after.mistake);
            after.moderation.answered = request.answered.or(after.moderation.answered);
            after
        })
    };
    let after = rewrite(ports.comments.as_ref(), id, &mut change).await?;
    let after = after.ok_or(EditError::NotFound)?;
    Ok(seen(ports, after, onlooker, false))
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
/// the thread stays. Again it changes nothing.
pub async fn remove(
    ports: &CommentPorts,
    id: &CommentId,
    reader: Option<&Reader>,
) -> Result<(), RemoveError> {
    let reader = reader.ok_or(RemoveError::SignedOut)?;
    let comment = ports.comments.comment(id).await?;
    comment
        .filter(|comment| comment.author == *reader.id() || reader.is_author)
        .ok_or(RemoveError::NotFound)?;
    rewrite(ports.comments.as_ref(), id, &mut |comment| {
        (!comment.deleted).then(|| comment.removed())
    })
    .await?;
    Ok(())
}

/// Changes a comment as it is by now, however often others are quicker; `None`: it is not there, or
/// `change` had nothing to change.
pub(crate) async fn rewrite(
    comments: &dyn Comments,
    id: &CommentId,
    change: &mut (dyn FnMut(&Comment) -> Option<Comment> + Send),
) -> Result<Option<Comment>, Unavailable> {
    for _ in 0..TRIES {
        let Some(before) = comments.comment(id).await? else {
            return Ok(None);
        };
        let Some(after) = change(&before) else {
            return Ok(None);
        };
        let change = CommentChange::of(before, after.clone());
        if comments.change_comment(&change).await? == CommentWritten::Yes {
            return Ok(Some(after));
        }
    }
    Err(Unavailable::new("a comment changes all the time"))
}
