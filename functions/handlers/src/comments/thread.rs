//! A thread: read as JSON or as a page, and written to.

use axum::Json;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use tuition_domain::comments::{
    CommentId, CommentView, Cursor, LessonRef, Order, PageRequest, PostRequest, Thread, post, read,
};
use tuition_domain::next::NextPath;
use utoipa::{IntoParams, ToSchema};

use super::{Comments, Page, network_of};
use crate::body::Fields;
use crate::checkout::see_other;
use crate::front::{locale, wants_page};
use crate::page;
use crate::problem::{Code, Problem};
use crate::routes::routes;

routes!(Comments; show, add);

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ThreadQuery {
    /// `<course id>/<lesson id>`.
    lesson: String,
    /// Which conversations come first: `oldest` (if absent), `newest`, `questions`.
    #[param(nullable = false, pattern = "^(oldest|newest|questions)$")]
    order: Option<String>,
    /// `next` of the page before, which was in the same order.
    #[param(nullable = false, pattern = "^[0-3]\\.[0-9a-f]{32}\\.[0-9a-f]{32}$")]
    cursor: Option<String>,
}

/// A page of the thread under a lesson.
///
/// Each comment stands before its answers. What is pinned comes first. The thread of a paid lesson
/// is for those for whom the lesson opens. Who prefers `text/html` gets a page that needs no script.
#[utoipa::path(
    get, path = "/api/comments", tag = "comments",
    security((), ("session" = [])),
    params(ThreadQuery),
    responses((status = 200, description = "Up to 50 comments", content((Thread = "application/json"), (String = "text/html")))),
    extensions(("x-problems" = json!([Code::Request, Code::Order, Code::Cursor, Code::SignedOut, Code::NotFound]))),
)]
async fn show(
    State(app): State<Comments>,
    Query(query): Query<ThreadQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let lesson = LessonRef::parse(&query.lesson).ok_or(Problem::not_found())?;
    let order = match query.order.as_deref() {
        Some(name) => Order::named(name).ok_or(Problem::new(
            Code::Order,
            "Threads are read oldest, newest or questions first",
        ))?,
        None => Order::default(),
    };
    let after = match query.cursor.as_deref() {
        Some(text) => Some(
            Cursor::parse(text, order)
                .ok_or(Problem::new(Code::Cursor, "The cursor is not one of ours"))?,
        ),
        None => None,
    };
    let reader = app.reader(&headers).await?;
    let wanted = PageRequest { order, after };
    let thread = read(&app.ports, &lesson, wanted, reader.as_ref()).await?;
    if !wants_page(&headers) {
        return Ok(Json(thread).into_response());
    }
    let catalog = app.ports.reader.catalog.catalog();
    let title = catalog.lesson(lesson.as_str());
    let shown = page::ThreadPage {
        thread: &thread,
        lesson: &lesson,
        title: title.map(|(_, lesson)| lesson.title.as_str()),
        path: &app.lesson_path(&lesson),
        order,
        signed_in: reader.is_some(),
        now: app.ports.reader.clock.now(),
    };
    Ok(page::thread(&catalog.site, &shown, locale(&headers)))
}

/// A comment to post.
#[derive(ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommentRequest {
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
    /// Tells of a mistake in the lesson.
    #[schema(value_type = Option<bool>)]
    mistake: bool,
    /// In a form: path of this site to come back to; the lesson if absent.
    #[schema(value_type = Option<String>)]
    next: Option<NextPath>,
    /// In a form: where it leads back to, if not to the lesson.
    #[schema(value_type = Option<String>, pattern = "^(thread|queue)$")]
    page: Page,
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
            mistake: fields.flag("mistake", not(Code::Mistake, "A mistake is true or false"))?,
            next: fields
                .text("next", Problem::next())?
                .map(|text| NextPath::parse(&text).map_err(|_| Problem::next()))
                .transpose()?,
            page: Page::take(&mut fields)?,
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
        (status = 201, description = "Posted; `state` says who sees it", body = CommentView, links(
            ("change" = (operation_id = "comments_change", parameters(("id" = "$response.body#/id")))),
            ("form" = (operation_id = "comments_change_by_form", parameters(("id" = "$response.body#/id")))),
            ("report" = (operation_id = "comments_tell", parameters(("id" = "$response.body#/id")))),
            ("decide" = (operation_id = "comments_moderate", parameters(("id" = "$response.body#/id")))),
            ("delete" = (operation_id = "comments_take_away", parameters(("id" = "$response.body#/id")))),
        )),
        (status = 303, description = "To a form: back to the thread", headers(("Location" = String))),
    ),
    extensions(("x-problems" = json!([
        Code::Lesson, Code::Body, Code::Question, Code::Mistake, Code::Next, Code::Page, Code::SignedOut, Code::NotFound,
        Code::Closed, Code::Full, Code::Banned, Code::Parent, Code::Empty, Code::Nesting, Code::Marks, Code::TooMany,
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
        mistake,
        next,
        page,
    } = CommentRequest::read(fields)?;

    let reader = app.reader(&headers).await?;
    let request = PostRequest {
        lesson: lesson.clone(),
        body,
        parent,
        question,
        mistake,
        network: network_of(&headers),
    };
    let comment = post(&app.ports, request, reader.as_ref()).await?;
    if from_form {
        return Ok(see_other(&match next {
            Some(next) => format!("{}#page:comments", next.to_location()),
            None => app.place(page, &lesson, Some(&comment.id)),
        }));
    }
    Ok((StatusCode::CREATED, Json(comment)).into_response())
}
