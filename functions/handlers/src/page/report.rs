//! The author's report behind sign-in: the page that `tuition report` writes, with ways to other months.

use axum::response::{Html, IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderValue};
use jiff::ToSpan as _;
use jiff::civil::Date;
use tuition_catalog::SiteInfo;
use tuition_domain::mail::Locale;
use tuition_domain::metrics::report::Report;

use super::POLICY;
use crate::report::{Frame, page};

/// Where its style is: a page may use no other than of a file of this site.
const STYLESHEET: &str = "/api/metrics/report.css";

/// The page. `today` decides whether there is a next month.
pub fn report(
    site: &SiteInfo,
    report: &Report,
    dropped: u64,
    today: Date,
    locale: Locale,
) -> Response {
    let (back, before, after) = match locale {
        Locale::En => ("Overview", "Month before", "Month after"),
        Locale::Zh => ("概览", "上个月", "下个月"),
    };
    let month = |date: Date| {
        format!(
            "/api/metrics/report?month={:04}-{:02}",
            date.year(),
            date.month()
        )
    };
    let mut links = vec![("/author/".to_owned(), back.to_owned())];
    links.push((
        month(report.period.from.saturating_sub(1.month())),
        before.to_owned(),
    ));
    let next = report.period.from.saturating_add(1.month());
    if next <= today {
        links.push((month(next), after.to_owned()));
    }
    let frame = Frame {
        site: site.title.clone(),
        links,
        stylesheet: Some(STYLESHEET),
        without_posts: true,
        dropped: Some(dropped),
    };
    let mut response = Html(page(report, &frame, locale)).into_response();
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}
