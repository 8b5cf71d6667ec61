//! How far a learner has come: read, and told by a browser. For whoever has a session, one that only
//! paid too: it is their own reading.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use http::HeaderMap;
use serde::Deserialize;
use serde_json::Value;
use tuition_domain::access::{Known, MOST_TOLD, Told, hear_progress, progress_of};
use tuition_domain::metrics::{Mark, Place};
use utoipa::ToSchema;

use super::Access;
use crate::body::{self, Fields};
use crate::problem::{Code, Problem};
use crate::routes::routes;

routes!(Access; know, tell);

/// What a browser knows of a learner's progress. The same again changes nothing; of two words about
/// a lesson the later one counts.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProgressTold)]
pub struct ProgressRequest {
    /// Lessons that are done, or not after all.
    #[serde(default)]
    #[schema(max_items = 100)]
    lessons: Vec<Said>,
    /// Where the learner stopped in a lesson.
    #[serde(default)]
    #[schema(max_items = 100)]
    places: Vec<Stopped>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LessonSaid)]
struct Said {
    /// `<course id>/<lesson id>`
    lesson: String,
    /// Whether it is done.
    done: bool,
    /// When the learner said so, as in RFC 3339; a time in the future is now, what is no time is passed over.
    at: String,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = LessonStopped)]
struct Stopped {
    /// `<course id>/<lesson id>`
    lesson: String,
    /// Id of the last heading that was passed; empty before the first.
    heading: String,
    /// When, as in RFC 3339; a time in the future is now, what is no time is passed over.
    at: String,
}

/// What the account knows of its learner's progress.
#[utoipa::path(
    get, path = "/api/access/me/progress", tag = "access",
    security(("session" = [])),
    responses((status = 200, description = "What was read last comes first", body = Known)),
    extensions(("x-problems" = json!([Code::SignedOut]))),
)]
async fn know(State(app): State<Access>, headers: HeaderMap) -> Result<Json<Known>, Problem> {
    let reader = app.reader(&headers).await?;
    Ok(Json(Known {
        progress: progress_of(&app.ports, reader.id()).await?,
        ignored: 0,
    }))
}

/// Tells the account what a browser knows.
///
/// What is about no lesson of the site is counted and passed over: lessons go, and browsers keep
/// what they know of them.
#[utoipa::path(
    patch, path = "/api/access/me/progress", tag = "access",
    security(("session" = [])),
    request_body = ProgressRequest,
    responses((status = 200, description = "What the account knows now", body = Known)),
    extensions(("x-problems" = json!([Code::Batch, Code::SignedOut]))),
)]
async fn tell(
    State(app): State<Access>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Known>, Problem> {
    let reader = app.reader(&headers).await?;
    if !body::is_json(&headers) {
        return Err(Problem::media_type());
    }
    let fields = Fields::read(&headers, body).await?;
    let (told, unread) = told(fields.into_value())?;
    let known = hear_progress(&app.ports, reader.id(), told).await?;
    Ok(Json(Known {
        ignored: known.ignored + unread,
        ..known
    }))
}

/// What can be read of a body, and how many times in it can't.
fn told(body: Value) -> Result<(Told, usize), Problem> {
    let mut names = body.as_object().into_iter().flat_map(|body| body.keys());
    if names.any(|name| name != "lessons" && name != "places") {
        return Err(Problem::new(
            Code::UnknownField,
            "Progress has lessons and places",
        ));
    }
    let ProgressRequest { lessons, places } = serde_json::from_value(body)
        .map_err(|_| Problem::new(Code::Json, "The body is not the JSON expected here"))?;
    if lessons.len() > MOST_TOLD || places.len() > MOST_TOLD {
        return Err(Problem::new(
            Code::Batch,
            "At most 100 lessons and 100 places at once",
        ));
    }
    let all = lessons.len() + places.len();
    let told = Told {
        marks: lessons.into_iter().filter_map(Said::read).collect(),
        places: places.into_iter().filter_map(Stopped::read).collect(),
    };
    let unread = all - told.marks.len() - told.places.len();
    Ok((told, unread))
}

impl Said {
    fn read(self) -> Option<(String, Mark)> {
        let at = self.at.parse().ok()?;
        let done = self.done;
        Some((self.lesson, Mark { done, at }))
    }
}

impl Stopped {
    fn read(self) -> Option<(String, Place)> {
        let at = self.at.parse().ok()?;
        let heading = self.heading;
        Some((self.lesson, Place { heading, at }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_told_has_a_shape_and_a_size() {
        let code = |text: &str| {
            let body = serde_json::from_str(text).unwrap();
            told(body).err().map(|problem| problem.code)
        };
        let one = r#"{"lesson": "a/b", "done": true, "at": "2026-01-01T00:00:00Z"}"#;
        let many = |n: usize| format!("{{\"lessons\": [{}]}}", vec![one; n].join(","));
        assert_eq!(code("{}"), None);
        assert_eq!(code(&many(100)), None);
        assert_eq!(code(&many(101)), Some(Code::Batch));
        assert_eq!(code(r#"{"done": []}"#), Some(Code::UnknownField));
        for bad in [
            r#"{"lessons": 1}"#,
            r#"{"lessons": [{"lesson": "a/b", "done": true}]}"#,
            r#"{"places": [{"lesson": "a/b", "heading": null, "at": "2026-01-01T00:00:00Z"}]}"#,
        ] {
            assert_eq!(code(bad), Some(Code::Json), "{bad}");
        }
    }

    #[test]
    fn a_time_that_is_none_spoils_its_own_word_alone() {
        let body = json!({
            "lessons": [
                { "lesson": "a/b", "done": true, "at": "soon" },
                { "lesson": "a/c", "done": false, "at": "2026-01-01T00:00:00+01:00" },
            ],
            "places": [{ "lesson": "a/b", "heading": "", "at": "" }],
        });
        let (told, unread) = told(body).unwrap();
        assert_eq!(unread, 2);
        assert!(told.places.is_empty());
        let [(lesson, mark)] = told.marks.as_slice() else {
            panic!("{told:?}");
        };
        assert_eq!((lesson.as_str(), mark.done), ("a/c", false));
        assert_eq!(mark.at.to_string(), "2025-12-31T23:00:00Z");
    }
}
