//! `/api/metrics`: usage events in, the author's summary out.

pub(crate) mod ratings;

use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, StatusCode};
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde_json::value::RawValue;
use tuition_domain::access::Tokens;
use tuition_domain::identity::LearnerId;
use tuition_domain::metrics::report::Period;
use tuition_domain::metrics::{
    Accepted, Incoming, MAX_BATCH, MetricPorts, Sender, Summary, ingest, report_of, summary,
};
use tuition_domain::token::Role;
use utoipa::{IntoParams, ToSchema};

use crate::body;
use crate::checkout::see_other;
use crate::cookies;
use crate::front::{self, Front};
use crate::page;
use crate::problem::{Code, Problem};
use crate::report::STYLE;
use crate::routes::routes;

/// Nothing was sold before.
const FIRST_YEAR: i16 = 2020;

/// What the routes need.
#[derive(Clone)]
pub struct Metrics {
    /// The site.
    pub front: Front,
    /// The domain's ports.
    pub ports: MetricPorts,
    /// Says who calls: this function knows people by their access token alone, and reads nothing
    /// of them.
    pub tokens: Tokens,
}

/// The routes of the metrics function.
pub fn router(app: Metrics) -> Router {
    let front = app.front.clone();
    front.around(routes().merge(ratings::routes()).with_state(app))
}

routes!(Metrics; take, show, report, style);

/// Takes in usage events.
///
/// Events are sent when a page goes away, with nobody left to read an answer: whatever of a
/// batch can't be used is counted, and the rest is kept. The same event again changes nothing.
#[utoipa::path(
    post, path = "/api/metrics/events", tag = "metrics",
    security((), ("access" = [])),
    request_body = Batch,
    responses(
        (status = 202, description = "Kept, as far as it can be used", body = Accepted),
        (status = 204, description = "The browser asks not to be counted (`DNT`, `Sec-GPC`)"),
    ),
    extensions(("x-problems" = json!([Code::Batch, Code::TooMany]))),
)]
async fn take(
    State(app): State<Metrics>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    if front::is_uncounted(&headers) {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    if !body::is_json(&headers) {
        return Err(Problem::media_type());
    }
    let bytes = body::read(&headers, body, body::MAX_BODY).await?;
    let batch = events(&String::from_utf8_lossy(&bytes))?;
    let sender = Sender {
        address: front::address(&headers),
        user_agent: front::user_agent(&headers),
    };
    let learner = app.sender_of(&headers);
    let accepted = ingest(&app.ports, batch, &sender, learner).await?;
    Ok((StatusCode::ACCEPTED, Json(accepted)).into_response())
}

/// Up to 50 events. One of another shape is dropped and counted; members that are not known are
/// passed over.
// They are read one by one: a number too large for any type, or half of a surrogate pair, spoils
// its own event and no other.
#[derive(Deserialize, ToSchema)]
#[schema(as = EventBatch)]
struct Batch<'a> {
    #[serde(borrow)]
    #[schema(value_type = Vec<Incoming>, max_items = 50)]
    events: Vec<&'a RawValue>,
}

fn events(text: &str) -> Result<Vec<Option<Incoming>>, Problem> {
    let Batch { events } = serde_json::from_str(text)
        .map_err(|_| Problem::new(Code::Json, "The body is not the JSON expected here"))?;
    if events.len() > MAX_BATCH {
        return Err(Problem::new(Code::Batch, "A batch has at most 50 events"));
    }
    Ok(events
        .into_iter()
        .map(|event| serde_json::from_str(event.get()).ok())
        .collect())
}

/// What the dashboard draws, for authors.
#[utoipa::path(
    get, path = "/api/metrics/summary", tag = "metrics",
    security(("access" = [])),
    responses((status = 200, description = "The last thirty days", body = Summary)),
    extensions(("x-problems" = json!([Code::SignedOut, Code::NotFound]))),
)]
async fn show(State(app): State<Metrics>, headers: HeaderMap) -> Result<Json<Summary>, Problem> {
    app.only_author(&headers)?;
    Ok(Json(summary(&app.ports).await?))
}

/// The month of a report.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Month {
    /// As `2026-06`; by default this month.
    #[param(nullable = false, pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$")]
    month: Option<String>,
}

/// The report of a month, for authors: what learners did, think and paid.
///
/// A page that needs no script, to who prefers one; else the figures.
#[utoipa::path(
    get, path = "/api/metrics/report", tag = "metrics",
    params(Month),
    security(("access" = [])),
    responses(
        (status = 200, description = "The figures", content((Object = "application/json"), (String = "text/html"))),
        (status = 303, description = "To the renewal of the access token, and back", headers(("Location" = String))),
    ),
    extensions(("x-problems" = json!([Code::Request, Code::SignedOut, Code::NotFound]))),
)]
async fn report(
    State(app): State<Metrics>,
    Query(Month { month }): Query<Month>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let today = app.ports.clock.now().to_zoned(TimeZone::UTC).date();
    let period = match month.as_deref() {
        None => Some(Period::month_of(today)),
        Some(month) => Period::parse_month(month)
            .filter(|one| one.from.year() >= FIRST_YEAR && one.from <= today),
    };
    match app.only_author(&headers) {
        // Who was signed in a while ago may still be; to a page there is a way to find out, once.
        Err(problem)
            if problem.code == Code::SignedOut
                && front::wants_page(&headers)
                && cookies::has_hint(&headers) =>
        {
            let query = month
                .filter(|_| period.is_some())
                .map_or_else(String::new, |month| format!("%3Fmonth%3D{month}"));
            return Ok(see_other(&format!(
                "/api/access/renew?next=%2Fapi%2Fmetrics%2Freport{query}"
            )));
        }
        other => other?,
    }
    let period = period.ok_or_else(Problem::not_found)?;
    let (report, dropped) = report_of(&app.ports, period).await?;
    if !front::wants_page(&headers) {
        return Ok(Json(report).into_response());
    }
    let site = &app.ports.catalog.catalog().site;
    Ok(page::report(
        site,
        &report,
        dropped.events,
        today,
        front::locale(&headers),
    ))
}

/// How the report looks.
#[utoipa::path(
    get, path = "/api/metrics/report.css", tag = "metrics",
    responses((status = 200, description = "The style of the page", body = String, content_type = "text/css")),
)]
async fn style() -> Response {
    let kind = HeaderValue::from_static("text/css; charset=utf-8");
    ([(CONTENT_TYPE, kind)], STYLE).into_response()
}

impl Metrics {
    /// Who sends something. An event may be a day late, and so may the token that came with it.
    fn sender_of(&self, headers: &HeaderMap) -> Option<LearnerId> {
        cookies::access_token(headers)
            .and_then(|token| self.tokens.read_late(&token, self.ports.clock.now()))
            .and_then(|claims| LearnerId::parse(claims.sub()))
    }

    /// Whether an author asks. To everybody else there is nothing here.
    fn only_author(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let claims = cookies::access_token(headers)
            .and_then(|token| self.tokens.read(&token, self.ports.clock.now()))
            .ok_or(Problem::signed_out())?;
        if claims.has_role(Role::Author) {
            Ok(())
        } else {
            Err(Problem::not_found())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_that_cannot_be_read_spoils_no_other() {
        for bad in [
            r#"{"id": "abcdefgh", "from": 1e999}"#,
            r#"{"id": "\ud800"}"#,
            &format!("{}{}", "[".repeat(300), "]".repeat(300)),
            "5",
            "null",
        ] {
            let batch = format!(r#"{{"events": [{bad}, {{"id": "good-one"}}]}}"#);
            let read = events(&batch).unwrap();
            let ids: Vec<_> = read
                .iter()
                .map(|event| event.as_ref().map(|event| event.id.as_str()))
                .collect();
            assert_eq!(ids, [None, Some("good-one")], "{bad}");
        }
    }

    #[test]
    fn what_is_no_batch_is_refused() {
        for bad in ["", "x", "[]", "{}", r#"{"events": 5}"#, r#"{"events": []"#] {
            assert_eq!(events(bad).unwrap_err().code, Code::Json, "{bad}");
        }
        let batch = |n: usize| format!(r#"{{"events": [{}]}}"#, vec!["{}"; n].join(","));
        assert!(events(&batch(50)).is_ok());
        assert_eq!(events(&batch(51)).unwrap_err().code, Code::Batch);
    }
}
