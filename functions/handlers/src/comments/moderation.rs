//! What should not stand there: reports of learners, the queue of an author, and decisions.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use tuition_domain::comments::{
    CommentView, Decision, DecisionRequest, Queue, Trail, decide, queue, report, trail,
};
use utoipa::ToSchema;

use super::{Comments, Page, id, network_of};
use crate::body::Fields;
use crate::front::{locale, wants_page};
use crate::page;
use crate::problem::{Code, Problem};
use crate::routes::routes;

routes!(Comments; tell, waiting, moderate, history);

/// A report has nothing to say but that.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "says what is taken, for the description")]
pub struct ReportRequest {
    /// In a form: where it leads back to, if not to the lesson.
    #[schema(pattern = "^(thread|queue)$")]
    page: Option<String>,
}

/// Says that a comment should not stand there.
///
/// A learner counts once for each comment. Enough of them hold it until an author looks.
#[utoipa::path(
    post, path = "/api/comments/{id}/report", tag = "comments",
    security(("session" = [])),
    params(("id" = String, Path, pattern = "^[0-9a-f]{32}$")),
    request_body(content((ReportRequest = "application/json"), (ReportRequest = "application/x-www-form-urlencoded"))),
    responses(
        (status = 204, description = "Heard"),
        (status = 303, description = "To a form: back to the thread", headers(("Location" = String))),
    ),
    extensions(("x-problems" = json!([Code::Page, Code::SignedOut, Code::NotFound, Code::TooMany]))),
)]
async fn tell(
    State(app): State<Comments>,
    Path(text): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let id = id(&text)?;
    let mut fields = Fields::read(&headers, body).await?;
    let from_form = fields.from_form;
    let page = Page::take(&mut fields)?;
    fields.finish()?;
    let reader = app.reader(&headers).await?;
    report(&app.ports, &id, &network_of(&headers), reader.as_ref()).await?;
    if from_form {
        return app.back(page, &id).await;
    }
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The comments of all lessons that wait for an author's look.
///
/// Those that nobody sees until then come first. Who prefers `text/html` gets a page that needs no
/// script. For everybody but an author there is nothing here.
#[utoipa::path(
    get, path = "/api/comments/queue", tag = "comments",
    security(("session" = [])),
    responses((status = 200, description = "Up to 50 comments", content((Queue = "application/json"), (String = "text/html")))),
    extensions(("x-problems" = json!([Code::SignedOut, Code::NotFound]))),
)]
async fn waiting(State(app): State<Comments>, headers: HeaderMap) -> Result<Response, Problem> {
    let reader = app.reader(&headers).await?;
    let queue = queue(&app.ports, reader.as_ref()).await?;
    if !wants_page(&headers) {
        return Ok(Json(queue).into_response());
    }
    let catalog = app.ports.reader.catalog.catalog();
    let now = app.ports.reader.clock.now();
    Ok(page::queue(&catalog.site, &queue, now, locale(&headers)))
}

/// A decision of an author.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ModerationRequest {
    /// What becomes of the comment.
    decision: Decision,
    /// Its `revision`, as the author saw it: `approve` needs it, and the comment must not have changed since.
    #[schema(value_type = Option<u64>, minimum = 0)]
    revision: Option<u64>,
    /// With `fixed`: the commit that answers it, 7 to 64 hex digits.
    #[schema(pattern = "^[0-9a-fA-F]{7,64}$")]
    commit: Option<String>,
    /// In a form: where it leads back to, if not to the lesson.
    #[schema(value_type = Option<String>, pattern = "^(thread|queue)$")]
    page: Page,
}

impl ModerationRequest {
    fn read(mut fields: Fields) -> Result<Self, Problem> {
        let unknown = || Problem::new(Code::Decision, "This can't be decided about it");
        let decision = fields.required("decision", unknown())?;
        let revision = || Problem::new(Code::Revision, "A revision is a whole number");
        let request = Self {
            decision: Decision::named(&decision).ok_or_else(unknown)?,
            revision: fields
                .integer("revision", revision())?
                .map(|number| u64::try_from(number).map_err(|_| revision()))
                .transpose()?,
            commit: fields.text("commit", Problem::new(Code::Commit, "This is no commit"))?,
            page: Page::take(&mut fields)?,
        };
        fields.finish()?;
        Ok(request)
    }
}

/// Decides about a comment.
///
/// Of two decisions at once the stricter one is left.
#[utoipa::path(
    post, path = "/api/comments/{id}/moderation", tag = "comments",
    security(("session" = [])),
    params(("id" = String, Path, pattern = "^[0-9a-f]{32}$")),
    request_body(content((ModerationRequest = "application/json"), (ModerationRequest = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, description = "As it is now", body = CommentView),
        (status = 303, description = "To a form: back to its page", headers(("Location" = String))),
    ),
    extensions(("x-problems" = json!([
        Code::Revision, Code::Page, Code::SignedOut, Code::NotFound, Code::Changed, Code::Unseen, Code::Decision, Code::Commit,
    ]))),
)]
async fn moderate(
    State(app): State<Comments>,
    Path(text): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let id = id(&text)?;
    let fields = Fields::read(&headers, body).await?;
    let from_form = fields.from_form;
    let asked = ModerationRequest::read(fields)?;
    let reader = app.reader(&headers).await?;
    let request = DecisionRequest {
        decision: asked.decision,
        revision: asked.revision,
        commit: asked.commit,
    };
    let comment = decide(&app.ports, &id, &request, reader.as_ref()).await?;
    if from_form {
        return app.back(asked.page, &id).await;
    }
    Ok(Json(comment).into_response())
}

/// What was decided about a comment, when, and whether by the reader.
///
/// Who prefers `text/html` gets a page that needs no script. For everybody but an author there is nothing here.
#[utoipa::path(
    get, path = "/api/comments/{id}/moderation", tag = "comments",
    security(("session" = [])),
    params(("id" = String, Path, pattern = "^[0-9a-f]{32}$")),
    responses((status = 200, description = "Every decision, the oldest first", content((Trail = "application/json"), (String = "text/html")))),
    extensions(("x-problems" = json!([Code::SignedOut, Code::NotFound]))),
)]
async fn history(
    State(app): State<Comments>,
    Path(text): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = id(&text)?;
    let reader = app.reader(&headers).await?;
    let trail = trail(&app.ports, &id, reader.as_ref()).await?;
    if !wants_page(&headers) {
        return Ok(Json(trail).into_response());
    }
    let site = &app.ports.reader.catalog.catalog().site;
    Ok(page::trail(site, &id, &trail, locale(&headers)))
}
