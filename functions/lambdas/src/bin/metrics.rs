//! The metrics function: configuration → adapters → router → Lambda.

use tuition_adapters::config::MetricConfig;
use tuition_adapters::{Outside, metric_ports, tokens};
use tuition_domain::access::Tokens;
use tuition_handlers::metrics::{Metrics, router};
use tuition_lambdas::Told;

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    tuition_lambdas::start_log();
    let told = Told::read(&["edge-secret", "access-keys"]).await?;
    let config = MetricConfig::parse(|name| told.lookup(name))?;
    let outside = Outside::deployed(&config.base)?;
    let keys = told.current_keys(&config.keys, &outside);
    let router = router(Metrics {
        front: tuition_lambdas::front(&config.base, &outside),
        ports: metric_ports(&config, &outside),
        tokens: Tokens {
            keys: keys.clone(),
            ..tokens(&config.keys, &config.base)
        },
    });
    lambda_http::run(keys.before(router)).await
}
