//! Who is told of comments by mail: a learner of an answer, authors of what waits for them. Mails are
//! queued as facts; what stands in one is written when it is sent, from the comments as they are by
//! then, so that nothing that was taken away is told.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tuition_catalog::{Catalog, Notices};

use super::{Comment, CommentId, CommentPorts, LessonRef, Onlooker, QUEUE_PATH, State, shown};
use crate::email::Email;
use crate::identity::{LearnerId, Secret, SessionToken};
use crate::mail::{self, Locale, Mail};
use crate::outbox::{About, QueuedMail};
use crate::ports::{Comments, Entropy, Unavailable, Written};

/// How long the link of a mail works by which no more are asked for.
const UNSUBSCRIBE: SignedDuration = SignedDuration::from_hours(24 * 365);
/// Comments that stand in a digest.
const LISTED: usize = 20;
/// Characters of a comment that stand in a digest.
const EXCERPT: usize = 240;

/// How far authors were told of what waits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DigestProgress {
    /// The last comment that they were told of.
    pub through: Option<CommentId>,
    /// When that was queued.
    pub at: Option<Timestamp>,
    /// Rises with each write. 0: there is no row.
    pub revision: u64,
}

/// The mail about an answer, for the writer of what it answers; `None`: there is nobody to tell. What
/// is not shown is not told, nor is a writer told of their own.
pub(super) async fn answer_notice(
    ports: &CommentPorts,
    answer: &Comment,
) -> Result<Option<QueuedMail>, Unavailable> {
    let Some(parent) = &answer.parent else {
        return Ok(None);
    };
    let asked = ports.comments.comment(parent).await?;
    let Some(asked) = asked.filter(|asked| {
        let theirs = asked.author != answer.author && !asked.by_author;
        theirs && shown(asked, Onlooker::default()) && shown(answer, Onlooker::default())
    }) else {
        return Ok(None);
    };
    // Authors have their digest. An order session has no proved address.
    let Some(profile) = ports.reader.learners.profile(&asked.author).await? else {
        return Ok(None);
    };
    if ports.comments.standing(&asked.author).await?.no_replies {
        return Ok(None);
    }
    Ok(Some(QueuedMail {
        key: format!("comment/{}/answer", answer.id.as_str()),
        to: profile.email,
        about: About::Answer {
            answer: answer.id.clone(),
            learner: asked.author,
            locale: profile.locale,
        },
    }))
}

/// Queues a digest for every author, if there is something new and it is time. Answers how many.
pub async fn queue_digests(
    comments: &dyn Comments,
    catalog: &Catalog,
    now: Timestamp,
) -> Result<usize, Unavailable> {
    let every = match catalog.site.comments.notices {
        Notices::Off => return Ok(0),
        Notices::Once => SignedDuration::ZERO,
        Notices::Daily => SignedDuration::from_hours(24),
    };
    let before = comments.digest_progress().await?;
    let due = before.at.and_then(|at| at.saturating_add(every).ok());
    if due.is_some_and(|due| now < due) {
        return Ok(0);
    }
    let queued = comments.queued().await?;
    let new = queued.into_iter().map(|one| one.id);
    let last = new
        .filter(|id| before.through.as_ref().is_none_or(|through| id > through))
        .max();
    let Some(last) = last else {
        return Ok(0);
    };
    let locale = Locale::of(catalog.site.languages.first().map_or("en", String::as_str));
    let authors = catalog.site.authors.iter();
    let mails: Vec<QueuedMail> = authors
        .filter_map(|author| Email::parse(author).ok())
        .enumerate()
        .map(|(n, to)| QueuedMail {
            key: format!("digest/{}/{n}", last.as_str()),
            to,
            about: About::Digest {
                after: before.through.clone(),
                through: last.clone(),
                locale,
            },
        })
        .collect();
    let after = DigestProgress {
        through: Some(last),
        at: Some(now),
        revision: before.revision.saturating_add(1),
    };
    match comments.save_digest(&after, &mails, now).await? {
        Written::Yes => Ok(mails.len()),
        // Another run was quicker, and has queued them.
        Written::Conflict => Ok(0),
    }
}

/// What writing a notice takes.
#[derive(Clone, Copy)]
pub(crate) struct Desk<'a> {
    pub(crate) comments: &'a dyn Comments,
    pub(crate) entropy: &'a dyn Entropy,
    pub(crate) catalog: &'a Catalog,
    pub(crate) origin: &'a str,
    pub(crate) now: Timestamp,
}

impl Desk<'_> {
    /// The mail about an answer, as things are now; `None`: there is nothing to tell any more.
    pub(crate) async fn answered(
        self,
        queued: &QueuedMail,
        answer: &CommentId,
        learner: &LearnerId,
        locale: Locale,
    ) -> Result<Option<Mail>, Unavailable> {
        let found = self.comments.comment(answer).await?;
        let Some(answer) = found.filter(|one| shown(one, Onlooker::default())) else {
            return Ok(None);
        };
        if self.comments.standing(learner).await?.no_replies {
            return Ok(None);
        }
        let secret = Secret::random(self.entropy);
        let until = self.now.saturating_add(UNSUBSCRIBE);
        let until = until.unwrap_or(Timestamp::MAX);
        self.comments
            .save_unsubscribe(learner, &secret.hash(), until)
            .await?;
        let token = SessionToken {
            owner: learner.clone(),
            secret,
        };
        let (lesson, url) = self.place(&answer);
        let unsubscribe = format!(
            "{}/api/comments/unsubscribe?token={}",
            self.origin,
            token.expose()
        );
        Ok(Some(mail::answered(mail::Answered {
            to: &queued.to,
            key: &queued.key,
            site: &self.catalog.site.title,
            lesson: &lesson,
            name: &answer.author_name,
            url: &url,
            unsubscribe: &unsubscribe,
            locale,
        })))
    }

    /// What of a digest still waits; `None`: nothing does.
    pub(crate) async fn digest(
        self,
        queued: &QueuedMail,
        after: Option<&CommentId>,
        through: &CommentId,
        locale: Locale,
    ) -> Result<Option<Mail>, Unavailable> {
        let all = self.comments.queued().await?.into_iter();
        let mut new: Vec<(LessonRef, CommentId)> = all
            .filter(|one| after.is_none_or(|after| one.id > *after) && one.id <= *through)
            .map(|one| (one.lesson, one.id))
            .collect();
        new.sort_by(|a, b| a.1.cmp(&b.1));
        let mut waiting = Vec::new();
        let mut count = 0;
        for (lesson, id) in new {
            let found = self.comments.comment_of(&lesson, &id).await?;
            let Some(comment) = found.filter(|one| one.moderation.queued && !one.deleted) else {
                continue;
            };
            count += 1;
            if waiting.len() < LISTED {
                waiting.push(self.waiting(&comment));
            }
        }
        if waiting.is_empty() {
            return Ok(None);
        }
        let url = format!("{}{QUEUE_PATH}", self.origin);
        Ok(Some(mail::digest(mail::Digest {
            to: &queued.to,
            key: &queued.key,
            site: &self.catalog.site.title,
            waiting: &waiting,
            count,
            url: &url,
            locale,
        })))
    }

    fn waiting(self, comment: &Comment) -> mail::Waiting {
        let (lesson, url) = self.place(comment);
        let mut excerpt: String = comment.body.chars().take(EXCERPT).collect();
        if excerpt.len() < comment.body.len() {
            excerpt.push('…');
        }
        mail::Waiting {
            lesson,
            name: comment.author_name.clone(),
            excerpt,
            url,
            question: comment.question,
            held: comment.moderation.state != State::Shown,
        }
    }

    /// Title and address of where a comment stands.
    fn place(self, comment: &Comment) -> (String, String) {
        let place = self.catalog.lesson(comment.lesson.as_str());
        let (title, path) = place.map_or_else(
            || (comment.lesson.to_string(), "/".to_owned()),
            |(course, lesson)| {
                let path = format!("/courses/{}/{}/", course.slug, lesson.slug);
                (lesson.title.clone(), path)
            },
        );
        let url = format!("{}{path}#comment-{}", self.origin, comment.id.as_str());
        (title, url)
    }
}

/// Asks for no more mails about answers, by the token of one of them. Whether there is such a token
/// is told to nobody.
pub async fn unsubscribe(ports: &CommentPorts, token: &SessionToken) -> Result<(), Unavailable> {
    let now = ports.reader.clock.now();
    let comments = ports.comments.as_ref();
    let until = comments
        .unsubscribe_until(&token.owner, &token.secret.hash())
        .await?;
    if until.is_some_and(|until| now < until) {
        return set_replies(comments, &token.owner, false).await;
    }
    Ok(())
}

/// Whether a learner is told of answers.
pub async fn wants_replies(
    comments: &dyn Comments,
    learner: &LearnerId,
) -> Result<bool, Unavailable> {
    Ok(!comments.standing(learner).await?.no_replies)
}

/// Whether a learner is told of answers from now on.
pub async fn set_replies(
    comments: &dyn Comments,
    learner: &LearnerId,
    wanted: bool,
) -> Result<(), Unavailable> {
    super::stand(comments, learner, |standing| super::Standing {
        no_replies: !wanted,
        ..standing
    })
    .await
}
