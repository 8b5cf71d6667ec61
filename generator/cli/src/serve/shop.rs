//! The four functions, put together as a deployed shop puts them together, with the clock and
//! catalog of this process and stand-ins at the far end.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http::{HeaderValue, StatusCode};
use jiff::Timestamp;
use serde_json::json;
use tuition_adapters::config::{AccessConfig, CheckoutConfig, CommentConfig, MetricConfig};
use tuition_adapters::{
    OsEntropy, Outside, SharedCatalog, Table, access_ports, aws, checkout_ports, comment_ports,
    feedback, metric_ports, tokens,
};
use tuition_domain::access::Tokens;
use tuition_domain::checkout::{CheckoutPorts, Job, run_job};
use tuition_domain::ports::{Clock, KeySource};
use tuition_handlers::access::Access;
use tuition_handlers::checkout::Checkout;
use tuition_handlers::comments::Comments;
use tuition_handlers::metrics::Metrics;
use tuition_handlers::{Front, access, checkout, comments, metrics};
use tuition_stand_ins::{StandIns, SteppableClock};

use super::ServeError;
use super::api::Api;
use super::headers::HeaderTable;
use super::keys::LocalKeys;
use super::variables::{FarEnds, Variables};

/// Where the SES double says what became of mail.
pub(crate) const FEEDBACK_PATH: &str = "/_dev/jobs/feedback";

/// How often jobs that a deployed shop schedules run here.
const JOB_INTERVAL: Duration = Duration::from_secs(15);
/// How often we are compared with the payment provider.
const RECONCILE_INTERVAL: Duration = Duration::from_secs(3600);

/// The shop.
#[derive(Clone)]
pub struct Shop {
    /// The four functions.
    pub api: Api,
    /// Signs and checks access tokens.
    pub tokens: Tokens,
    /// The shop's time.
    pub clock: Arc<dyn Clock>,
    checkout: CheckoutPorts,
}

/// The steppable clock as the domain knows a clock.
pub(crate) struct ShopClock(pub(crate) SteppableClock);

impl Clock for ShopClock {
    fn now(&self) -> Timestamp {
        self.0.now()
    }
}

impl Shop {
    /// Makes the tables, and the functions over them.
    pub async fn open(
        origin: &str,
        keys: &LocalKeys,
        key_source: Arc<dyn KeySource>,
        stand_ins: &StandIns,
        catalog: SharedCatalog,
        headers: Arc<HeaderTable>,
    ) -> Result<Self, ServeError> {
        const WHAT: &str = "the functions did not start";
        let variables = Variables::local(origin, keys, &FarEnds::of(stand_ins))
            .map_err(ServeError::machine(WHAT))?;
        let lookup = |name: &str| variables.lookup(name);
        let checkout = CheckoutConfig::parse(lookup).map_err(ServeError::machine(WHAT))?;
        let access = AccessConfig::parse(lookup).map_err(ServeError::machine(WHAT))?;
        let comments = CommentConfig::parse(lookup).map_err(ServeError::machine(WHAT))?;
        let metrics = MetricConfig::parse(lookup).map_err(ServeError::machine(WHAT))?;

        let clock: Arc<dyn Clock> = Arc::new(ShopClock(stand_ins.clock()));
        let outside = Outside {
            clock: Arc::clone(&clock),
            entropy: Arc::new(OsEntropy),
            catalog: Arc::new(catalog),
            aws: aws::made_up(),
        };
        Table::of(&checkout.base, &outside)
            .ensure()
            .await
            .map_err(ServeError::machine(WHAT))?;

        let front = Front {
            origin: origin.to_owned(),
            edge_secret: keys.edge_secret.clone(),
            entropy: Arc::clone(&outside.entropy),
            catalog: Arc::clone(&outside.catalog),
        };
        let tokens = Tokens {
            keys: key_source,
            ..tokens(&access.keys, &access.base)
        };
        let ports = checkout_ports(&checkout, &outside).map_err(ServeError::machine(WHAT))?;
        let edge_secret =
            HeaderValue::from_str(&keys.edge_secret).map_err(ServeError::machine(WHAT))?;
        let api = Api {
            checkout: checkout::router(Checkout {
                front: front.clone(),
                ports: ports.clone(),
                tokens: tokens.clone(),
                webhook: checkout.webhook.clone(),
            }),
            access: access::router(Access {
                front: front.clone(),
                ports: access_ports(&access, &outside),
                tokens: tokens.clone(),
            }),
            comments: comments::router(Comments {
                front: front.clone(),
                ports: comment_ports(&comments, &outside),
            }),
            metrics: metrics::router(Metrics {
                front,
                ports: metric_ports(&metrics, &outside),
                tokens: tokens.clone(),
            }),
            edge_secret,
            headers,
        };
        Ok(Self {
            api,
            tokens,
            clock,
            checkout: ports,
        })
    }

    /// Runs what a deployed shop schedules, for ever.
    pub async fn run_jobs(self) {
        let mut compared = tokio::time::Instant::now();
        loop {
            tokio::time::sleep(JOB_INTERVAL).await;
            self.run_scheduled(Job::Digests).await;
            self.run_scheduled(Job::Outbox).await;
            if compared.elapsed() >= RECONCILE_INTERVAL {
                compared = tokio::time::Instant::now();
                self.run_scheduled(Job::Reconcile).await;
            }
        }
    }

    async fn run_scheduled(&self, job: Job) {
        if let Err(error) = run_job(&self.checkout, job).await {
            tracing::warn!(%error, "a job will be tried again");
        }
    }

    /// `POST /_dev/jobs/{name}`: a scheduled job, now.
    pub fn jobs_router(&self) -> Router {
        Router::new()
            .route(FEEDBACK_PATH, post(dev_feedback))
            .route("/_dev/jobs/{name}", post(dev_job))
            .with_state(self.checkout.clone())
    }
}

async fn dev_job(State(ports): State<CheckoutPorts>, Path(name): Path<String>) -> Response {
    let Some(job) = Job::named(&name) else {
        let answer = Json(json!({ "jobs": Job::SCHEDULED }));
        return (StatusCode::NOT_FOUND, answer).into_response();
    };
    run(&ports, job).await
}

/// What SNS posts to an address (as `text/plain`), which a function gets in a record.
async fn dev_feedback(State(ports): State<CheckoutPorts>, body: String) -> Response {
    let read = serde_json::from_str(&body).and_then(|notification: serde_json::Value| {
        feedback(&json!({ "Records": [{ "Sns": notification }] }))
    });
    match read {
        Ok(all) => run(&ports, Job::Feedback(all)).await,
        Err(error) => {
            let answer = Json(json!({ "failed": error.to_string() }));
            (StatusCode::BAD_REQUEST, answer).into_response()
        }
    }
}

async fn run(ports: &CheckoutPorts, job: Job) -> Response {
    match run_job(ports, job).await {
        Ok(done) => Json(done).into_response(),
        Err(error) => {
            tracing::warn!(%error, "a job failed");
            let answer = Json(json!({ "failed": error.to_string() }));
            (StatusCode::SERVICE_UNAVAILABLE, answer).into_response()
        }
    }
}
