//! Comments and what was read, in memory.

use async_trait::async_trait;
use jiff::Timestamp;
use tuition_domain::comments::{Comment, CommentId, LessonRef};
use tuition_domain::identity::LearnerId;
use tuition_domain::metrics::{Covered, Mark, Place, Segment};
use tuition_domain::ports::{Comments, ProgressBook, Unavailable};

use super::{Rows, Store};

#[async_trait]
impl Comments for Store {
    async fn add_comment(&self, comment: &Comment) -> Result<(), Unavailable> {
        self.save_comment(comment).await
    }

    async fn comment(&self, id: &CommentId) -> Result<Option<Comment>, Unavailable> {
        self.call(|rows, _| rows.comments.get(id).cloned()).await
    }

    async fn thread(
        &self,
        lesson: &LessonRef,
        after: Option<&CommentId>,
        limit: usize,
    ) -> Result<Vec<Comment>, Unavailable> {
        self.call(|rows, _| {
            let of_lesson = rows.comments.values().filter(|c| c.lesson == *lesson);
            let later = of_lesson.filter(|c| after.is_none_or(|after| c.id > *after));
            later.take(limit).cloned().collect()
        })
        .await
    }

    async fn comment_count(&self, lesson: &LessonRef) -> Result<u64, Unavailable> {
        self.call(|rows, _| {
            let shown = |c: &&Comment| c.lesson == *lesson && !c.deleted;
            u64::try_from(rows.comments.values().filter(shown).count()).unwrap()
        })
        .await
    }

    async fn save_comment(&self, comment: &Comment) -> Result<(), Unavailable> {
        let row = (comment.id.clone(), comment.clone());
        self.call(|rows, _| rows.comments.extend([row])).await
    }

    async fn comments_by(&self, author: &LearnerId) -> Result<Vec<Comment>, Unavailable> {
        self.call(|rows, _| {
            let theirs = rows.comments.values().filter(|c| c.author == *author);
            theirs.cloned().collect()
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
