//! The metrics function: configuration → adapters → router → Lambda.

use tuition_adapters::config::{MetricConfig, environment};
use tuition_adapters::{Outside, metric_ports};
use tuition_handlers::metrics::{Metrics, router};

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    tuition_lambdas::start_log();
    let config = MetricConfig::parse(environment)?;
    let outside = Outside::deployed(&config.base)?;
    lambda_http::run(router(Metrics {
        front: tuition_lambdas::front(&config.base, &outside),
        ports: metric_ports(&config, &outside),
    }))
    .await
}
