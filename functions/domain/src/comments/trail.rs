//! What was decided about a comment, for those who decide.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::moderate::author;
use super::{CommentId, CommentPorts, Decision, DecisionError, LessonRef, State};
use crate::access::Reader;

/// What was decided about a comment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CommentTrail)]
pub struct Trail {
    /// `<course id>/<lesson id>` of the lesson that the comment stands under.
    #[schema(value_type = String)]
    pub lesson: LessonRef,
    /// Every decision, the oldest first.
    pub steps: Vec<Step>,
}

/// One decision.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CommentTrailStep)]
pub struct Step {
    /// What.
    pub decision: Decision,
    /// Who could see the comment before.
    pub from: State,
    /// Who can see it since, unless it is deleted.
    pub to: State,
    /// When.
    pub at: Timestamp,
    /// The revision that came of it.
    pub revision: u64,
    /// Whether the reader decided it; else it was another author.
    pub mine: bool,
}

/// The trail of a comment, for an author. It stays when the comment's text is gone.
pub async fn trail(
    ports: &CommentPorts,
    id: &CommentId,
    reader: Option<&Reader>,
) -> Result<Trail, DecisionError> {
    let reader = author(reader)?.ok_or(DecisionError::NotFound)?;
    let comments = ports.comments.as_ref();
    let found = comments.comment(id).await?;
    let lesson = found.ok_or(DecisionError::NotFound)?.lesson;
    let own = comments.comment_traces(reader.id()).await?.decisions;
    let steps = comments.trail(id).await?.into_iter().map(|step| Step {
        mine: own.iter().any(|one| {
            one.comment == *id && one.at == step.at && one.decision == Some(step.decision)
        }),
        decision: step.decision,
        from: step.from,
        to: step.to,
        at: step.at,
        revision: step.revision,
    });
    Ok(Trail {
        lesson,
        steps: steps.collect(),
    })
}
