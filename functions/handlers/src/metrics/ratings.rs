//! What a learner says of a course: a plain form on its page, so it needs no script.

use axum::body::Body;
use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use serde::Deserialize;
use tuition_domain::metrics::{Incoming, Sender, ingest};
use tuition_domain::next::NextPath;
use utoipa::ToSchema;

use super::Metrics;
use crate::body::Fields;
use crate::front;
use crate::page;
use crate::problem::{Code, Problem};
use crate::routes::routes;

routes!(Metrics; rate);

/// How satisfied a learner is with a course, and how likely they recommend it. One of the two will do.
#[derive(Deserialize, ToSchema)]
#[schema(as = Rating)]
#[expect(dead_code, reason = "says what a form has; it is read field by field")]
struct RatingForm {
    /// Course id.
    course: String,
    /// 1–5.
    #[schema(minimum = 1, maximum = 5)]
    csat: Option<u8>,
    /// 0–10.
    #[schema(maximum = 10)]
    nps: Option<u8>,
    /// Path of this site to come back to.
    #[schema(value_type = Option<String>)]
    next: Option<NextPath>,
}

/// Takes in what a learner says of a course. The same again on a day counts once. Nothing is kept if the browser asks not
/// to be counted; the answer says so.
#[utoipa::path(
    post, path = "/api/metrics/ratings", tag = "metrics",
    security(("access" = [])),
    request_body(content((RatingForm = "application/x-www-form-urlencoded"))),
    responses((status = 200, description = "Thanks, or that nothing was kept", body = String, content_type = "text/html")),
    extensions(("x-problems" = json!([Code::Request, Code::UnknownField, Code::SignedOut, Code::NotFound, Code::TooMany]))),
)]
async fn rate(
    State(app): State<Metrics>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let mut fields = Fields::read(&headers, body).await?;
    if !fields.from_form {
        return Err(Problem::media_type());
    }
    let odd = || {
        Problem::new(
            Code::Request,
            "A rating has a course and a score of 1 to 5, or of 0 to 10",
        )
    };
    let course = fields.required("course", odd())?;
    let csat = score(&mut fields, "csat", 1..=5, &odd)?;
    let nps = score(&mut fields, "nps", 0..=10, &odd)?;
    let next = fields.text("next", odd())?;
    let next = next.map_or_else(NextPath::home, |path| {
        NextPath::parse(&path).unwrap_or_else(|_| NextPath::home())
    });
    fields.finish()?;
    let learner = app.sender_of(&headers).ok_or(Problem::signed_out())?;
    let catalog = app.ports.catalog.catalog();
    if catalog.course_by_id(&course).is_none() {
        return Err(Problem::not_found());
    }
    if csat.is_none() && nps.is_none() {
        return Err(odd());
    }
    let is_counted = !front::is_uncounted(&headers);
    if is_counted {
        let at = app.ports.clock.now().to_string();
        let scores = [("csat", csat), ("nps", nps)].into_iter();
        let batch = scores.filter_map(|(kind, score)| {
            score.map(|score| {
                Some(Incoming {
                    // The domain gives it one that says what it is about.
                    id: "by-a-form".to_owned(),
                    kind: kind.to_owned(),
                    at: at.clone(),
                    course: course.clone(),
                    score,
                    ..Incoming::default()
                })
            })
        });
        let sender = Sender {
            address: front::address(&headers),
            user_agent: front::user_agent(&headers),
        };
        ingest(&app.ports, batch.collect(), &sender, Some(learner)).await?;
    }
    let locale = front::locale(&headers);
    Ok(page::rated(&catalog.site, is_counted, &next, locale))
}

fn score(
    fields: &mut Fields,
    name: &str,
    range: std::ops::RangeInclusive<i64>,
    odd: &dyn Fn() -> Problem,
) -> Result<Option<f64>, Problem> {
    match fields.integer(name, odd())? {
        None => Ok(None),
        Some(score) if range.contains(&score) => Ok(u8::try_from(score).ok().map(f64::from)),
        Some(_) => Err(odd()),
    }
}
