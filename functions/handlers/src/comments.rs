//! `/api/comments`: the thread under a lesson.

use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use tuition_domain::comments::{
    CommentId, CommentPorts, LessonRef, PageRequest, PostRequest, Thread, post, read, remove,
};
use tuition_domain::next::NextPath;

use crate::access::current;
use crate::body::Fields;
use crate::checkout::see_other;
use crate::front::Front;
use crate::problem::{Code, Problem};

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
    front.around(
        Router::new()
            .route("/api/comments", get(show).post(add))
            .route("/api/comments/{id}", delete(take_away))
            .with_state(app),
    )
}

#[derive(Deserialize)]
struct ThreadQuery {
    lesson: String,
    cursor: Option<String>,
}

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

async fn add(
    State(app): State<Comments>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    app.front.check_origin(&headers)?;
    let mut fields = Fields::read(&headers, body).await?;
    let from_form = fields.from_form;
    let lesson = fields.required(
        "lesson",
        Problem::new(Code::Lesson, "The request names no lesson"),
    )?;
    let lesson = LessonRef::parse(&lesson).ok_or(Problem::not_found())?;
    let body = fields
        .text("body", Problem::new(Code::Body, "The body is text"))?
        .unwrap_or_default();
    let parent = match fields.text(
        "parent",
        Problem::new(Code::Parent, "The parent is a comment's id"),
    )? {
        Some(text) => Some(CommentId::parse(&text).ok_or(Problem::not_found())?),
        None => None,
    };
    let question = fields.flag(
        "question",
        Problem::new(Code::Question, "A question is true or false"),
    )?;
    let next = fields.text("next", Problem::next())?;
    fields.finish()?;
    let next = next
        .map(|text| NextPath::parse(&text))
        .transpose()
        .map_err(|_| Problem::next())?;

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

async fn take_away(
    State(app): State<Comments>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Problem> {
    app.front.check_origin(&headers)?;
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
