//! Comments: rows of their lesson, and two ways to find one: by its id and by its author. What waits
//! for an author is listed besides; the list says where to look and decides nothing.

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tuition_domain::comments::{
    Comment, CommentChange, CommentId, CommentTraces, CommentWritten, Decision, DigestProgress,
    LessonRef, Standing, State, Trace, TrailStep,
};
use tuition_domain::identity::{LearnerId, SecretHash};
use tuition_domain::outbox::QueuedMail;
use tuition_domain::ports::{Added, Comments, QueuedComment, Unavailable, Written};

use super::call::Transacted;
use super::failure::contended;
use super::keys::Range;
use super::row::{self, Item};
use super::write::Write;
use super::{Store, Table, keys, outbox};

/// Where in the step that adds a comment stands whether its writer is banned.
const STANDING: usize = 1;
/// Where in the step that changes one stands the comment.
const COMMENT: usize = 0;

#[async_trait]
impl Comments for Table {
    async fn add_comment(
        &self,
        comment: &Comment,
        mail: Option<&QueuedMail>,
    ) -> Result<Added, Unavailable> {
        let mut at = row::row(&keys::comment_at(&comment.id));
        at.insert("lesson".to_owned(), row::text(comment.lesson.as_str()));
        let mut writes = vec![
            Write::put(comment_row(comment)?).when("attribute_not_exists(pk)"),
            Write::check(keys::standing(&comment.author))
                .when("attribute_not_exists(pk) OR banned = :no")
                .value(":no", flag(false)),
            Write::put(at),
            Write::put(author_row(comment)),
        ];
        if comment.moderation.queued {
            writes.push(Write::put(queue_row(comment)));
        }
        writes.extend(mail.map(due_at_once).transpose()?);
        match self.transact(writes).await? {
            Transacted::Refused(at) if at == [STANDING] => Ok(Added::Banned),
            // Refused: it is there already, since ids are random.
            Transacted::Done | Transacted::Refused(_) => Ok(Added::Yes),
            Transacted::Contended => Err(contended()),
        }
    }

    async fn comment(&self, id: &CommentId) -> Result<Option<Comment>, Unavailable> {
        let Some(at) = self.get(Store::Lasting, &keys::comment_at(id)).await? else {
            return Ok(None);
        };
        self.comment_of(&lesson(&at)?, id).await
    }

    async fn comment_of(
        &self,
        lesson: &LessonRef,
        id: &CommentId,
    ) -> Result<Option<Comment>, Unavailable> {
        let item = self.get(Store::Lasting, &keys::comment(lesson, id)).await?;
        item.as_ref().map(row::doc).transpose()
    }

    async fn take_place(&self, lesson: &LessonRef, most: u32) -> Result<bool, Unavailable> {
        if most == 0 {
            return Ok(false);
        }
        let one_more = Write::update(keys::places(lesson), "ADD n :one")
            .when("attribute_not_exists(n) OR n < :most")
            .value(":one", row::number(1))
            .value(":most", row::number(u64::from(most)));
        Ok(self.update(Store::Lasting, one_more).await?.is_some())
    }

    async fn thread(&self, lesson: &LessonRef) -> Result<Vec<Comment>, Unavailable> {
        self.docs(&keys::thread(lesson)).await
    }

    async fn change_comment(&self, change: &CommentChange) -> Result<CommentWritten, Unavailable> {
        let mut writes = vec![later_comment(change)?];
        let report = change.reported_by.as_ref().map(|(learner, at)| {
            let key = keys::report(learner, &change.after.id);
            row::with_doc(&key, &Noted::new(*at, None))
                .map(|row| Write::put(row).when("attribute_not_exists(pk)"))
        });
        writes.extend(report.transpose()?);
        writes.extend(decided_rows(change)?);
        writes.extend(changes_of_author(change));
        writes.extend(changes_of_queue(change));
        writes.extend(change.mail.as_ref().map(due_at_once).transpose()?);
        match self.transact(writes).await? {
            Transacted::Done => Ok(CommentWritten::Yes),
            Transacted::Refused(at) if at.contains(&COMMENT) => Ok(CommentWritten::Conflict),
            Transacted::Refused(_) => Ok(CommentWritten::ReportedBefore),
            Transacted::Contended => Err(contended()),
        }
    }

    async fn comments_by(&self, author: &LearnerId) -> Result<Vec<Comment>, Unavailable> {
        let mut comments = Vec::new();
        for item in self.query(&keys::comments_of(author), None).await? {
            let key = row::key_of(&item)?;
            let keys::OfLearner::Comment(id) = keys::OfLearner::of(&key.sk) else {
                return Err(row::missing(&item, "sk"));
            };
            let found = self.comment_of(&lesson(&item)?, &id).await?;
            comments.extend(found.filter(|comment| comment.author == *author));
        }
        Ok(comments)
    }

    async fn queued(&self) -> Result<Vec<QueuedComment>, Unavailable> {
        let rows = self.query(&keys::queue(), None).await?;
        let queued = rows.iter().map(|item| {
            Ok(QueuedComment {
                id: comment_in(item)?,
                lesson: lesson(item)?,
                urgent: item.contains_key("urgent"),
            })
        });
        queued.collect()
    }

    async fn trail(&self, id: &CommentId) -> Result<Vec<TrailStep>, Unavailable> {
        self.docs(&keys::trail(id)).await
    }

    async fn standing(&self, learner: &LearnerId) -> Result<Standing, Unavailable> {
        let item = self.get(Store::Lasting, &keys::standing(learner)).await?;
        item.as_ref().map_or(Ok(Standing::default()), row::doc)
    }

    async fn save_standing(
        &self,
        learner: &LearnerId,
        standing: &Standing,
    ) -> Result<Written, Unavailable> {
        let mut item = row::with_doc(&keys::standing(learner), standing)?;
        item.insert("banned".to_owned(), flag(standing.is_banned()));
        item.insert("revision".to_owned(), row::number(standing.revision));
        let before = standing.revision.saturating_sub(1);
        let write = Write::put(item)
            .when(if before == 0 {
                "attribute_not_exists(pk) OR revision = :before"
            } else {
                "revision = :before"
            })
            .value(":before", row::number(before));
        self.write(Store::Lasting, write).await
    }

    async fn save_unsubscribe(
        &self,
        learner: &LearnerId,
        secret: &SecretHash,
        until: Timestamp,
    ) -> Result<(), Unavailable> {
        let mut item = row::with_doc(&keys::unsubscribe(learner, secret), &until)?;
        item.insert("expires".to_owned(), row::expires(until));
        self.set(Store::Lasting, item).await
    }

    async fn unsubscribe_until(
        &self,
        learner: &LearnerId,
        secret: &SecretHash,
    ) -> Result<Option<Timestamp>, Unavailable> {
        let key = keys::unsubscribe(learner, secret);
        let item = self.get(Store::Lasting, &key).await?;
        item.as_ref().map(row::doc).transpose()
    }

    async fn digest_progress(&self) -> Result<DigestProgress, Unavailable> {
        let item = self.get(Store::Lasting, &keys::digest()).await?;
        item.as_ref()
            .map_or(Ok(DigestProgress::default()), row::doc)
    }

    async fn save_digest(
        &self,
        progress: &DigestProgress,
        mails: &[QueuedMail],
        due: Timestamp,
    ) -> Result<Written, Unavailable> {
        let mut item = row::with_doc(&keys::digest(), progress)?;
        item.insert("revision".to_owned(), row::number(progress.revision));
        let before = progress.revision.saturating_sub(1);
        let put = Write::put(item)
            .when(if before == 0 {
                "attribute_not_exists(pk) OR revision = :before"
            } else {
                "revision = :before"
            })
            .value(":before", row::number(before));
        let mut writes = vec![put];
        for mail in mails {
            writes.push(Write::put(outbox::mail_row(mail, due)?));
        }
        self.transact(writes).await?.written()
    }

    async fn comment_traces(&self, learner: &LearnerId) -> Result<CommentTraces, Unavailable> {
        let standing = self.get(Store::Lasting, &keys::standing(learner)).await?;
        Ok(CommentTraces {
            standing: standing.as_ref().map(row::doc).transpose()?,
            reports: self.traces(&keys::reports_of(learner)).await?,
            decisions: self.traces(&keys::decisions_of(learner)).await?,
        })
    }
}

impl Table {
    async fn docs<T: serde::de::DeserializeOwned>(
        &self,
        range: &Range,
    ) -> Result<Vec<T>, Unavailable> {
        let items = self.query(range, None).await?;
        items.iter().map(row::doc).collect()
    }

    async fn traces(&self, range: &Range) -> Result<Vec<Trace>, Unavailable> {
        let items = self.query(range, None).await?;
        let traces = items.iter().map(|item| {
            let noted: Noted = row::doc(item)?;
            Ok(Trace {
                comment: comment_in(item)?,
                at: noted.at,
                decision: noted.decision,
            })
        });
        traces.collect()
    }
}

/// A mail for the next run of the job that sends them.
fn due_at_once(mail: &QueuedMail) -> Result<Write, Unavailable> {
    Ok(Write::put(outbox::mail_row(mail, Timestamp::UNIX_EPOCH)?))
}

/// That a learner did something with the comment of a row's key.
#[derive(Serialize, Deserialize)]
struct Noted {
    at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    decision: Option<Decision>,
}

impl Noted {
    fn new(at: Timestamp, decision: Option<Decision>) -> Self {
        Self { at, decision }
    }
}

fn comment_row(comment: &Comment) -> Result<Item, Unavailable> {
    let mut item = row::with_doc(&keys::comment(&comment.lesson, &comment.id), comment)?;
    item.insert("revision".to_owned(), row::number(comment.revision));
    Ok(item)
}

/// Replaces a comment that still has the revision before. Those of the first release have none.
fn later_comment(change: &CommentChange) -> Result<Write, Unavailable> {
    let before = change.before.revision;
    Ok(Write::put(comment_row(&change.after)?)
        .when(if before == 0 {
            "attribute_exists(pk) AND (attribute_not_exists(revision) OR revision = :before)"
        } else {
            "revision = :before"
        })
        .value(":before", row::number(before)))
}

/// The step of the trail, and who it was: two rows, so that the one outlives the other.
fn decided_rows(change: &CommentChange) -> Result<Vec<Write>, Unavailable> {
    let Some(decided) = &change.decided else {
        return Ok(Vec::new());
    };
    let (id, revision) = (&change.after.id, change.after.revision);
    let step = TrailStep {
        revision,
        decision: decided.decision,
        from: change.before.moderation.state,
        to: change.after.moderation.state,
        at: decided.at,
    };
    let who = Noted::new(decided.at, Some(decided.decision));
    Ok(vec![
        Write::put(row::with_doc(&keys::decided(id, revision), &step)?),
        Write::put(row::with_doc(
            &keys::decision(&decided.by, id, revision),
            &who,
        )?),
    ])
}

fn changes_of_author(change: &CommentChange) -> Vec<Write> {
    let (before, after) = (&change.before, &change.after);
    if before.author == after.author {
        return Vec::new();
    }
    let mut writes = vec![Write::delete(keys::comment_of(&before.author, &before.id))];
    // One without a text belongs to nobody: nothing needs to lead from them to it.
    if !after.deleted {
        writes.push(Write::put(author_row(after)));
    }
    writes
}

fn changes_of_queue(change: &CommentChange) -> Option<Write> {
    let listed = |comment: &Comment| (comment.moderation.queued, is_urgent(comment));
    match (listed(&change.before), listed(&change.after)) {
        (before, after) if before == after => None,
        (_, (true, _)) => Some(Write::put(queue_row(&change.after))),
        ((true, _), (false, _)) => Some(Write::delete(keys::queued(&change.after.id))),
        ((false, _), (false, _)) => None,
    }
}

fn is_urgent(comment: &Comment) -> bool {
    comment.moderation.state != State::Shown
}

fn queue_row(comment: &Comment) -> Item {
    let mut item = row::row(&keys::queued(&comment.id));
    item.insert("lesson".to_owned(), row::text(comment.lesson.as_str()));
    if is_urgent(comment) {
        item.insert("urgent".to_owned(), flag(true));
    }
    item
}

/// Leads from an author to a comment of theirs.
fn author_row(comment: &Comment) -> Item {
    let mut item = row::row(&keys::comment_of(&comment.author, &comment.id));
    item.insert("lesson".to_owned(), row::text(comment.lesson.as_str()));
    item
}

fn flag(value: bool) -> aws_sdk_dynamodb::types::AttributeValue {
    aws_sdk_dynamodb::types::AttributeValue::Bool(value)
}

fn comment_in(item: &Item) -> Result<CommentId, Unavailable> {
    let sk = row::text_of(item, "sk")?;
    keys::comment_in(sk).ok_or_else(|| row::missing(item, "sk"))
}

fn lesson(item: &Item) -> Result<LessonRef, Unavailable> {
    LessonRef::parse(row::text_of(item, "lesson")?).ok_or_else(|| row::missing(item, "lesson"))
}
