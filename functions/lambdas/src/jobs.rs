//! What wakes the checkout function besides requests: the schedule (`{"job": "outbox"}`) and mail
//! that came back (Amazon SES, by SNS).

use lambda_http::lambda_runtime::{LambdaEvent, service_fn};
use lambda_http::{Adapter, Error, Service as _};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tuition_adapters::feedback;
use tuition_domain::checkout::{CheckoutPorts, Job, run_job};

/// Serves `router`, and does `ports`' jobs when it is told to.
pub async fn run_with_jobs(router: axum::Router, ports: CheckoutPorts) -> Result<(), Error> {
    let http = Adapter::from(router);
    lambda_http::lambda_runtime::run(service_fn(move |event: LambdaEvent<Box<RawValue>>| {
        let (mut http, ports) = (http.clone(), ports.clone());
        async move {
            let (payload, context) = event.into_parts();
            if let Some(job) = job(payload.get())? {
                return Ok::<Value, Error>(run_job(&ports, job).await?);
            }
            let request = serde_json::from_str(payload.get())?;
            let response = http.call(LambdaEvent::new(request, context)).await?;
            Ok(json!(response))
        }
    }))
    .await
}

/// The job that a payload asks for; `None` for a request.
fn job(payload: &str) -> Result<Option<Job>, Error> {
    #[derive(Deserialize)]
    struct Payload {
        job: Option<String>,
        #[serde(rename = "Records")]
        records: Option<Value>,
    }
    let asked: Payload = serde_json::from_str(payload)?;
    match (asked.job, asked.records) {
        (Some(name), _) => match Job::named(&name) {
            Some(job) => Ok(Some(job)),
            None => Err(format!("there is no job {name:?}").into()),
        },
        (None, Some(records)) => {
            let feedback = feedback(&json!({ "Records": records }))?;
            Ok(Some(Job::Feedback(feedback)))
        }
        (None, None) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_a_bounce_and_a_request_are_told_apart() {
        assert_eq!(job(r#"{"job": "outbox"}"#).unwrap(), Some(Job::Outbox));
        assert!(job(r#"{"job": "dance"}"#).is_err());
        assert!(job("[]").is_err());
        let request = r#"{"version": "2.0", "rawPath": "/api/checkout/offers"}"#;
        assert_eq!(job(request).unwrap(), None);
        let empty = r#"{"Records": []}"#;
        assert_eq!(job(empty).unwrap(), Some(Job::Feedback(Vec::new())));
    }
}
