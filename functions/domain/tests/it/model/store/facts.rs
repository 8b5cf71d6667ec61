//! Comments and what was read, in memory.

use async_trait::async_trait;
use jiff::Timestamp;
use tuition_domain::comments::{
    Comment, CommentChange, CommentId, CommentTraces, CommentWritten, DigestProgress, LessonRef,
    Standing, State, Trace, TrailStep,
};
use tuition_domain::identity::{LearnerId, SecretHash};
use tuition_domain::metrics::{Covered, Mark, Place, Segment};
use tuition_domain::outbox::QueuedMail;
use tuition_domain::ports::{Added, Comments, ProgressBook, QueuedComment, Unavailable, Written};

use super::{Rows, Store};

#[async_trait]
impl Comments for Store {
    async fn add_comment(
        &self,
        comment: &Comment,
        mail: Option<&QueuedMail>,
    ) -> Result<Added, Unavailable> {
        self.call(|rows, _| {
            let now = rows.now;
            let standing = rows.standings.get(&comment.author);
            if standing.is_some_and(Standing::is_banned) {
                return Added::Banned;
            }
            let row = rows.comments.entry(comment.id.clone());
            row.or_insert_with(|| comment.clone());
            let mails = mail.map(|mail| (mail.key.clone(), (mail.clone(), now)));
            rows.outbox.extend(mails);
            Added::Yes
        })
        .await
    }

    async fn comment(&self, id: &CommentId) -> Result<Option<Comment>, Unavailable> {
        self.call(|rows, _| rows.comments.get(id).cloned()).await
    }

    async fn comment_of(
        &self,
        lesson: &LessonRef,
        id: &CommentId,
    ) -> Result<Option<Comment>, Unavailable> {
        let found = self.comment(id).await?;
        Ok(found.filter(|comment| comment.lesson == *lesson))
    }

    async fn take_place(&self, lesson: &LessonRef, most: u32) -> Result<bool, Unavailable> {
        self.call(|rows, _| {
            let taken = rows.comments.values().filter(|c| c.lesson == *lesson);
            taken.count() < most as usize
        })
        .await
    }

    async fn thread(&self, lesson: &LessonRef) -> Result<Vec<Comment>, Unavailable> {
        self.call(|rows, _| {
            let of_lesson = rows.comments.values().filter(|c| c.lesson == *lesson);
            of_lesson.cloned().collect()
        })
        .await
    }

    async fn change_comment(&self, change: &CommentChange) -> Result<CommentWritten, Unavailable> {
        self.call(|rows, _| {
            let now = rows.now;
            let (before, after) = (&change.before, &change.after);
            let stored = rows.comments.get(&before.id);
            if stored.is_none_or(|stored| stored.revision != before.revision) {
                return CommentWritten::Conflict;
            }
            if let Some((learner, at)) = &change.reported_by {
                let key = (learner.clone(), after.id.clone());
                if rows.reports.contains_key(&key) {
                    return CommentWritten::ReportedBefore;
                }
                rows.reports.insert(key, *at);
            }
            if let Some(decided) = &change.decided {
                let step = TrailStep {
                    revision: after.revision,
                    decision: decided.decision,
                    from: before.moderation.state,
                    to: after.moderation.state,
                    at: decided.at,
                };
                rows.trails.push((after.id.clone(), step));
            }
            let mails = change.mail.iter();
            rows.outbox
                .extend(mails.map(|mail| (mail.key.clone(), (mail.clone(), now))));
            rows.comments.insert(after.id.clone(), after.clone());
            CommentWritten::Yes
        })
        .await
    }

    async fn comments_by(&self, author: &LearnerId) -> Result<Vec<Comment>, Unavailable> {
        self.call(|rows, _| {
            let theirs = rows.comments.values().filter(|c| c.author == *author);
            theirs.cloned().collect()
        })
        .await
    }

    async fn queued(&self) -> Result<Vec<QueuedComment>, Unavailable> {
        self.call(|rows, _| {
            let waiting = rows.comments.values().filter(|c| c.moderation.queued);
            let queued = |comment: &Comment| QueuedComment {
                id: comment.id.clone(),
                lesson: comment.lesson.clone(),
                urgent: comment.moderation.state != State::Shown,
            };
            waiting.map(queued).collect()
        })
        .await
    }

    async fn trail(&self, id: &CommentId) -> Result<Vec<TrailStep>, Unavailable> {
        self.call(|rows, _| {
            let steps = rows.trails.iter().filter(|(of, _)| of == id);
            steps.map(|(_, step)| step.clone()).collect()
        })
        .await
    }

    async fn standing(&self, learner: &LearnerId) -> Result<Standing, Unavailable> {
        self.call(|rows, _| rows.standings.get(learner).cloned().unwrap_or_default())
            .await
    }

    async fn save_standing(
        &self,
        learner: &LearnerId,
        standing: &Standing,
    ) -> Result<Written, Unavailable> {
        self.call(|rows, _| {
            let stored = rows.standings.get(learner).map_or(0, |row| row.revision);
            if stored + 1 != standing.revision {
                return Written::Conflict;
            }
            rows.standings.insert(learner.clone(), standing.clone());
            Written::Yes
        })
        .await
    }

    async fn save_unsubscribe(
        &self,
        learner: &LearnerId,
        secret: &SecretHash,
        until: Timestamp,
    ) -> Result<(), Unavailable> {
        let row = ((learner.clone(), secret.clone()), until);
        self.call(|rows, _| rows.unsubscribes.extend([row])).await
    }

    async fn unsubscribe_until(
        &self,
        learner: &LearnerId,
        secret: &SecretHash,
    ) -> Result<Option<Timestamp>, Unavailable> {
        let key = (learner.clone(), secret.clone());
        self.call(|rows, _| rows.unsubscribes.get(&key).copied())
            .await
    }

    async fn digest_progress(&self) -> Result<DigestProgress, Unavailable> {
        self.call(|rows, _| rows.digest.clone()).await
    }

    async fn save_digest(
        &self,
        progress: &DigestProgress,
        mails: &[QueuedMail],
        due: Timestamp,
    ) -> Result<Written, Unavailable> {
        self.call(|rows, _| {
            if rows.digest.revision + 1 != progress.revision {
                return Written::Conflict;
            }
            rows.digest = progress.clone();
            let mails = mails.iter();
            rows.outbox
                .extend(mails.map(|mail| (mail.key.clone(), (mail.clone(), due))));
            Written::Yes
        })
        .await
    }

    async fn comment_traces(&self, learner: &LearnerId) -> Result<CommentTraces, Unavailable> {
        self.call(|rows, _| {
            let theirs = rows.reports.iter().filter(|((by, _), _)| by == learner);
            CommentTraces {
                standing: rows.standings.get(learner).cloned(),
                reports: theirs
                    .map(|((_, comment), at)| Trace {
                        comment: comment.clone(),
                        at: *at,
                        decision: None,
                    })
                    .collect(),
                decisions: Vec::new(),
            }
        })
        .await
    }
}

#[async_trait]
impl ProgressBook for Store {
    async fn cover(
        &self,
        learner: &LearnerId,
        lesson: &LessonRef,
        segment: Segment,
        now: Timestamp,
    ) -> Result<Covered, Unavailable> {
        self.call(|rows, _| {
            let covered = rows.covered_of(learner, lesson, now);
            covered.segments.push(segment);
            covered.updated_at = now;
            covered.clone()
        })
        .await
    }

    async fn finish(
        &self,
        learner: &LearnerId,
        lesson: &LessonRef,
        now: Timestamp,
    ) -> Result<(), Unavailable> {
        let key = (learner.clone(), lesson.to_string());
        self.call(|rows, _| {
            if let Some(covered) = rows.covered.get_mut(&key) {
                covered.finished_at.get_or_insert(now);
            }
        })
        .await
    }

    async fn mark(
        &self,
        learner: &LearnerId,
        lesson: &LessonRef,
        mark: Mark,
        now: Timestamp,
    ) -> Result<(), Unavailable> {
        self.call(|rows, _| {
            let covered = rows.covered_of(learner, lesson, now);
            if covered.mark.is_none_or(|known| known.at < mark.at) {
                covered.mark = Some(mark);
            }
        })
        .await
    }

    async fn stop(
        &self,
        learner: &LearnerId,
        lesson: &LessonRef,
        place: &Place,
        now: Timestamp,
    ) -> Result<(), Unavailable> {
        self.call(|rows, _| {
            let covered = rows.covered_of(learner, lesson, now);
            if covered
                .place
                .as_ref()
                .is_none_or(|known| known.at < place.at)
            {
                covered.place = Some(place.clone());
            }
        })
        .await
    }

    async fn coverage_of(&self, learner: &LearnerId) -> Result<Vec<Covered>, Unavailable> {
        self.call(|rows, _| {
            let theirs = rows.covered.iter().filter(|((id, _), _)| id == learner);
            theirs.map(|(_, covered)| covered.clone()).collect()
        })
        .await
    }
}

impl Rows {
    /// The row of a lesson, made when there is none.
    fn covered_of(
        &mut self,
        learner: &LearnerId,
        lesson: &LessonRef,
        now: Timestamp,
    ) -> &mut Covered {
        let key = (learner.clone(), lesson.to_string());
        self.covered.entry(key).or_insert_with(|| Covered {
            lesson: lesson.to_string(),
            segments: Vec::new(),
            updated_at: now,
            finished_at: None,
            mark: None,
            place: None,
        })
    }
}
