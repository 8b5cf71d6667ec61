//! `/api/comments`: the thread under a lesson. Here are the routes, and where a form leads back to;
//! what a route does is in the files below.

mod change;
mod moderation;
mod notices;
mod thread;

pub use change::{ChangeForm, EditBody};
pub use moderation::{ModerationRequest, ReportRequest};
pub use notices::{RepliesRequest, RepliesView};
pub use thread::CommentRequest;

use axum::Router;
use axum::response::Response;
use http::HeaderMap;
use tuition_domain::access::Reader;
use tuition_domain::comments::{CommentId, CommentPorts, LessonRef};
use tuition_domain::limits::network;
use tuition_domain::next::NextPath;

use crate::body::Fields;
use crate::checkout::see_other;
use crate::door::current;
use crate::front::{Front, address};
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
        thread::routes()
            .merge(change::routes())
            .merge(moderation::routes())
            .merge(notices::routes())
            .with_state(app),
    )
}

/// What the routes say of themselves.
#[cfg(test)]
pub(crate) fn descriptions() -> [utoipa::openapi::OpenApi; 4] {
    use utoipa::OpenApi as _;
    [
        thread::Description::openapi(),
        change::Description::openapi(),
        moderation::Description::openapi(),
        notices::Description::openapi(),
    ]
}

impl Comments {
    async fn reader(&self, headers: &HeaderMap) -> Result<Option<Reader>, Problem> {
        let current = current(&self.front, &self.ports.reader, headers).await?;
        Ok(current.map(|(reader, _)| reader))
    }

    /// Where a lesson is read.
    fn lesson_path(&self, lesson: &LessonRef) -> String {
        let catalog = self.ports.reader.catalog.catalog();
        let path = catalog
            .lesson(lesson.as_str())
            .and_then(|(course, lesson)| {
                NextPath::parse(&format!("/courses/{}/{}/", course.slug, lesson.slug)).ok()
            });
        path.unwrap_or_default().to_location()
    }

    /// After a form about a comment: to the page that it stood on.
    async fn back(&self, page: Page, id: &CommentId) -> Result<Response, Problem> {
        if page == Page::Queue {
            return Ok(see_other(QUEUE));
        }
        let comment = self.ports.comments.comment(id).await?;
        let lesson = comment.ok_or(Problem::not_found())?.lesson;
        Ok(see_other(&self.place(page, &lesson, Some(id))))
    }

    /// A comment on a page that shows it.
    fn place(&self, page: Page, lesson: &LessonRef, id: Option<&CommentId>) -> String {
        let to = match id {
            Some(id) => format!("comment-{}", id.as_str()),
            None => "page:comments".to_owned(),
        };
        match page {
            Page::Thread => format!("{}#{to}", thread_page(lesson)),
            Page::Queue => QUEUE.to_owned(),
            Page::Lesson => format!("{}#page:comments", self.lesson_path(lesson)),
        }
    }
}

/// The queue as a page.
pub(crate) const QUEUE: &str = "/api/comments/queue";

/// A thread as a page of its own.
pub(crate) fn thread_page(lesson: &LessonRef) -> String {
    // Never fails: two texts.
    let query = serde_urlencoded::to_string([("lesson", lesson.as_str())]).unwrap_or_default();
    format!("/api/comments?{query}")
}

/// Where a form stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Page {
    /// Under a lesson.
    Lesson,
    /// On the thread's own page.
    Thread,
    /// In the queue.
    Queue,
}

impl Page {
    fn take(fields: &mut Fields) -> Result<Self, Problem> {
        let unknown = || Problem::new(Code::Page, "There is no such page to come back to");
        match fields.text("page", unknown())?.as_deref() {
            None => Ok(Self::Lesson),
            Some("thread") => Ok(Self::Thread),
            Some("queue") => Ok(Self::Queue),
            Some(_) => Err(unknown()),
        }
    }
}

/// Under which the caller's address is counted.
fn network_of(headers: &HeaderMap) -> String {
    network(address(headers))
}

fn id(text: &str) -> Result<CommentId, Problem> {
    CommentId::parse(text).ok_or(Problem::not_found())
}
