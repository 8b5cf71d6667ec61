//! Changing and deleting one's own comments, by script or by form.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use tuition_domain::comments::{CommentView, EditRequest, edit, remove};
use utoipa::ToSchema;

use super::{Comments, Page, id, network_of};
use crate::body::Fields;
use crate::problem::{Code, Problem};
use crate::routes::routes;

routes!(Comments; change, change_by_form, take_away);

/// What to change; what is absent stays.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "says what `read` takes, for the description")]
pub struct EditBody {
    /// Markdown, a part of it; at most 4,096 bytes.
    body: Option<String>,
    /// Whether it is a question.
    question: Option<bool>,
    /// Whether it tells of a mistake in the lesson.
    mistake: Option<bool>,
    /// Whether the question is answered; may be said at any time.
    answered: Option<bool>,
}

fn edit_request(fields: &mut Fields, headers: &HeaderMap) -> Result<EditRequest, Problem> {
    let not = Problem::new;
    Ok(EditRequest {
        body: fields.text("body", not(Code::Body, "The body is text"))?,
        question: fields.choice(
            "question",
            not(Code::Question, "A question is true or false"),
        )?,
        mistake: fields.choice("mistake", not(Code::Mistake, "A mistake is true or false"))?,
        answered: fields.choice(
            "answered",
            not(Code::Answered, "A question is answered or not"),
        )?,
        network: network_of(headers),
    })
}

/// Changes a comment of one's own, within the time that the site gives for it.
#[utoipa::path(
    patch, path = "/api/comments/{id}", tag = "comments",
    security(("session" = [])),
    params(("id" = String, Path, pattern = "^[0-9a-f]{32}$")),
    request_body(content((EditBody = "application/json"))),
    responses((status = 200, description = "As it is now", body = CommentView)),
    extensions(("x-problems" = json!([
        Code::Question, Code::Mistake, Code::Answered, Code::SignedOut, Code::NotFound, Code::Late, Code::Banned, Code::Empty,
        Code::Nesting, Code::Marks, Code::TooMany,
    ]))),
)]
async fn change(
    State(app): State<Comments>,
    Path(text): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<CommentView>, Problem> {
    let id = id(&text)?;
    let mut fields = Fields::read(&headers, body).await?;
    if fields.from_form {
        return Err(Problem::media_type());
    }
    let request = edit_request(&mut fields, &headers)?;
    fields.finish()?;
    let reader = app.reader(&headers).await?;
    Ok(Json(edit(&app.ports, &id, request, reader.as_ref()).await?))
}

/// A change by a form.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "says what is taken, for the description")]
pub struct ChangeForm {
    /// What becomes of it.
    #[schema(pattern = "^(edit|delete|answered|open)$")]
    action: String,
    /// The new text.
    body: Option<String>,
    /// Where it leads back to, if not to the lesson.
    #[schema(pattern = "^(thread|queue)$")]
    page: Option<String>,
}

/// The same for a form, which knows no other method.
#[utoipa::path(
    post, path = "/api/comments/{id}", tag = "comments",
    security(("session" = [])),
    params(("id" = String, Path, pattern = "^[0-9a-f]{32}$")),
    request_body(content((ChangeForm = "application/x-www-form-urlencoded"))),
    responses((status = 303, description = "Back to the thread", headers(("Location" = String)))),
    extensions(("x-problems" = json!([
        Code::Action, Code::Page, Code::SignedOut, Code::NotFound, Code::Late, Code::Banned, Code::Empty, Code::Nesting,
        Code::Marks, Code::TooMany,
    ]))),
)]
async fn change_by_form(
    State(app): State<Comments>,
    Path(text): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let id = id(&text)?;
    let mut fields = Fields::read(&headers, body).await?;
    if !fields.from_form {
        return Err(Problem::media_type());
    }
    let unknown = Problem::new(Code::Action, "There is no such action");
    let action = fields.required("action", unknown.clone())?;
    let body = fields.text("body", Problem::new(Code::Body, "The body is text"))?;
    let page = Page::take(&mut fields)?;
    fields.finish()?;
    let reader = app.reader(&headers).await?;
    let mut request = EditRequest {
        network: network_of(&headers),
        ..EditRequest::default()
    };
    match action.as_str() {
        "delete" => {
            remove(&app.ports, &id, reader.as_ref()).await?;
            return app.back(page, &id).await;
        }
        "edit" => request.body = Some(body.unwrap_or_default()),
        "answered" => request.answered = Some(true),
        "open" => request.answered = Some(false),
        _ => return Err(unknown),
    }
    edit(&app.ports, &id, request, reader.as_ref()).await?;
    app.back(page, &id).await
}

/// Deletes a comment of one's own; an author deletes any. What answers it stays.
#[utoipa::path(
    delete, path = "/api/comments/{id}", tag = "comments",
    security(("session" = [])),
    params(("id" = String, Path, pattern = "^[0-9a-f]{32}$")),
    responses((status = 204, description = "Its text is gone")),
    extensions(("x-problems" = json!([Code::SignedOut, Code::NotFound]))),
)]
async fn take_away(
    State(app): State<Comments>,
    Path(text): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = id(&text)?;
    let reader = app.reader(&headers).await?;
    remove(&app.ports, &id, reader.as_ref()).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
