//! `/api/comments`: the thread under a lesson.

use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use tuition_domain::comments::{
    CommentId, CommentPorts, CommentView, LessonRef, PageRequest, PostRequest, Thread, post, read,
    remove,
};
use tuition_domain::next::NextPath;
use utoipa::{IntoParams, ToSchema};

use crate::body::Fields;
use crate::checkout::see_other;
use crate::door::current;
use crate::front::Front;
use crate::problem::{Code, Problem};
use crate::routes::routes;

/// What the routes need.
#[derive(Clone)]
pub struct Comments {
    /// The site.
    pub front: Front,
    /// The domain's ports.
    pub ports: CommentPorts,
}

/// The routes of the comments function.
pub fn router(app: Comments) -> Router {
    let front = app.front.clone();
    front.around(routes().with_state(app))
}

routes!(Comments; show, add, take_away);

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ThreadQuery {
    /// `<course id>/<lesson id>`.
    lesson: String,
    /// `next` of the page before.
    #[param(nullable = false, pattern = "^[0-9a-f]{32}$")]
    cursor: Option<String>,
}

/// A page of the thread under a lesson, oldest first.
///
/// The thread of a paid lesson is for those for whom the lesson opens.
#[utoipa::path(
    get, path = "/api/comments", tag = "comments",
    security((), ("session" = [])),
    params(ThreadQuery),
    responses((status = 200, description = "Up to 50 comments", body = Thread)),
    extensions(("x-problems" = json!([Code::Request, Code::Cursor, Code::SignedOut, Code::NotFound]))),
)]
async fn show(
    State(app): State<Comments>,
    Query(query): Query<ThreadQuery>,
    headers: HeaderMap,
) -> Result<Json<Thread>, Problem> {
    let lesson = LessonRef::parse(&query.lesson).ok_or(Problem::not_found())?;
    let after = match query.cursor.as_deref() {
        Some(text) => Some(
            CommentId::parse(text)
                .ok_or(Problem::new(Code::Cursor, "The cursor is not one of ours"))?,
        ),
        None => None,
    };
    let reader = current(&app.front, &app.ports.reader, &headers)
        .await?
        .map(|(reader, _)| reader);
    Ok(Json(
        read(&app.ports, &lesson, PageRequest { after }, reader.as_ref()).await?,
    ))
}

/// A comment to post.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
struct CommentRequest {
    /// `<course id>/<lesson id>`.
    #[schema(value_type = String, min_length = 1)]
    lesson: LessonRef,
    /// Markdown, a part of it; at most 4,096 bytes.
    body: String,
    /// Id of the comment to answer.
    #[schema(value_type = Option<String>)]
    parent: Option<CommentId>,
    /// Asked as a question.
    #[schema(value_type = Option<bool>)]
    question: bool,
    /// In a form: path of this site to come back to; the lesson if absent.
    #[schema(value_type = Option<String>)]
    next: Option<NextPath>,
}

impl CommentRequest {
    fn read(mut fields: Fields) -> Result<Self, Problem> {
        let not = Problem::new;
        let lesson = fields.required("lesson", not(Code::Lesson, "The request names no lesson"))?;
        let body = fields.text("body", not(Code::Body, "The body is text"))?;
        let no_parent = || Problem::new(Code::Parent, "The parent is a comment's id");
        let parent = fields.text("parent", no_parent())?;
        let request = Self {
            lesson: LessonRef::parse(&lesson).ok_or(Problem::not_found())?,
            body: body.unwrap_or_default(),
            parent: parent
                .map(|text| CommentId::parse(&text).ok_or(Problem::not_found()))
                .transpose()?,
            question: fields.flag(
                "question",
                not(Code::Question, "A question is true or false"),
            )?,
            next: fields
                .text("next", Problem::next())?
                .map(|text| NextPath::parse(&text).map_err(|_| Problem::next()))
                .transpose()?,
        };
        fields.finish()?;
        Ok(request)
    }
}

/// Posts a comment.
#[utoipa::path(
    post, path = "/api/comments", tag = "comments",
    security(("session" = [])),
    request_body(content((CommentRequest = "application/json"), (CommentRequest = "application/x-www-form-urlencoded"))),
    responses(
        (status = 201, description = "Posted", body = CommentView, links(("delete" = (operation_id = "comments_take_away", parameters(("id" = "$response.body#/id")))))),
        (status = 303, description = "To a form: back to the thread", headers(("Location" = String))),
    ),
    extensions(("x-problems" = json!([
        Code::Lesson, Code::Body, Code::Question, Code::Next, Code::SignedOut, Code::NotFound, Code::Parent, Code::Empty,
        Code::Nesting, Code::Marks, Code::TooMany,
    ]))),
)]
async fn add(
    State(app): State<Comments>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let fields = Fields::read(&headers, body).await?;
    let from_form = fields.from_form;
    let CommentRequest {
        lesson,
        body,
        parent,
        question,
        next,
    } = CommentRequest::read(fields)?;

    let reader = current(&app.front, &app.ports.reader, &headers)
        .await?
        .map(|(reader, _)| reader);
    let request = PostRequest {
        lesson: lesson.clone(),
        body,
        parent,
        question,
    };
    let comment = post(&app.ports, request, reader.as_ref()).await?;
    if from_form {
        let page = next.map_or_else(|| lesson_path(&app, &lesson), |next| next.to_location());
        return Ok(see_other(&format!("{page}#page:comments")));
    }
    Ok((StatusCode::CREATED, Json(comment)).into_response())
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
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    let id = CommentId::parse(&id).ok_or(Problem::not_found())?;
    let reader = current(&app.front, &app.ports.reader, &headers)
        .await?
        .map(|(reader, _)| reader);
    remove(&app.ports, &id, reader.as_ref()).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn lesson_path(app: &Comments, lesson: &LessonRef) -> String {
    let catalog = app.ports.reader.catalog.catalog();
    let path = catalog
        .lesson(lesson.as_str())
        .and_then(|(course, lesson)| {
            NextPath::parse(&format!("/courses/{}/{}/", course.slug, lesson.slug)).ok()
        });
    path.unwrap_or_default().to_location()
}
