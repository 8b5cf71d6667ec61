//! The checkout function: configuration → adapters → router → Lambda.

use tuition_adapters::config::{CheckoutConfig, environment};
use tuition_adapters::{Outside, checkout_ports, tokens};
use tuition_handlers::checkout::{Checkout, router};

#[tokio::main]
async fn main() -> Result<(), lambda_http::Error> {
    tuition_lambdas::start_log();
    let config = CheckoutConfig::parse(environment)?;
    let outside = Outside::deployed(&config.base)?;
    let ports = checkout_ports(&config, &outside)?;
    let router = router(Checkout {
        front: tuition_lambdas::front(&config.base, &outside),
        ports: ports.clone(),
        tokens: tokens(&config.keys, &config.base),
        webhook: config.webhook.clone(),
    });
    tuition_lambdas::run_with_jobs(router, ports).await
}
