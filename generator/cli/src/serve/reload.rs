//! Live reload: a page of a watched site asks to be told when it was built anew.

use std::convert::Infallible;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::Stream;
use futures::stream;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use tokio::sync::watch;

/// The script that `serve` adds to each page; it is in no build.
pub const SCRIPT_PATH: &str = "/_dev/reload.js";
const SCRIPT: &str = include_str!("reload.js");

/// The script.
pub async fn script() -> Response {
    (
        [
            (CONTENT_TYPE, "text/javascript; charset=utf-8"),
            (CACHE_CONTROL, "no-store"),
        ],
        SCRIPT,
    )
        .into_response()
}

/// A stream with one event for each build after the request.
pub fn events(
    mut builds: watch::Receiver<u64>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    // A copy of a receiver has seen what that one had: without this, a page would hear of the build it shows, and
    // reload for ever.
    builds.mark_unchanged();
    let stream = stream::unfold(builds, |mut builds| async {
        builds.changed().await.ok()?;
        let build = *builds.borrow_and_update();
        Some((
            Ok(Event::default().event("built").data(build.to_string())),
            builds,
        ))
    });
    Sse::new(stream).keep_alive(KeepAlive::default())
}

/// The page with the script at its end.
pub fn with_script(html: &[u8]) -> Vec<u8> {
    let tag = format!("<script type=\"module\" src=\"{SCRIPT_PATH}\"></script>");
    let end = html
        .windows(7)
        .rposition(|window| window == b"</body>")
        .unwrap_or(html.len());
    let (before, after) = html.split_at(end);
    [before, tag.as_bytes(), after].concat()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http_body_util::BodyExt as _;

    use super::*;

    #[tokio::test]
    async fn a_page_hears_of_builds_after_its_request_only() {
        let (built, builds) = watch::channel(0_u64);
        built.send_modify(|count| *count += 1);
        let mut body = events(builds).into_response().into_body();
        let early = tokio::time::timeout(Duration::from_millis(100), body.frame()).await;
        assert!(early.is_err(), "{early:?}");
        built.send_modify(|count| *count += 1);
        let frame = body.frame().await.unwrap().unwrap().into_data().unwrap();
        assert_eq!(frame, "event: built\ndata: 2\n\n");
    }

    #[test]
    fn the_script_stands_before_the_end_of_the_body() {
        let page = with_script(b"<body>text</body></html>");
        assert_eq!(
            String::from_utf8(page).unwrap(),
            "<body>text<script type=\"module\" src=\"/_dev/reload.js\"></script></body></html>"
        );
    }
}
