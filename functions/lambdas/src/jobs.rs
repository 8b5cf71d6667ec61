//! What wakes the checkout function besides requests: the schedule (`{"job": "outbox"}`) and mail
//! that came back (Amazon SES, by SNS).
//!
//! Whether something is a request is not for its sender to say: what API Gateway hands over is one,
//! whatever is in it, and only what has no such context (`PassThrough`) can ask for a job.

use axum::body::Body;
use axum::response::Response;
use lambda_http::request::RequestContext;
use lambda_http::{Error, Request, RequestExt as _, service_fn};
use serde::Deserialize;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use tuition_adapters::feedback;
use tuition_domain::checkout::{CheckoutPorts, Job, run_job};

/// Serves `router`, and does `ports`' jobs when it is told to.
pub async fn run_with_jobs(router: axum::Router, ports: CheckoutPorts) -> Result<(), Error> {
    lambda_http::run(service_fn(move |request: Request| {
        let (router, ports) = (router.clone(), ports.clone());
        async move {
            if !is_job(&request) {
                return Ok(router.oneshot(request).await?);
            }
            let done = run_job(&ports, job(request.body())?).await?;
            Ok::<Response, Error>(Response::new(Body::from(done.to_string())))
        }
    }))
    .await
}

/// Whether Lambda was woken by something else than a request.
fn is_job(request: &Request) -> bool {
    matches!(
        request.request_context_ref(),
        Some(RequestContext::PassThrough)
    )
}

/// The job that an event asks for. It holds nothing else: what looks like a request that could not
/// be read is no job.
fn job(event: &[u8]) -> Result<Job, Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Event {
        Schedule(Schedule),
        Notification(Notification),
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Schedule {
        job: String,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Notification {
        #[serde(rename = "Records")]
        records: Value,
    }
    match serde_json::from_slice(event) {
        Ok(Event::Schedule(Schedule { job })) => match Job::named(&job) {
            Some(job) => Ok(job),
            None => Err(format!("there is no job {job:?}").into()),
        },
        Ok(Event::Notification(Notification { records })) => {
            Ok(Job::Feedback(feedback(&json!({ "Records": records }))?))
        }
        Err(_) => Err("neither a request nor a job".into()),
    }
}

#[cfg(test)]
mod tests {
    use lambda_http::request::LambdaRequest;

    use super::*;

    fn read(event: &Value) -> Request {
        Request::from(serde_json::from_value::<LambdaRequest>(event.clone()).unwrap())
    }

    /// As API Gateway sends it (payload format version 2.0).
    fn sent(method: &str, path: &str, body: &str) -> Value {
        json!({
            "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "job=outbox",
            "headers": {"host": "abcdef.execute-api.eu-central-1.amazonaws.com", "content-type": "application/json", "job": "outbox"},
            "requestContext": {
                "accountId": "123456789012", "apiId": "abcdef", "requestId": "id", "routeKey": "$default", "stage": "$default",
                "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.9", "userAgent": "job"},
                "time": "22/Nov/2026:12:00:00 +0000", "timeEpoch": 1_795_000_000_000_i64
            },
            "body": body, "isBase64Encoded": false
        })
    }

    #[test]
    fn a_schedule_and_a_bounce_are_jobs() {
        for (event, expected) in [
            (json!({"job": "outbox"}), Job::Outbox),
            (json!({"Records": []}), Job::Feedback(Vec::new())),
        ] {
            let request = read(&event);
            assert!(is_job(&request), "{event}");
            assert_eq!(job(request.body()).unwrap(), expected);
        }
        for event in [json!({"job": "dance"}), json!([]), json!({}), json!(null)] {
            let request = read(&event);
            assert!(is_job(&request) && job(request.body()).is_err(), "{event}");
        }
    }

    #[test]
    fn nothing_that_a_caller_sends_is_a_job() {
        let notification = r#"{"Records": [{"Sns": {"Message": "{}"}}]}"#;
        for method in ["GET", "POST", "OPTIONS"] {
            for path in [
                "/events",
                "/",
                "/api/checkout/webhook",
                "/api/checkout/events",
            ] {
                for body in [r#"{"job": "outbox"}"#, notification, "", "\u{0}"] {
                    assert!(!is_job(&read(&sent(method, path, body))), "{method} {path}");
                }
            }
        }
    }

    #[test]
    fn a_request_that_can_not_be_read_is_no_job_either() {
        let whole = sent("POST", "/events", r#"{"job": "outbox"}"#);
        for (member, broken) in [
            ("headers", json!({"x": 1})),
            ("headers", json!({"bad name": "x"})),
            ("requestContext", json!({"http": 1})),
            ("requestContext", json!("PassThrough")),
            ("requestContext", Value::Null),
            ("body", json!({"job": "outbox"})),
            ("job", json!("outbox")),
        ] {
            let mut event = whole.clone();
            event[member] = broken;
            let request = read(&event);
            assert!(!is_job(&request) || job(request.body()).is_err(), "{event}");
        }
    }
}
